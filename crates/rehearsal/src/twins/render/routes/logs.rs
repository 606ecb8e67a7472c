//! Log lines of one or more services.

use std::time::{Duration, SystemTime};

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::super::Render;
use super::super::log::Line;
use super::super::service::Service;
use super::super::time::stamp;
use super::super::world::World;
use super::answer::Refusal;
use super::events::DEFAULT_SPAN;
use super::query::Params;

/// Filters for the lines of HTTP requests and of workflows. The twin writes
/// neither, so any of these leaves nothing.
const FILTERS_OF_OTHER_LINES: [&str; 7] =
    ["host", "statusCode", "method", "path", "task", "taskRun", "sandbox"];

/// No two lines of a service are closer than this.
const MICROSECOND: Duration = Duration::from_micros(1);

/// A page of lines. The next page is asked for with `nextStartTime` and
/// `nextEndTime`: backward the window shrinks from its end, forward from its
/// start.
pub(super) async fn list(State(render): State<Render>, params: Params) -> Result<Json<Value>, Refusal> {
    let backward = params.word("direction", &["backward", "forward"])? == "backward";
    let limit = params.limit()?;
    render.with(|world, now| {
        let skew = world.policy.skew;
        let start = params.time("startTime", skew)?.unwrap_or(now - DEFAULT_SPAN);
        let end = params.time("endTime", skew)?;
        let inside = |line: &Line| line.at >= start && end.is_none_or(|end| line.at < end);
        let mut lines: Vec<(&str, &Line)> = Vec::new();
        for service in resources(world, &params)? {
            let wanted = service.log.lines().filter(|line| inside(line) && is_wanted(line, &params));
            lines.extend(wanted.map(|line| (service.settings.id.as_str(), line)));
        }
        lines.sort_by_key(|(_, line)| line.at);
        if backward {
            lines.reverse();
        }
        // Unless asked otherwise nothing is too new, and so it stays on later pages.
        let newest = lines.iter().map(|(_, line)| line.at).max();
        let end = end.unwrap_or_else(|| newest.map_or(now, |at| at.max(now)) + MICROSECOND);
        let has_more = lines.len() > limit;
        lines.truncate(limit);
        let last = lines.last().map(|(_, line)| line.at);
        let (next_start, next_end) = next_window(backward, start, end, last);
        let json = |(id, line): (&str, &Line)| line.json(id, skew);
        Ok(Json(json!({
            "hasMore": has_more,
            "nextStartTime": stamp(skew.shown(next_start)),
            "nextEndTime": stamp(skew.shown(next_end)),
            "logs": lines.into_iter().map(json).collect::<Vec<_>>(),
        })))
    })
}

fn next_window(
    backward: bool,
    start: SystemTime,
    end: SystemTime,
    last: Option<SystemTime>,
) -> (SystemTime, SystemTime) {
    match last {
        Some(last) if backward => (start, last),
        Some(last) => (last + MICROSECOND, end),
        None => (start, end),
    }
}

fn is_wanted(line: &Line, params: &Params) -> bool {
    let texts = params.all("text");
    FILTERS_OF_OTHER_LINES.iter().all(|name| params.list(name).is_empty())
        && params.admits("type", line.kind.word())
        && params.admits("level", line.level)
        && params.admits("instance", &line.instance)
        && (texts.is_empty() || texts.iter().any(|text| line.message.contains(text)))
}

/// The services whose lines are asked for: all of one owner and one region
/// (Render's API reference, list logs).
fn resources<'a>(world: &'a World, params: &Params) -> Result<Vec<&'a Service>, Refusal> {
    let owner = params.one("ownerId").filter(|owner| !owner.is_empty());
    let owner = owner.ok_or_else(|| Refusal::bad_request("ownerId is required"))?;
    let ids = params.list("resource");
    if ids.is_empty() {
        return Err(Refusal::bad_request("resource is required"));
    }
    let mut services: Vec<&Service> = Vec::new();
    for id in ids {
        let service = super::services::find(world, id)?;
        if service.settings.owner != owner {
            return Err(Refusal::not_found(id));
        }
        if services.first().is_some_and(|first| first.settings.region != service.settings.region) {
            return Err(Refusal::bad_request("all resources must be in the same region"));
        }
        services.push(service);
    }
    Ok(services)
}

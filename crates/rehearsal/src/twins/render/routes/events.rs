//! What happened to a service.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use serde_json::Value;

use super::super::Render;
use super::answer::Refusal;
use super::query::Params;
use super::services::find;

/// Without a start time, the last hour (Render's API reference).
pub(super) const DEFAULT_SPAN: Duration = Duration::from_secs(3600);

pub(super) async fn list(
    State(render): State<Render>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, Refusal> {
    render.with(|world, now| {
        let skew = world.policy.skew;
        let start = params.time("startTime", skew)?.unwrap_or(now - DEFAULT_SPAN);
        let end = params.time("endTime", skew)?;
        let rows = find(world, &id)?.events.iter().filter(|event| {
            event.at >= start && end.is_none_or(|end| event.at < end) && params.admits("type", event.kind)
        });
        params.page("event", rows.map(|event| (event.sequence, event.json(&id, skew)))).map(Json)
    })
}

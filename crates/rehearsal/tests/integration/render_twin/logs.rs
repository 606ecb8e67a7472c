//! Logs: what is asked for, pages, hostile lines.

use rehearsal::twins::render::{End, NewService, OWNER, hostile_lines};
use serde_json::Value;

use super::bench::{Bench, seconds, sha, slow};
use crate::call::call;

fn messages(page: &Value) -> Vec<&str> {
    page["logs"].as_array().unwrap().iter().map(|line| line["message"].as_str().unwrap()).collect()
}

/// All messages, page by page, by feeding the two times back.
fn all(bench: &Bench, service: &str, query: &str) -> Vec<String> {
    let base = format!("/v1/logs?ownerId={OWNER}&resource={service}{query}");
    let mut path = base.clone();
    let mut found = Vec::new();
    for _ in 0..100 {
        let page = bench.get(&path);
        found.extend(messages(&page).into_iter().map(str::to_owned));
        if page["hasMore"] == false {
            return found;
        }
        let time = |name: &str| page[name].as_str().unwrap().to_owned();
        path = format!("{base}&startTime={}&endTime={}", time("nextStartTime"), time("nextEndTime"));
    }
    panic!("no end of pages");
}

#[test]
fn a_failed_builds_log_can_be_paged_both_ways() {
    let bench = Bench::new();
    let id = bench.web("api");
    let lines: Vec<String> = (0..57).map(|number| format!("line {number}")).collect();
    bench.render.plan_deploys(&id, [slow().end(End::BuildFailed).build_log(&lines)]).unwrap();
    bench.deploy(&id, &sha('b'));
    bench.pass(seconds(60));
    let forward = all(&bench, &id, "&direction=forward&limit=10");
    assert_eq!(forward.len(), 60, "{forward:?}");
    assert_eq!(forward[2..59], lines);
    assert!(forward[1].contains(&sha('b')));
    assert_eq!(forward[59], "==> Build failed");
    let mut backward = all(&bench, &id, "&limit=7");
    assert_eq!(backward[0], "==> Build failed", "newest first unless asked otherwise");
    backward.reverse();
    assert_eq!(backward, forward);
    let page = bench.get(&format!("/v1/logs?ownerId={OWNER}&resource={id}"));
    assert_eq!((messages(&page).len(), &page["hasMore"]), (20, &Value::Bool(true)));
}

#[test]
fn lines_are_filtered_and_the_last_hour_is_shown() {
    let bench = Bench::new();
    let id = bench.web("api");
    bench.deploy(&id, &sha('b'));
    bench.render.log(&id, "drain complete, exiting").unwrap();
    bench.pass(seconds(120));
    assert_eq!(all(&bench, &id, "&type=app"), ["drain complete, exiting"]);
    assert_eq!(all(&bench, &id, "&text=complete,%20exit"), ["drain complete, exiting"]);
    assert_eq!(all(&bench, &id, "&type=build").len(), 3);
    assert_eq!(all(&bench, &id, "&type=build&type=app").len(), 4);
    assert_eq!(all(&bench, &id, "&level=error").len(), 0);
    assert_eq!(all(&bench, &id, "&statusCode=500").len(), 0);
    bench.pass(seconds(3600));
    assert_eq!(all(&bench, &id, "").len(), 0);
    assert_eq!(all(&bench, &id, "&startTime=2020-01-01T00:00:00Z&type=app").len(), 1);
}

#[test]
fn several_resources_need_one_owner_and_one_region() {
    let bench = Bench::new();
    let (one, two) = (bench.web("one"), bench.web("two"));
    for id in [&one, &two] {
        bench.render.log(id, &format!("of {id}")).unwrap();
    }
    let base = format!("/v1/logs?ownerId={OWNER}&resource={one}");
    let both = bench.get(&format!("{base}&resource={two}&type=app"));
    assert_eq!(messages(&both).len(), 2);
    let far = bench.render.add_service(&NewService::web("far").region("singapore"));
    bench.bare("GET", &format!("{base}&resource={far}"), 400);
    let foreign = bench.render.add_service(&NewService::web("foreign").owner("tea-other"));
    bench.bare("GET", &format!("{base}&resource={foreign}"), 404);
    assert_eq!(bench.misuse(call("GET", &format!("/v1/logs?resource={one}"))).status, 400);
    assert_eq!(bench.misuse(call("GET", &format!("/v1/logs?ownerId={OWNER}"))).status, 400);
    assert_eq!(bench.misuse(call("GET", &format!("{base}&direction=sideways"))).status, 400);
}

#[test]
fn hostile_lines_arrive_as_they_were_written() {
    let bench = Bench::new();
    let id = bench.web("api");
    let hostile = hostile_lines("rnd_canary");
    bench.render.plan_deploys(&id, [slow().build_log(&hostile)]).unwrap();
    bench.deploy(&id, &sha('b'));
    bench.pass(seconds(1));
    let seen = all(&bench, &id, "&direction=forward&limit=100");
    assert_eq!(seen[2..], hostile);
    let has = |part: &str| seen.iter().any(|line| line.contains(part));
    assert!(has("::error") && has("##[error]") && has("\u{1b}[") && has("rnd_canary") && has("\r::"));
    assert!(seen.iter().any(|line| line.len() >= 300_000));
}

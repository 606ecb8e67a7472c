//! What a request for a deploy may say, lists of deploys, rollbacks.

use std::time::SystemTime;

use rehearsal::twins::render::{NewService, Skew};
use serde_json::{Value, json};

use super::bench::{Bench, seconds, sha, slow, words};
use crate::call::call;

fn trigger(bench: &Bench, service: &str, body: &Value) -> (u16, Value) {
    let reply = bench.send(call("POST", &format!("/v1/services/{service}/deploys")).json(body));
    (reply.status, reply.json())
}

#[test]
fn a_commit_is_named_in_full_or_shortened() {
    let bench = Bench::new();
    let id = bench.web("api");
    bench.render.push(&id, "0123456789abcdef0123456789abcdef01234567").unwrap();
    let (status, deploy) = trigger(&bench, &id, &json!({"commitId": "0123456"}));
    assert_eq!((status, &deploy["commit"]["id"]), (201, &json!("0123456789abcdef0123456789abcdef01234567")));
    assert_eq!(trigger(&bench, &id, &json!({"commitId": "fedcba9"})).0, 404);
    for bad in ["main", "012345", "", "0123456789abcdef0123456789abcdef012345678"] {
        assert_eq!(trigger(&bench, &id, &json!({"commitId": bad})).0, 400, "{bad}");
    }
}

#[test]
fn an_image_service_deploys_images_of_its_own_name_without_building() {
    let bench = Bench::new();
    let image = NewService::web("api").image("registry.example:5000/acme/api:1").live(&sha('a')).plan(slow());
    let id = bench.render.add_service(&image);
    let (status, deploy) = trigger(&bench, &id, &json!({"imageUrl": "registry.example:5000/acme/api:2"}));
    assert_eq!((status, &deploy["commit"]), (201, &Value::Null));
    assert_eq!(deploy["status"], "update_in_progress", "recorded so in a first answer");
    assert_eq!(deploy["image"]["ref"], "registry.example:5000/acme/api:2");
    let digest = deploy["image"]["sha"].as_str().unwrap();
    assert!(digest.starts_with("sha256:") && digest.len() == 71, "{digest}");
    let other = json!({"imageUrl": "registry.example:5000/acme/other:2"});
    assert_eq!(trigger(&bench, &id, &other).0, 400);
    assert_eq!(trigger(&bench, &id, &json!({"commitId": sha('b')})).0, 400);
    let git = bench.web("git");
    assert_eq!(trigger(&bench, &git, &json!({"imageUrl": "docker.io/acme/api:2"})).0, 400);
}

#[test]
fn deploy_only_ships_the_last_build_with_new_variables() {
    let bench = Bench::new();
    let id = bench.web("api");
    bench.render.set_env(&id, "K", "new").unwrap();
    let (status, deploy) = trigger(&bench, &id, &json!({"deployMode": "deploy_only"}));
    assert_eq!((status, &deploy["commit"]["id"]), (201, &json!(sha('a'))));
    bench.pass(seconds(30));
    let deploy = bench.seen(&id, deploy["id"].as_str().unwrap());
    assert_eq!(words(&deploy), ["created", "queued", "update_in_progress", "live"]);
    assert_eq!(bench.render.running_env(&id).unwrap().unwrap()["K"], "new");

    let with =
        |name: &str, value: &str| trigger(&bench, &id, &json!({"deployMode": "deploy_only", name: value})).0;
    assert_eq!(with("commitId", &sha('b')), 400);
    assert_eq!(with("clearCache", "clear"), 400);
    assert_eq!(with("artifactId", "art-1"), 400);
    let fresh = bench.render.add_service(&NewService::web("fresh"));
    assert_eq!(trigger(&bench, &fresh, &json!({"deployMode": "deploy_only"})).0, 400);
}

#[test]
fn a_malformed_request_for_a_deploy_changes_nothing() {
    let bench = Bench::new();
    let id = bench.web("api");
    let path = format!("/v1/services/{id}/deploys");
    let post = || call("POST", &path);
    let bad = [
        post(),
        post().bytes("application/json", "{"),
        post().bytes("text/plain", "{}"),
        post().json(&json!([])),
        post().json(&json!({"commitId": 7})),
        post().json(&json!({"clearCache": "perhaps"})),
        post().json(&json!({"deployMode": "build_only"})),
    ];
    for call in bad {
        let reply = bench.misuse(call);
        assert_eq!(reply.status, 400, "{}", reply.text());
        assert!(reply.json()["message"].is_string());
    }
    assert_eq!(bench.listed(&id, "").len(), 1);
    assert_eq!(bench.render.effects(), []);
    bench.write("POST", "/v1/services/srv-unknown/deploys", &json!({}), 404);
}

#[test]
fn deploys_are_listed_newest_first_and_in_windows_of_time() {
    let bench = Bench::new();
    let id = bench.web("api");
    let mut made: Vec<String> = Vec::new();
    let mut times = Vec::new();
    for digit in "bcd".chars() {
        bench.pass(seconds(100));
        times.push(stamp(bench.render.now()));
        made.push(bench.deploy(&id, &sha(digit)));
    }
    bench.pass(seconds(100));
    made.reverse();
    assert_eq!(bench.listed(&id, "?limit=3"), made);
    let rows = bench.get(&format!("/v1/services/{id}/deploys?limit=1"));
    let cursor = rows[0]["cursor"].as_str().unwrap();
    assert_eq!(bench.listed(&id, &format!("?limit=2&cursor={cursor}")), made[1..]);
    assert_eq!(bench.listed(&id, &format!("?createdAfter={}", times[1])), made[..1]);
    let both = format!("?createdAfter={}&createdBefore={}", times[0], times[2]);
    assert_eq!(bench.listed(&id, &both), made[1..2]);
    assert_eq!(bench.listed(&id, &format!("?finishedAfter={}", times[2])), made[..1]);
    assert_eq!(bench.misuse(call("GET", &format!("/v1/services/{id}/deploys?status=done"))).status, 400);
    let bad_time = format!("/v1/services/{id}/deploys?createdAfter=yesterday");
    assert_eq!(bench.misuse(call("GET", &bad_time)).status, 400);
    bench.bare("GET", &format!("/v1/services/{id}/deploys/dep-unknown"), 404);
}

fn stamp(time: SystemTime) -> String {
    // A new deploy is made a moment later, even on a clock that stands still.
    humantime::format_rfc3339_micros(time).to_string()
}

#[test]
fn a_rollback_takes_the_old_variables_but_the_present_groups() {
    let bench = Bench::new();
    let new = NewService::web("api").variable("OWN", "old").live(&sha('a')).plan(slow());
    let id = bench.render.add_service(&new);
    let old = bench.render.live_deploy(&id).unwrap().unwrap().id;
    let group = bench.render.add_env_group("shared", [("SHARED", "old")]);
    bench.render.link_env_group(&group, &id).unwrap();
    bench.render.set_env(&id, "OWN", "new").unwrap();
    let failed = {
        let plan = slow().end(rehearsal::twins::render::End::BuildFailed);
        bench.render.plan_deploys(&id, [plan]).unwrap();
        bench.deploy(&id, &sha('e'))
    };
    bench.pass(seconds(60));
    bench.deploy(&id, &sha('b'));
    bench.pass(seconds(90));
    bench.write("PUT", &format!("/v1/env-groups/{group}/env-vars/SHARED"), &json!({"value": "newer"}), 200);

    let path = format!("/v1/services/{id}/rollback");
    let rollback = bench.write("POST", &path, &json!({"deployId": old}), 201).json();
    assert_eq!((&rollback["trigger"], &rollback["commit"]["id"]), (&json!("rollback"), &json!(sha('a'))));
    assert_eq!(rollback["status"], "update_in_progress", "nothing is built");
    bench.pass(seconds(30));
    let running = bench.render.running_env(&id).unwrap().unwrap();
    assert_eq!((running["OWN"].as_str(), running["SHARED"].as_str()), ("old", "newer"));
    assert_eq!(bench.render.env(&id).unwrap()["OWN"], "new", "what is stored stays");

    bench.write("POST", &path, &json!({"deployId": failed}), 400);
    bench.write("POST", &path, &json!({"deployId": "dep-unknown"}), 404);
    bench.render.forget_build(&id, &old).unwrap();
    bench.write("POST", &path, &json!({"deployId": old}), 400);
    assert_eq!(bench.misuse(call("POST", &path).json(&json!({}))).status, 400);
}

#[test]
fn a_forgotten_deploy_is_found_nowhere_and_what_serves_is_never_forgotten() {
    let bench = Bench::new();
    let id = bench.web("api");
    let old = bench.render.live_deploy(&id).unwrap().unwrap();
    let path = format!("/v1/services/{id}/deploys");
    bench.render.forget_deploys(&id, old.commit().unwrap()).unwrap();
    assert_eq!(bench.listed(&id, "").join(" "), old.id);
    let new = bench.deploy(&id, &sha('b'));
    bench.pass(seconds(200));
    assert_eq!(bench.listed(&id, "").len(), 2);

    bench.render.forget_deploys(&id, old.commit().unwrap()).unwrap();
    assert_eq!(bench.listed(&id, "").join(" "), new);
    assert_eq!(bench.send(call("GET", &format!("{path}/{}", old.id))).status, 404);
    bench.write("POST", &format!("/v1/services/{id}/rollback"), &json!({"deployId": old.id}), 404);
    assert_eq!(bench.render.live_deploy(&id).unwrap().unwrap().id, new);
    let next = bench.deploy(&id, &sha('c'));
    bench.pass(seconds(200));
    assert_eq!(bench.render.live_deploy(&id).unwrap().unwrap().id, next);
}

#[test]
fn render_and_its_caller_may_disagree_about_the_time() {
    let bench = Bench::new();
    let id = bench.web("api");
    let path = format!("/v1/services/{id}/deploys");
    for (skew, shift) in [(Skew::Ahead(seconds(7)), 7_i64), (Skew::Behind(seconds(7)), -7)] {
        bench.render.set_skew(skew);
        let deploy = bench.write("POST", &path, &json!({"commitId": sha('b')}), 201).json();
        let shown = humantime::parse_rfc3339(deploy["createdAt"].as_str().unwrap()).unwrap();
        let now = bench.render.now();
        let expected = if shift > 0 { now + seconds(7) } else { now - seconds(7) };
        assert_eq!(shown, expected);
        let after = stamp(shown - seconds(1));
        let id = deploy["id"].as_str().unwrap().to_owned();
        assert!(bench.listed(&deploy_service(&path), &format!("?createdAfter={after}")).contains(&id));
        bench.pass(seconds(200));
    }
}

fn deploy_service(path: &str) -> String {
    path.split('/').nth(3).unwrap().to_owned()
}

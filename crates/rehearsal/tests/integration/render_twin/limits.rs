//! Rate limits and their headers.

use rehearsal::twins::render::Limits;
use serde_json::json;

use super::bench::{Bench, seconds, sha};
use crate::call::{Reply, call};

fn standing(reply: &Reply) -> (u32, u32, u64) {
    let number = |name: &str| reply.header(name).unwrap();
    (
        number("ratelimit-limit").parse().unwrap(),
        number("ratelimit-remaining").parse().unwrap(),
        number("ratelimit-reset").parse().unwrap(),
    )
}

#[test]
fn changes_to_one_service_share_ten_a_minute() {
    let bench = Bench::new();
    let (id, other) = (bench.web("api"), bench.web("other"));
    bench.render.set_limits(Limits::default());
    let path = format!("/v1/services/{id}");
    let mut used = Vec::new();
    for round in 0..5 {
        let patched = bench.write("PATCH", &path, &json!({"rootDir": format!("r{round}")}), 200);
        let deployed = bench.write("POST", &format!("{path}/deploys"), &json!({"commitId": sha('b')}), 201);
        used.extend([patched, deployed].iter().map(|reply| standing(reply).1));
    }
    assert_eq!(used, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    let effects = bench.render.effects().len();
    let refused = bench.write("POST", &format!("{path}/deploys"), &json!({"commitId": sha('c')}), 429);
    let (limit, remaining, reset) = standing(&refused);
    assert_eq!((limit, remaining), (10, 0));
    assert!((1..=60).contains(&reset), "seconds left, not an epoch: {reset}");
    assert!(refused.json()["message"].is_string());
    assert_eq!(bench.render.effects().len(), effects, "a refused request changes nothing");
    bench.bare("POST", &format!("{path}/suspend"), 429);
    bench.write("PATCH", &format!("/v1/services/{other}"), &json!({"rootDir": "x"}), 200);
    assert_eq!(standing(&bench.send(call("GET", &path))).0, 400);
    bench.pass(seconds(reset));
    let again = bench.bare("POST", &format!("{path}/suspend"), 202);
    assert_eq!(standing(&again).1, 9);
}

#[test]
fn reads_and_other_writes_have_limits_of_their_own() {
    let bench = Bench::new();
    let id = bench.web("api");
    bench.render.set_limits(Limits { reads: Some(3), other_writes: Some(2), ..Limits::default() });
    let path = format!("/v1/services/{id}");
    let reads: Vec<u16> = (0..4).map(|_| bench.send(call("GET", &path)).status).collect();
    assert_eq!(reads, [200, 200, 200, 429]);
    let put = |key: &str| {
        bench.send(call("PUT", &format!("{path}/env-vars/{key}")).json(&json!({"value": "1"}))).status
    };
    assert_eq!([put("A"), put("B"), put("C")], [200, 200, 429]);
    assert_eq!(bench.render.env(&id).unwrap().len(), 2);
    bench.pass(seconds(60));
    assert_eq!((put("C"), bench.send(call("GET", &path)).status), (200, 200));
}

#[test]
fn without_limits_no_header_speaks_of_them() {
    let bench = Bench::new();
    let reply = bench.bare("GET", "/v1/services", 200);
    assert_eq!(reply.header("ratelimit-limit"), None);
    bench.render.set_limits(Limits::default());
    let reply = bench.bare("GET", "/v1/services", 200);
    assert_eq!((standing(&reply).0, standing(&reply).1), (400, 399));
}

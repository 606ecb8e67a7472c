//! What every request passes: the key, the accepted type, the routes.

use rehearsal::twins::render::API_KEY;

use super::bench::Bench;
use crate::call::call;

#[test]
fn a_request_needs_the_key() {
    let bench = Bench::new();
    let get = || call("GET", "/v1/services");
    let strangers = [
        get(),
        get().bearer("rnd_other"),
        get().header("authorization", API_KEY),
        get().header("authorization", &format!("Basic {API_KEY}")),
    ];
    for stranger in strangers {
        let reply = bench.send_as_is(stranger);
        assert_eq!((reply.status, reply.header("ratelimit-limit")), (401, None));
        assert!(reply.json()["message"].is_string());
        assert!(!reply.text().contains(API_KEY));
    }
    assert_eq!(bench.send_as_is(get().header("authorization", &format!("bearer {API_KEY}"))).status, 200);
    bench.render.set_api_key("rnd_canary");
    assert_eq!(bench.send_as_is(get().bearer(API_KEY)).status, 401);
    assert_eq!(bench.send_as_is(get().bearer("rnd_canary")).status, 200);
}

#[test]
fn only_json_is_served() {
    let bench = Bench::new();
    let accept = |types: &str| bench.send(call("GET", "/v1/services").header("accept", types)).status;
    assert_eq!(accept("application/json"), 200);
    assert_eq!(accept("text/html, */*;q=0.8"), 200);
    assert_eq!(accept("text/html"), 406);
}

#[test]
fn an_unknown_route_answers_500_and_names_itself() {
    let bench = Bench::new();
    let unknown = [("GET", "/v1/disks"), ("PUT", "/v1/services"), ("GET", "/v2/services"), ("GET", "/")];
    for (method, path) in unknown {
        let reply = bench.misuse(call(method, path));
        assert_eq!(reply.status, 500, "{method} {path}");
        let message = reply.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(&format!("{method} {path}")), "{message}");
    }
}

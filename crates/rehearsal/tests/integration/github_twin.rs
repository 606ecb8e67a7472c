//! The GitHub twin keeps the vendor's word, the awkward parts too.

use std::sync::Arc;
use std::time::Duration;

use action::SimClock;
use rehearsal::contract::Vendor;
use rehearsal::server::Server;
use rehearsal::twins::github::{ACTIONS, GitHub, Level, TOKEN, Token};
use serde_json::json;

use crate::call::{Call, Reply, call};

const REPOSITORY: &str = "acme/api";

struct World {
    server: Server,
    twin: GitHub,
    clock: Arc<SimClock>,
    commit: String,
}

impl World {
    fn start() -> Self {
        let clock = Arc::new(SimClock::default());
        let twin = GitHub::new(Arc::<SimClock>::clone(&clock));
        let commit = twin.add_commit(REPOSITORY, "begin", &[]);
        twin.set_reference(REPOSITORY, "heads/main", &commit);
        let server = Server::of(Vendor::Github, twin.router()).unwrap();
        Self { server, twin, clock, commit }
    }

    fn send(&self, call: Call) -> Reply {
        call.bearer(TOKEN).send(&self.server)
    }

    fn get(&self, rest: &str) -> Reply {
        self.send(call("GET", &format!("/repos/{REPOSITORY}{rest}")))
    }

    fn set(&self, state: &str, context: &str) -> Reply {
        let path = format!("/repos/{REPOSITORY}/statuses/{}", self.commit);
        self.send(call("POST", &path).json(&json!({"state": state, "context": context})))
    }

    fn of_commit(&self, rest: &str) -> String {
        format!("/commits/{}{rest}", self.commit)
    }
}

#[test]
fn a_context_ends_after_a_thousand_statuses_and_letter_case_makes_no_other() {
    let world = World::start();
    world.twin.set_rate_limit(u32::MAX);
    for _ in 0..999 {
        world.twin.add_status(REPOSITORY, &world.commit, ("pending", "gate"), ACTIONS).unwrap();
    }
    assert_eq!(world.set("success", "Gate").status, 201);
    let refused = world.set("success", "GATE");
    assert_eq!((refused.status, &refused.json()["message"]), (422, &json!("Validation Failed")));
    assert_eq!(world.set("success", "other").status, 201);
}

#[test]
fn a_combined_status_is_that_of_the_newest_of_each_context() {
    let world = World::start();
    let combined = || {
        let told = world.get(&world.of_commit("/status")).json();
        (told["state"].as_str().unwrap().to_owned(), told["total_count"].as_u64().unwrap())
    };
    assert_eq!(combined(), ("pending".into(), 0));
    world.set("failure", "ci");
    world.set("success", "gate");
    assert_eq!(combined(), ("failure".into(), 2));
    world.set("pending", "CI");
    assert_eq!(combined(), ("pending".into(), 2));
    world.set("success", "ci");
    assert_eq!(combined(), ("success".into(), 2));
}

#[test]
fn lists_come_in_pages_with_links() {
    let world = World::start();
    for number in 0..65 {
        world.set("success", &format!("c{number}"));
    }
    let list = |query: &str| world.get(&format!("{}{query}", world.of_commit("/statuses")));
    let first = list("");
    assert_eq!(first.json().as_array().unwrap().len(), 30);
    assert_eq!(first.json()[0]["context"], "c64", "the newest first");
    let link = first.header("link").unwrap().to_owned();
    assert!(link.contains("page=2>; rel=\"next\"") && link.contains("page=3>; rel=\"last\""), "{link}");
    let last = list("?per_page=30&page=3");
    assert_eq!(last.json().as_array().unwrap().len(), 5);
    assert!(!last.header("link").unwrap().contains("next"), "{:?}", last.header("link"));
    assert_eq!(list("?per_page=100").header("link"), None);
    assert_eq!(list("?page=9").json(), json!([]));
}

#[test]
fn over_the_limit_every_call_waits_out_the_hour() {
    let world = World::start();
    world.twin.set_rate_limit(2);
    let look = || world.get(&world.of_commit(""));
    assert_eq!(look().header("x-ratelimit-remaining"), Some("1"));
    world.clock.advance(Duration::from_secs(1_000));
    assert_eq!((look().status, look().status), (200, 403));
    let refused = look();
    assert_eq!(refused.header("x-ratelimit-remaining"), Some("0"));
    assert!(refused.json()["message"].as_str().unwrap().contains("rate limit exceeded"));
    world.clock.advance(Duration::from_secs(2_600));
    assert_eq!(look().status, 200);
}

#[test]
fn each_call_needs_its_own_permission() {
    let world = World::start();
    let path = |rest: &str| format!("/repos/{REPOSITORY}{rest}");
    let calls = [
        ("GET", path(&world.of_commit("")), "contents"),
        ("GET", path("/compare/main...main"), "contents"),
        ("GET", path("/git/ref/heads/main"), "contents"),
        ("GET", path(&world.of_commit("/statuses")), "statuses"),
        ("GET", path("/environments"), "actions"),
        ("GET", path("/actions/runs"), "actions"),
    ];
    for (method, path, needed) in &calls {
        for scope in ["contents", "statuses", "actions"] {
            world.twin.add_token("ghs_one", Token::of_a_job(&[(scope, Level::Read)]));
            let status = call(method, path).bearer("ghs_one").send(&world.server).status;
            assert_eq!(status, if scope == *needed { 200 } else { 403 }, "{path} with {scope}");
        }
    }
    let write = || {
        let call = call("POST", &path(&format!("/statuses/{}", world.commit)));
        call.json(&json!({"state": "success"})).bearer("ghs_one").send(&world.server).status
    };
    world.twin.add_token("ghs_one", Token::of_a_job(&[("statuses", Level::Read)]));
    assert_eq!(write(), 403);
    world.twin.add_token("ghs_one", Token::of("octocat", &[("statuses", Level::Write)]));
    assert_eq!(write(), 201);
    assert_eq!(world.twin.statuses(REPOSITORY, &world.commit)[0].creator.as_deref(), Some("octocat"));
    world.twin.revoke_token("ghs_one");
    assert_eq!(write(), 401);
}

#[test]
fn tags_of_tags_are_told_one_by_one_and_names_are_exact() {
    let world = World::start();
    let inner = world.twin.add_tag(REPOSITORY, "inner", &world.commit);
    let outer = world.twin.add_tag(REPOSITORY, "release/v1", &inner);
    let reference = world.get("/git/ref/tags/release/v1").json();
    assert_eq!((&reference["object"]["type"], &reference["object"]["sha"]), (&json!("tag"), &json!(outer)));
    let tag = world.get(&format!("/git/tags/{outer}")).json();
    assert_eq!((&tag["object"]["type"], &tag["object"]["sha"]), (&json!("tag"), &json!(inner)));
    assert_eq!(world.get(&format!("/git/tags/{inner}")).json()["object"]["sha"], json!(world.commit));
    assert_eq!(world.get(&format!("/git/tags/{}", world.commit)).status, 404);
    assert_eq!(world.get("/git/ref/tags/release").status, 404);
    assert_eq!(world.get("/commits/tags/release/v1").json()["sha"], json!(world.commit));
    assert_eq!(
        call("GET", "/repos/acme/other/git/ref/heads/main").bearer(TOKEN).send(&world.server).status,
        404
    );
}

#[test]
fn unknown_calls_name_themselves() {
    let world = World::start();
    let reply = world.get("/pulls");
    assert_eq!(reply.status, 500);
    assert!(reply.text().contains("GET /repos/acme/api/pulls"), "{}", reply.text());
    if let Some(judge) = world.server.contract() {
        assert_ne!(judge.take_violations(), []);
    }
}

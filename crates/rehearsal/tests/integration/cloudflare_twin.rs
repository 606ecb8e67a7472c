//! The Cloudflare twin keeps the vendor's word, the awkward parts too.

use std::sync::Arc;
use std::time::Duration;

use action::SimClock;
use rehearsal::contract::Vendor;
use rehearsal::server::Server;
use rehearsal::twins::cloudflare::{ACCOUNT, Cloudflare, Plan, Record, TOKEN};
use serde_json::{Value, json};

use crate::call::{Call, Reply, call};

mod bindings;
mod kv;
mod records;

/// A twin with one zone, on a simulated clock.
struct World {
    server: Server,
    twin: Cloudflare,
    clock: Arc<SimClock>,
    zone: String,
}

impl World {
    fn start() -> Self {
        Self::on(Plan::Free)
    }

    fn on(plan: Plan) -> Self {
        let clock = Arc::new(SimClock::default());
        let twin = Cloudflare::new(Arc::<SimClock>::clone(&clock));
        let zone = twin.add_zone("example.com", plan, &["ada.ns.example", "bob.ns.example"]);
        let server = Server::of(Vendor::Cloudflare, twin.router()).unwrap();
        Self { server, twin, clock, zone }
    }

    fn send(&self, call: Call) -> Reply {
        call.bearer(TOKEN).send(&self.server)
    }

    /// The path of the zone's records.
    fn records_path(&self, rest: &str) -> String {
        format!("/client/v4/zones/{}/dns_records{rest}", self.zone)
    }

    fn get(&self, rest: &str) -> Reply {
        self.send(call("GET", &self.records_path(rest)))
    }

    fn write(&self, method: &str, rest: &str, body: &Value) -> Reply {
        self.send(call(method, &self.records_path(rest)).json(body))
    }

    fn add(&self, record: &Value) -> String {
        self.twin.add_record(&self.zone, record).unwrap()
    }

    fn record(&self, id: &str) -> Record {
        self.twin.records(&self.zone).into_iter().find(|record| record.id == id).unwrap()
    }

    /// Sends what breaks the contract on purpose.
    fn send_wrong(&self, call: Call) -> Reply {
        let reply = self.send(call);
        if let Some(judge) = self.server.contract() {
            assert_ne!(judge.take_violations(), []);
        }
        reply
    }
}

fn account(rest: &str) -> String {
    format!("/client/v4/accounts/{ACCOUNT}{rest}")
}

/// Status and the code of the first error, or of its cause.
#[track_caller]
fn refusal(reply: &Reply) -> (u16, u64) {
    let body = reply.json();
    assert_eq!((&body["success"], &body["result"]), (&json!(false), &Value::Null));
    let error = &body["errors"][0];
    let cause = error["error_chain"][0]["code"].as_u64().filter(|_| error["code"] == 1004);
    (reply.status, cause.or(error["code"].as_u64()).unwrap())
}

#[track_caller]
fn result(reply: &Reply) -> Value {
    let body = reply.json();
    assert_eq!((reply.status, &body["success"]), (200, &json!(true)), "{body}");
    body["result"].clone()
}

#[test]
fn credentials_are_checked_as_the_vendor_does() {
    let world = World::start();
    let verify = || call("GET", "/client/v4/user/tokens/verify");
    assert_eq!(result(&world.send(verify()))["status"], "active");
    let wrong = "x".repeat(40);
    assert_eq!(refusal(&verify().bearer(&wrong).send(&world.server)), (401, 1000));
    let zones = || call("GET", "/client/v4/zones");
    assert_eq!(refusal(&zones().bearer(&wrong).send(&world.server)), (403, 9109));
    assert_eq!(refusal(&zones().bearer("not a token").send(&world.server)), (400, 6003));
    world.twin.forbid("PATCH /client/v4/zones/{zone}/dns_records/{record}");
    assert_eq!(refusal(&world.write("PATCH", "/1", &json!({ "ttl": 1 }))), (403, 10000));
    world.twin.set_token("another");
    assert_eq!(refusal(&world.send(zones())), (403, 9109));
    world.server.stop().unwrap();
    let world = World::start();
    assert_eq!(refusal(&zones().send(&world.server)), (400, 9106));
    let violations = world.server.contract().map(|judge| judge.take_violations().len());
    assert!(matches!(violations, None | Some(1)));
}

#[test]
fn zones_are_listed_and_found() {
    let world = World::start();
    for number in 0..24 {
        world.twin.add_zone(&format!("zone-{number:02}.test"), Plan::Pro, &[]);
    }
    let list = |query: &str| world.send(call("GET", &format!("/client/v4/zones{query}")));
    let first = list("").json();
    assert_eq!(first["result"].as_array().unwrap().len(), 20);
    let info = json!({ "page": 1, "per_page": 20, "count": 20, "total_count": 25, "total_pages": 2 });
    assert_eq!(first["result_info"], info);
    assert_eq!(result(&list("?page=2")).as_array().unwrap().len(), 5);
    assert_eq!(result(&list("?page=3")), json!([]));
    assert_eq!(result(&list("?name=example.com"))[0]["id"], json!(world.zone));
    assert_eq!(refusal(&list("?per_page=51")).0, 400);
    let zone = result(&world.send(call("GET", &format!("/client/v4/zones/{}", world.zone))));
    assert_eq!(zone["name_servers"], json!(["ada.ns.example", "bob.ns.example"]));
    assert_eq!(zone["plan"]["name"], "Free Website");
    assert_eq!(refusal(&world.send(call("GET", "/client/v4/zones/unknown"))), (400, 7003));
}

#[test]
fn over_the_limit_every_call_waits_out_the_window() {
    let world = World::start();
    world.twin.set_rate_limit(3);
    let list = || world.get("");
    assert_eq!(list().header("x-ratelimit-remaining"), Some("2"));
    world.clock.advance(Duration::from_secs(100));
    assert_eq!((list().status, list().status), (200, 200));
    let refused = list();
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("300")));
    world.clock.advance(Duration::from_millis(299_500));
    assert_eq!(list().header("retry-after"), Some("1"));
    world.clock.advance(Duration::from_millis(500));
    assert_eq!(list().status, 200);
}

#[test]
fn unknown_calls_name_themselves() {
    let world = World::start();
    for (method, path) in [("GET", "/client/v4/zones/1/unknown"), ("PUT", "/client/v4/zones"), ("GET", "/")] {
        let reply = world.send_wrong(call(method, path));
        assert_eq!(reply.status, 500);
        assert!(reply.text().contains(&format!("{method} {path}")), "{}", reply.text());
    }
}

//! The Cloudflare twin keeps the vendor's word, the awkward parts too.

use std::sync::Arc;
use std::time::Duration;

use action::SimClock;
use rehearsal::contract::{self, Vendor};
use rehearsal::dns::RecordSource;
use rehearsal::server::{Options, Server};
use rehearsal::twins::cloudflare::{ACCOUNT, Cloudflare, Plan, Record, TOKEN};
use serde_json::{Value, json};

use crate::call::{Call, Reply, call};

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
        let contract = contract::judge(Vendor::Cloudflare).unwrap();
        let server =
            Server::start("cloudflare", twin.router(), Options { contract, ..Options::default() }).unwrap();
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

fn cname(name: &str, content: &str) -> Value {
    json!({ "type": "CNAME", "name": name, "content": content, "ttl": 60, "proxied": false })
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
fn records_are_listed_by_page_and_filter() {
    let world = World::start();
    for number in 0..230 {
        world.add(&json!({ "type": "TXT", "name": format!("t{number:03}"), "content": "x", "ttl": 1 }));
    }
    world.add(&json!({ "type": "CNAME", "name": "api", "content": "blue.example.net", "ttl": 60,
                       "comment": "greenroom: live" }));
    let names = |query: &str| -> Vec<String> {
        let listed = result(&world.get(query));
        listed.as_array().unwrap().iter().map(|record| record["name"].as_str().unwrap().to_owned()).collect()
    };
    let first = world.get("").json();
    let info = json!({ "page": 1, "per_page": 100, "count": 100, "total_count": 231, "total_pages": 3 });
    assert_eq!(first["result_info"], info);
    assert_eq!(names("?page=3").len(), 31);
    assert_eq!(names("?per_page=5000000").len(), 231);
    assert_eq!(refusal(&world.get("?per_page=5000001")).0, 400);
    assert_eq!(refusal(&world.get("?page=0")).0, 400);

    assert_eq!(names("?name.exact=API.example.com"), ["api.example.com"]);
    assert_eq!(names("?type=CNAME"), ["api.example.com"]);
    assert_eq!(names("?content.exact=blue.example.net&type=TXT"), Vec::<String>::new());
    assert_eq!(names("?content.exact=blue.example.net&name.exact=t001.example.com&match=any").len(), 2);
    assert_eq!(names("?comment.startswith=greenroom:"), ["api.example.com"]);
    assert_eq!(names("?comment.present=true"), ["api.example.com"]);
    assert_eq!(names("?comment.absent=true&per_page=300").len(), 230);
    assert_eq!(names("?order=name&direction=desc&per_page=1"), ["t229.example.com"]);
    assert_eq!(names("?search=BLUE"), ["api.example.com"]);
}

#[test]
fn a_misspelt_filter_is_ignored_and_the_contract_tells() {
    let world = World::start();
    world.add(&cname("api", "blue.example.net"));
    let reply = world.send_wrong(call("GET", &world.records_path("?name.exakt=nothing.example.com")));
    assert_eq!(result(&reply).as_array().unwrap().len(), 1);
}

#[test]
fn patch_changes_the_named_fields_and_put_all_of_them() {
    let world = World::start();
    let mut made = cname("api", "blue.example.net");
    made["comment"] = json!("kept");
    made["tags"] = json!(["team:web"]);
    let made = result(&world.write("POST", "", &made));
    assert_eq!((&made["name"], &made["ttl"]), (&json!("api.example.com"), &json!(60)));
    assert_eq!(made["comment_modified_on"], made["created_on"]);
    let id = made["id"].as_str().unwrap();
    let path = format!("/{id}");

    world.clock.advance(Duration::from_secs(60));
    let patched = result(&world.write("PATCH", &path, &json!({ "content": "green.example.net." })));
    assert_eq!(patched["content"], "green.example.net");
    assert_eq!((&patched["comment"], &patched["ttl"]), (&json!("kept"), &json!(60)));
    assert_eq!(patched["created_on"], made["created_on"]);
    assert_eq!(patched["comment_modified_on"], made["comment_modified_on"]);
    assert_ne!(patched["modified_on"], made["modified_on"]);
    assert_eq!(result(&world.get(&path)), patched);

    let proxied = result(&world.write("PATCH", &path, &json!({ "proxied": true, "ttl": 120 })));
    assert_eq!((&proxied["proxied"], &proxied["ttl"]), (&json!(true), &json!(1)));
    let whole = json!({ "type": "CNAME", "name": "api", "content": "blue.example.net", "ttl": 1 });
    let put = result(&world.write("PUT", &path, &whole));
    assert_eq!((&put["proxied"], &put["comment"], &put["tags"]), (&json!(false), &Value::Null, &json!([])));
    assert_eq!(put["created_on"], made["created_on"]);

    let partial = json!({ "content": "x.example.net" });
    assert_eq!(refusal(&world.write("PUT", &path, &partial)).0, 400);
    assert_eq!(world.record(id).content, "blue.example.net");
    assert_eq!(result(&world.send(call("DELETE", &world.records_path(&path)))), json!({ "id": id }));
    assert_eq!(refusal(&world.get(&path)), (404, 81044));
    assert_eq!(refusal(&world.write("PATCH", &path, &json!({ "ttl": 60 }))), (404, 81044));
}

#[test]
fn a_misspelt_field_changes_nothing_and_the_contract_tells() {
    let world = World::start();
    let id = world.add(&cname("api", "blue.example.net"));
    for body in [json!({ "contnet": "green.example.net" }), json!({ "type": "CNAME", "contnet": "x" })] {
        world.send_wrong(call("PATCH", &world.records_path(&format!("/{id}"))).json(&body));
    }
    assert_eq!(world.record(&id).content, "blue.example.net");
}

#[test]
fn records_exclude_each_other() {
    let world = World::start();
    world.add(&json!({ "type": "A", "name": "a", "content": "192.0.2.1", "ttl": 1 }));
    world.add(&cname("c", "blue.example.net"));
    world.add(&json!({ "type": "NS", "name": "ns", "content": "ns1.example.net", "ttl": 1 }));
    let refused = |kind: &str, name: &str, content: &str| {
        let record = json!({ "type": kind, "name": name, "content": content, "ttl": 1 });
        refusal(&world.write("POST", "", &record))
    };
    assert_eq!(refused("A", "a", "192.0.2.1"), (400, 81058));
    assert_eq!(refused("CNAME", "a", "blue.example.net"), (400, 81053));
    assert_eq!(refused("CNAME", "c", "green.example.net"), (400, 81053));
    assert_eq!(refused("CNAME", "c", "blue.example.net"), (400, 81058));
    assert_eq!(refused("AAAA", "c", "2001:db8::1"), (400, 81054));
    assert_eq!(refused("TXT", "ns", "x"), (400, 81056));
    assert_eq!(refused("NS", "a", "ns1.example.net"), (400, 81055));
    let other = world.add(&json!({ "type": "A", "name": "a", "content": "192.0.2.2", "ttl": 1 }));
    let same = json!({ "content": "192.0.2.1" });
    assert_eq!(refusal(&world.write("PATCH", &format!("/{other}"), &same)), (400, 81058));
    assert_eq!(world.twin.records(&world.zone).len(), 4);
}

#[test]
fn values_out_of_bounds_are_refused() {
    let world = World::start();
    let refused = |change: Value| {
        let mut record = cname("x", "blue.example.net");
        record.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        refusal(&world.write("POST", "", &record))
    };
    assert_eq!(refused(json!({ "ttl": 59 })), (400, 9021));
    assert_eq!(refused(json!({ "ttl": 86_401 })), (400, 9021));
    assert_eq!(refused(json!({ "content": "192.0.2.1" })), (400, 9007));
    assert_eq!(refused(json!({ "content": "https://blue.example.net/" })), (400, 9007));
    assert_eq!(refused(json!({ "content": "x.example.com" })), (400, 9007));
    assert_eq!(refused(json!({ "type": "A" })), (400, 9005));
    assert_eq!(refused(json!({ "type": "AAAA" })), (400, 9006));
    assert_eq!(refused(json!({ "type": "TXT", "proxied": true })), (400, 9004));
    assert_eq!(refused(json!({ "comment": "two\nlines" })).0, 400);
    assert_eq!(refused(json!({ "comment": "x".repeat(101) })).0, 400);
    assert_eq!(refused(json!({ "tags": ["bad name:1"] })).0, 400);
    assert_eq!(refused(json!({ "name": "bad name" })).0, 400);
    assert_eq!(world.twin.records(&world.zone), []);

    let enterprise = World::on(Plan::Enterprise);
    let mut short = cname("x", "blue.example.net");
    short["ttl"] = json!(30);
    short["comment"] = json!("x".repeat(101));
    assert_eq!(result(&enterprise.write("POST", "", &short))["ttl"], 30);
}

#[test]
fn a_batch_is_one_transaction_in_the_documented_order() {
    let world = World::start();
    let api = world.add(&cname("api", "blue.example.net"));
    let old = world.add(&json!({ "type": "A", "name": "www", "content": "192.0.2.1", "ttl": 1 }));
    let put = world.add(&json!({ "type": "TXT", "name": "t", "content": "x", "ttl": 60, "comment": "gone" }));
    let version = world.twin.version();
    let batch = |body: &Value| world.write("POST", "/batch", body);

    // The post takes the deleted record's name: only the documented order allows it.
    let body = json!({
        "posts": [cname("www", "green.example.net")],
        "puts": [{ "id": put, "type": "TXT", "name": "t", "content": "y", "ttl": 1 }],
        "patches": [{ "id": api, "content": "green.example.net" }],
        "deletes": [{ "id": old }],
    });
    let done = result(&batch(&body));
    assert_eq!(done["deletes"][0]["id"], json!(old));
    assert_eq!(done["patches"][0]["content"], "green.example.net");
    assert_eq!((&done["puts"][0]["content"], &done["puts"][0]["comment"]), (&json!("y"), &Value::Null));
    assert_eq!(done["posts"][0]["name"], "www.example.com");
    assert!(world.twin.version() > version);

    let (before, version) = (world.twin.records(&world.zone), world.twin.version());
    let failing = json!({
        "patches": [{ "id": api, "content": "blue.example.net" }, { "id": "absent", "ttl": 60 }],
        "posts": [{ "type": "A", "name": "z", "content": "not an address", "ttl": 1 }],
    });
    let reply = batch(&failing);
    assert_eq!((refusal(&reply), reply.json()["errors"].as_array().unwrap().len()), ((404, 81044), 1));
    assert_eq!((world.twin.records(&world.zone), world.twin.version()), (before, version));
    assert_eq!(refusal(&batch(&json!({}))).0, 400);
}

#[test]
fn the_size_of_a_batch_depends_on_the_plan() {
    let posts = |count: usize| -> Value {
        let names = (0..count).map(|number| cname(&format!("n{number}"), "blue.example.net"));
        json!({ "posts": names.collect::<Vec<_>>() })
    };
    let (free, pro) = (World::start(), World::on(Plan::Pro));
    assert_eq!(refusal(&free.write("POST", "/batch", &posts(201))).0, 400);
    assert_eq!(free.twin.records(&free.zone), []);
    assert_eq!(free.write("POST", "/batch", &posts(200)).status, 200);
    assert_eq!(pro.write("POST", "/batch", &posts(201)).status, 200);
}

#[test]
fn a_name_server_sees_the_records_and_every_change() {
    let world = World::start();
    let id = world.add(&cname("api", "blue.example.net"));
    let version = world.twin.version();
    world.get("");
    assert_eq!(world.twin.version(), version, "reading changes nothing");
    world.write("PATCH", &format!("/{id}"), &json!({ "content": "green.example.net" }));
    assert!(world.twin.version() > version);
    let seen = RecordSource::records(&world.twin, "Example.COM.");
    assert_eq!((seen[0].content.as_str(), seen[0].ttl, seen[0].proxied), ("green.example.net", 60, false));
    assert_eq!(RecordSource::records(&world.twin, "example.org"), []);
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

#[test]
fn namespaces_are_created_once_and_listed_by_page() {
    let world = World::start();
    let path = account("/storage/kv/namespaces");
    let create = |title: &str| world.send(call("POST", &path).json(&json!({ "title": title })));
    let made = result(&create("releases"));
    assert_eq!(refusal(&create("releases")), (400, 10014));
    for number in 0..21 {
        world.twin.add_namespace(&format!("n{number:02}"));
    }
    let list = |query: &str| world.send(call("GET", &format!("{path}{query}")));
    assert_eq!(list("").json()["result_info"]["total_pages"], 2);
    assert_eq!(result(&list("?page=2&order=title"))[1]["title"], "releases");
    let one = world.send(call("GET", &format!("{path}/{}", made["id"].as_str().unwrap())));
    assert_eq!(result(&one), made);
    assert_eq!(refusal(&world.send(call("GET", &format!("{path}/absent")))), (404, 10013));
}

/// A namespace and the path below it.
fn namespace(world: &World) -> (String, impl Fn(&str) -> String + use<>) {
    let id = world.twin.add_namespace("pages");
    let base = account(&format!("/storage/kv/namespaces/{id}"));
    (id, move |rest: &str| format!("{base}{rest}"))
}

#[test]
fn values_are_raw_and_expire() {
    let world = World::start();
    let (id, path) = namespace(&world);
    let put = |rest: &str, body: &[u8]| {
        let call = call("PUT", &path(&format!("/values/{rest}")));
        world.send(call.bytes("application/octet-stream", body))
    };
    let get = |rest: &str| world.send(call("GET", &path(rest)));
    result(&put("a%2Fb%3Ac?expiration_ttl=60", &[0, 255, 10]));
    assert_eq!(world.twin.value(&id, "a/b:c").unwrap(), [0, 255, 10]);
    let value = get("/values/a%2Fb%3Ac");
    assert_eq!(
        (value.body.as_slice(), value.header("content-type")),
        (&[0, 255, 10][..], Some("application/octet-stream"))
    );
    assert!(value.header("expiration").is_some());
    assert_eq!(refusal(&put("a%2Fb%3Ac", b"again")), (429, 10048));
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(refusal(&get("/values/a%2Fb%3Ac")), (404, 10009));
    let too_soon = call("PUT", &path("/values/k?expiration_ttl=59")).bytes("application/octet-stream", "x");
    assert_eq!(refusal(&world.send_wrong(too_soon)).0, 400);
    assert_eq!(refusal(&put(&"k".repeat(513), b"x")).0, 414);

    let form = "--cut\r\nContent-Disposition: form-data; name=\"value\"\r\n\r\nhello\r\n\
                --cut\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{\"color\":\"blue\"}\r\n--cut--\r\n";
    let call_form = call("PUT", &path("/values/page")).bytes("multipart/form-data; boundary=cut", form);
    result(&world.send(call_form));
    assert_eq!(get("/values/page").body, b"hello");
    assert_eq!(result(&get("/metadata/page")), json!({ "color": "blue" }));
    assert_eq!(result(&get("/keys"))[0], json!({ "name": "page", "metadata": { "color": "blue" } }));
    result(&world.send(call("DELETE", &path("/values/page"))));
    assert_eq!(refusal(&get("/metadata/page")), (404, 10009));
}

#[test]
fn keys_come_by_cursor() {
    let world = World::start();
    let (_, path) = namespace(&world);
    let pairs: Vec<Value> = (0..25).map(|n| json!({ "key": format!("k{n:02}"), "value": "v" })).collect();
    result(&world.send(call("PUT", &path("/bulk")).json(&json!(pairs))));
    let keys = |query: &str| world.send(call("GET", &path(&format!("/keys{query}")))).json();
    let first = keys("?limit=10");
    assert_eq!(first["result_info"]["count"], 10);
    let cursor = first["result_info"]["cursor"].as_str().unwrap();
    let second = keys(&format!("?limit=15&cursor={cursor}"));
    assert_eq!(
        (second["result"].as_array().unwrap().len(), &second["result_info"]["cursor"]),
        (15, &json!(""))
    );
    assert_eq!(keys("?prefix=k2")["result_info"]["count"], 5);
    assert_eq!(world.send_wrong(call("GET", &path("/keys?limit=9"))).status, 400);
}

#[test]
fn a_bulk_write_may_lose_keys_and_says_which() {
    let world = World::start();
    let (id, path) = namespace(&world);
    let bulk = |pairs: &Value| world.send(call("PUT", &path("/bulk")).json(pairs));
    let pairs = json!([
        { "key": "a", "value": "1" },
        { "key": "b", "value": "aGVsbG8=", "base64": true },
        { "key": "c", "value": "{\"n\":1}", "metadata": { "m": true }, "expiration_ttl": 60 },
    ]);
    world.twin.lose_keys(1);
    let lost = json!({ "successful_key_count": 2, "unsuccessful_keys": ["a"] });
    assert_eq!(result(&bulk(&pairs)), lost);
    assert_eq!((world.twin.value(&id, "a"), world.twin.value(&id, "b").unwrap()), (None, b"hello".to_vec()));
    assert_eq!(result(&bulk(&pairs))["unsuccessful_keys"], json!([]));

    let get =
        |body: &Value| result(&world.send(call("POST", &path("/bulk/get")).json(body)))["values"].clone();
    assert_eq!(get(&json!({ "keys": ["a", "b"] })), json!({ "a": "1", "b": "hello" }));
    assert_eq!(get(&json!({ "keys": ["c"], "type": "json" })), json!({ "c": { "n": 1 } }));
    let with_metadata = get(&json!({ "keys": ["c", "absent"], "withMetadata": true }));
    assert_eq!(
        (&with_metadata["c"]["metadata"]["m"], &with_metadata["absent"]),
        (&json!(true), &Value::Null)
    );

    let deleted = world.send(call("POST", &path("/bulk/delete")).json(&json!(["a", "b"])));
    assert_eq!(result(&deleted)["successful_key_count"], 2);
    assert_eq!(world.twin.value(&id, "b"), None);
    let many: Vec<Value> = (0..10_001).map(|n| json!({ "key": n.to_string(), "value": "" })).collect();
    assert_eq!(world.send_wrong(call("PUT", &path("/bulk")).json(&json!(many))).status, 413);
}

#[test]
fn a_pages_configuration_merges_and_hides_secrets() {
    let world = World::start();
    world.twin.add_pages_project("site");
    let namespace = world.twin.add_namespace("pages");
    let path = account("/pages/projects/site");
    let patch = |body: Value| result(&world.send(call("PATCH", &path).json(&body)));
    patch(json!({ "deployment_configs": { "production": { "env_vars": {
        "PLAIN": { "type": "plain_text", "value": "shown" },
        "SECRET": { "type": "secret_text", "value": "canary" } } } } }));
    let bound = patch(json!({ "deployment_configs": { "production": {
        "env_vars": { "PLAIN": null },
        "kv_namespaces": { "PAGES": { "namespace_id": namespace } } } } }));
    let production = &bound["deployment_configs"]["production"];
    assert_eq!(production["env_vars"], json!({ "SECRET": { "type": "secret_text", "value": "" } }));
    assert_eq!(production["kv_namespaces"]["PAGES"]["namespace_id"], json!(namespace));
    assert_eq!(bound["deployment_configs"]["preview"]["kv_namespaces"], json!({}));
    assert_eq!(result(&world.send(call("GET", &path))), bound);
    let secret = "/deployment_configs/production/env_vars/SECRET/value";
    assert_eq!(world.twin.pages_project("site").pointer(secret), Some(&json!("canary")));
    assert_eq!(refusal(&world.send(call("GET", &account("/pages/projects/none")))), (404, 8_000_007));
}

#[test]
fn worker_bindings_are_replaced_but_for_inherited_ones() {
    let world = World::start();
    let namespace = world.twin.add_namespace("pages");
    let secret = json!({ "type": "secret_text", "name": "TOKEN", "text": "canary" });
    let plain = json!({ "type": "plain_text", "name": "MODE", "text": "blue" });
    world.twin.add_worker("api", vec![secret.clone(), plain]);
    let path = account("/workers/scripts/api/settings");
    let patch = |settings: &Value| {
        let form = format!(
            "--cut\r\nContent-Disposition: form-data; name=\"settings\"; filename=\"settings\"\r\n\
             Content-Type: application/json\r\n\r\n{settings}\r\n--cut--\r\n"
        );
        world.send(call("PATCH", &path).bytes("multipart/form-data; boundary=cut", form))
    };
    let shown = result(&world.send(call("GET", &path)));
    assert_eq!(shown["bindings"][0], json!({ "type": "secret_text", "name": "TOKEN" }));

    let kv = json!({ "type": "kv_namespace", "name": "PAGES", "namespace_id": namespace });
    let inherit = json!({ "type": "inherit", "name": "TOKEN" });
    result(&patch(&json!({ "bindings": [inherit, kv] })));
    assert_eq!(world.twin.worker_bindings("api"), [secret, kv.clone()]);
    result(&patch(&json!({ "compatibility_date": "2026-02-02" })));
    assert_eq!(world.twin.worker_bindings("api").len(), 2);

    let unknown = json!({ "type": "kv_namespace", "name": "PAGES", "namespace_id": "0" });
    assert_eq!(refusal(&patch(&json!({ "bindings": [unknown] }))), (400, 10042));
    let nobody = json!({ "type": "inherit", "name": "NOBODY" });
    assert_eq!(refusal(&patch(&json!({ "bindings": [nobody] }))).0, 400);
    assert_eq!(world.twin.worker_bindings("api").len(), 2);
    let as_json = call("PATCH", &path).json(&json!({ "settings": { "bindings": [] } }));
    assert_eq!(refusal(&world.send_wrong(as_json)).0, 400);
    result(&patch(&json!({ "bindings": [kv] })));
    assert_eq!(world.twin.worker_bindings("api"), [kv], "what is not listed is lost");
    let none = account("/workers/scripts/none/settings");
    assert_eq!(refusal(&world.send(call("GET", &none))), (404, 10007));
}

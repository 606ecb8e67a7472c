//! DNS records and batches.

use std::time::Duration;

use rehearsal::dns::RecordSource;
use rehearsal::twins::cloudflare::Plan;
use serde_json::{Value, json};

use super::{World, refusal, result};
use crate::call::call;

fn cname(name: &str, content: &str) -> Value {
    json!({ "type": "CNAME", "name": name, "content": content, "ttl": 60, "proxied": false })
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
    let put = call("PUT", &world.records_path(&path)).json(&partial);
    assert_eq!(refusal(&world.send_wrong(put)).0, 400);
    assert_eq!(world.record(id).content, "blue.example.net");
    assert_eq!(result(&world.send(call("DELETE", &world.records_path(&path)))), json!({ "id": id }));
    assert_eq!(refusal(&world.get(&path)), (404, 81044));
    assert_eq!(refusal(&world.write("PATCH", &path, &json!({ "ttl": 60 }))), (404, 81044));
}

#[test]
fn a_change_in_the_dashboard_is_dated_and_can_be_made_older() {
    let world = World::start();
    let id = world.twin.add_record(&world.zone, &cname("api", "blue.example.net")).unwrap();
    let before = result(&world.get(&format!("/{id}")));
    world.clock.advance(Duration::from_secs(60));
    world.twin.edit_records(&world.zone, "api.example.com", &json!({ "ttl": 1 })).unwrap();
    let after = result(&world.get(&format!("/{id}")));
    assert_eq!((&after["ttl"], &after["content"]), (&json!(1), &before["content"]));
    assert_ne!(after["modified_on"], before["modified_on"]);
    world.twin.age_records(&world.zone, "api.example.com", Duration::from_secs(60));
    assert_eq!(result(&world.get(&format!("/{id}")))["modified_on"], before["modified_on"]);
    assert!(world.twin.edit_records(&world.zone, "api.example.com", &json!({ "ttl": 2 })).is_err());
    assert!(world.twin.edit_records("unknown", "api.example.com", &json!({ "ttl": 60 })).is_err());
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

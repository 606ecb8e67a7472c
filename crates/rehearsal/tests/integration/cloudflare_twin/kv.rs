//! KV namespaces and what they hold.

use std::time::Duration;

use serde_json::{Value, json};

use super::{World, account, refusal, result};
use crate::call::call;

/// A namespace and the path below it.
fn namespace(world: &World) -> (String, impl Fn(&str) -> String + use<>) {
    let id = world.twin.add_namespace("pages");
    let base = account(&format!("/storage/kv/namespaces/{id}"));
    (id, move |rest: &str| format!("{base}{rest}"))
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

//! Cloudflare's own client, npm `cloudflare`, finds the twin to be Cloudflare.

use std::sync::Arc;

use action::SystemClock;
use rehearsal::contract::Vendor;
use rehearsal::server::Server;
use rehearsal::twins::cloudflare::{ACCOUNT, Cloudflare, Plan, TOKEN};
use serde_json::{Value, json};

use crate::npm;

#[test]
fn the_vendors_own_client_works_against_the_twin() {
    let twin = Cloudflare::new(Arc::new(SystemClock));
    let zone = twin.add_zone("example.com", Plan::Free, &["ada.ns.example"]);
    for number in 0..120 {
        let record = json!({ "type": "TXT", "name": format!("t{number:03}"), "content": "x", "ttl": 1 });
        twin.add_record(&zone, &record).unwrap();
    }
    let api = json!({ "type": "CNAME", "name": "api", "content": "blue.example.net", "ttl": 60 });
    twin.add_record(&zone, &api).unwrap();
    for number in 0..12 {
        twin.add_namespace(&format!("n{number:02}"));
    }
    twin.add_pages_project("site");
    twin.add_worker("api", vec![json!({ "type": "secret_text", "name": "TOKEN", "text": "canary" })]);
    let server = Server::of(Vendor::Cloudflare, twin.router()).unwrap();

    let seen = npm::run(
        "cloudflare.mjs",
        &[
            ("API_URL", &format!("{}/client/v4", server.base_url())),
            ("API_TOKEN", TOKEN),
            ("ACCOUNT_ID", ACCOUNT),
            ("ZONE_ID", &zone),
        ],
    );

    assert_eq!((&seen["token"], &seen["zones"]), (&json!("active"), &json!([zone])));
    assert_eq!(length(&seen["names"]), 121);
    assert_eq!(seen["found"], json!({ "content": "blue.example.net", "ttl": 60 }));
    assert_eq!(seen["patched"]["content"], "green.example.net");
    assert_eq!((&seen["made"]["content"], &seen["made"]["ttl"]), (&json!("one"), &json!(1)));
    assert_eq!((&seen["overwritten"]["content"], &seen["overwritten"]["ttl"]), (&json!("two"), &json!(60)));
    assert_eq!(seen["batch"]["deletes"][0]["id"], seen["made"]["id"]);
    assert_eq!(seen["batch"]["posts"][0]["ttl"], 1, "a proxied record acts as automatic");
    assert_eq!(seen["gone"], json!([404, 81044]));
    assert_eq!((&seen["refused"], &seen["afterRefusal"]), (&json!([400, 81054]), &json!("blue.example.net")));

    assert_eq!((length(&seen["titles"]), &seen["titles"][0]), (13, &json!("made-by-the-client")));
    assert_eq!((&seen["value"], &seen["metadata"]), (&json!("hello"), &json!({ "color": "blue" })));
    assert_eq!(seen["bulk"], json!({ "successful_key_count": 25, "unsuccessful_keys": [] }));
    assert_eq!((length(&seen["keys"]), &seen["keys"][24]), (25, &json!("k24")));
    assert_eq!(seen["read"], json!({ "k03": "3", "absent": null }));
    assert_eq!(seen["deleted"], json!([404, 10009]));
    let namespace = seen["namespace"].as_str().unwrap();
    assert_eq!(twin.value(namespace, "k24").unwrap(), b"24");

    assert_eq!(seen["bound"], json!({ "namespace_id": namespace }));
    assert_eq!(seen["bindings"], json!([{ "type": "secret_text", "name": "TOKEN" }]));
    assert_eq!(twin.records_named(&zone, "www.example.com").len(), 1);
    assert_eq!(server.journal().count("GET /client/v4/zones/{zone}/dns_records"), 3 + 1 + 1);
    server.stop().unwrap();
}

fn length(list: &Value) -> usize {
    list.as_array().unwrap().len()
}

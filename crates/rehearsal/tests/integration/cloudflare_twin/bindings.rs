//! Pages projects and Worker scripts.

use serde_json::{Value, json};

use super::{World, account, refusal, result};
use crate::call::call;

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

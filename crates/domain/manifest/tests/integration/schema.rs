//! The JSON Schema for editors says what the parser says.

use std::collections::BTreeSet;

use manifest::Manifest;
use serde_json::{Value, json};

const COMPLETE: &str = include_str!("../../examples/deploy-manifest.yml");

fn schema() -> Value {
    serde_json::from_str(include_str!("../../deploy-manifest.schema.json")).unwrap()
}

fn validator() -> jsonschema::Validator {
    let schema = schema();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

/// What both say of a manifest given as JSON, which is YAML too.
#[track_caller]
fn agree(manifest: &Value, wanted: bool) {
    let text = manifest.to_string();
    let parsed = Manifest::parse("m.yml", text.as_bytes());
    assert_eq!(parsed.is_ok(), wanted, "the parser: {text}\n{parsed:?}");
    assert_eq!(validator().is_valid(manifest), wanted, "the schema: {text}");
}

/// A good manifest with one value put in.
fn with(pointer: &str, value: Value) -> Value {
    let mut manifest = json!({
        "version": 1,
        "targets": {
            "api": {
                "paths": ["api/**"],
                "blue": { "service": "srv-1", "origin": "a.example" }
            },
            "b": { "paths": ["b"] }
        },
        "env": {}
    });
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    manifest.pointer_mut(parent).unwrap()[key] = value;
    manifest
}

#[test]
fn a_complete_manifest_is_valid() {
    let manifest = crate::manifest(COMPLETE);
    assert_eq!(manifest.targets.len(), 5);
    let groups: Vec<Vec<&str>> =
        manifest.coupling.iter().map(|group| group.iter().map(|name| name.as_str()).collect()).collect();
    assert_eq!(groups, [vec!["api", "nightly", "workers"]]);
    assert_eq!(manifest.roots, ["apps", "libs/*"]);
    let value: Value = serde_yaml::from_str(COMPLETE).unwrap();
    let errors: Vec<String> = validator().iter_errors(&value).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn the_example_has_every_key_and_names_the_schema() {
    let schema = schema();
    let value: Value = serde_yaml::from_str(COMPLETE).unwrap();
    let (mut known, mut used) = (BTreeSet::new(), BTreeSet::new());
    properties(&schema, &mut known);
    keys(&value, &mut used);
    assert!(known.len() > 15, "{known:?}");
    let missing: Vec<_> = known.difference(&used).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let address = schema["$id"].as_str().unwrap();
    assert!(address.ends_with("/crates/domain/manifest/deploy-manifest.schema.json"), "{address}");
    let first = COMPLETE.lines().next().unwrap();
    assert_eq!(first, format!("# yaml-language-server: $schema={address}"));
}

/// The names in every `properties` of a schema.
fn properties(schema: &Value, found: &mut BTreeSet<String>) {
    for (key, value) in schema.as_object().into_iter().flatten() {
        if key == "properties" {
            found.extend(value.as_object().unwrap().keys().cloned());
        }
        properties(value, found);
    }
}

/// The keys of every mapping in a document.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    for (key, value) in value.as_object().into_iter().flatten() {
        found.insert(key.clone());
        keys(value, found);
    }
}

#[test]
fn both_accept() {
    for (pointer, value) in [
        ("/coupling", json!([["api", "b"]])),
        ("/coupling", json!([])),
        ("/everything", json!(["a", "!b"])),
        ("/everything", json!([])),
        (
            "/roots",
            json!(["apps", "src/app/", ".github", "...", "a b", "apps/*", "src/*/*/", "*", "a-?/*.d"]),
        ),
        ("/env/group", json!(["A", "b_1"])),
        ("/targets/api/kind", json!("render-cron")),
        ("/targets/api/schema", json!(true)),
        ("/targets/api/hostnames", json!(["app.example.com", "a-b.c"])),
        ("/targets/api/blue/service", json!("${{ vars.API }}")),
        ("/targets/api/blue/origin", json!("https://a.example:443")),
        ("/targets/x-1", json!({ "paths": ["*"] })),
    ] {
        agree(&with(pointer, value), true);
    }
}

#[test]
fn both_refuse() {
    for (pointer, value) in [
        ("/version", json!(2)),
        ("/version", json!("1")),
        ("/version", json!(null)),
        ("/extra", json!(1)),
        ("/targets", json!({})),
        ("/targets", json!([])),
        ("/targets/Api", json!({ "paths": ["a"] })),
        ("/targets/1a", json!({ "paths": ["a"] })),
        ("/targets/a_b", json!({ "paths": ["a"] })),
        ("/targets/x", json!({})),
        ("/targets/x", json!(null)),
        ("/targets/x", json!({ "paths": [] })),
        ("/targets/x", json!({ "paths": "a" })),
        ("/targets/x", json!({ "paths": ["!a"] })),
        ("/targets/x", json!({ "paths": [""] })),
        ("/targets/x", json!({ "paths": [" a"] })),
        ("/targets/x", json!({ "paths": [null] })),
        ("/targets/x", json!({ "paths": ["${{ vars.X }}"] })),
        ("/targets/x", json!({ "path": ["a"] })),
        ("/targets/api/kind", json!("heroku")),
        ("/targets/api/schema", json!("yes")),
        ("/targets/api/hostnames", json!(["https://a.example"])),
        ("/targets/api/hostnames", json!(["localhost"])),
        ("/targets/api/hostnames", json!(["a.example", "a.example"])),
        ("/targets/api/hostnames", json!(["*.example.com"])),
        ("/targets/api/blue", json!({})),
        ("/targets/api/blue", json!("srv-1")),
        ("/targets/api/blue/colour", json!("blue")),
        ("/targets/api/blue/service", json!("")),
        ("/targets/api/blue/service", json!("a b")),
        ("/targets/api/blue/service", json!("${{ secrets.A }}")),
        ("/targets/api/blue/origin", json!("https://${{ vars.A }}")),
        ("/coupling", json!([["api"]])),
        ("/coupling", json!([["api", "api"]])),
        ("/coupling", json!(["api", "b"])),
        ("/roots", json!(["/a"])),
        ("/roots", json!(["a/../b"])),
        ("/roots", json!(["a/**"])),
        ("/roots", json!(["**/a"])),
        ("/roots", json!(["a/b**"])),
        ("/roots", json!(["a/[b]"])),
        ("/roots", json!(["{a,b}"])),
        ("/roots", json!(["a", "a"])),
        ("/roots", json!([""])),
        ("/env/groups", json!(["A"])),
        ("/env/group", json!(["A-B"])),
        ("/env/group", json!(["A", "A"])),
        ("/env/group", json!("A")),
    ] {
        agree(&with(pointer, value), false);
    }
}

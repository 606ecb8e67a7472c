//! What vendors really answer beyond their documents: one small file, each
//! entry with its source.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{ContractError, Vendor};

/// The file `overlay.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Overlay {
    statuses: Vec<Status>,
    /// Statuses that the document describes, and whose body it leaves out.
    bodies: Vec<Status>,
    patches: Vec<Patch>,
}

/// Statuses that any operation of a vendor may answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Status {
    vendor: Vendor,
    statuses: Vec<String>,
    schema: Value,
    #[expect(dead_code, reason = "for the reader of the file; required there")]
    source: String,
}

/// A JSON merge patch (RFC 7396) for some of a vendor's components.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    vendor: Vendor,
    components: Vec<String>,
    patch: Value,
    #[expect(dead_code, reason = "for the reader of the file; required there")]
    source: String,
}

impl Overlay {
    pub(super) fn load() -> Result<Self, ContractError> {
        serde_json::from_str(include_str!("overlay.json")).map_err(ContractError::Overlay)
    }

    /// Adds this vendor's extra statuses to its document, and patches it. Where
    /// the document describes a status itself, that stands.
    pub(super) fn apply(&self, vendor: Vendor, document: &mut Value) {
        for patch in self.patches.iter().filter(|patch| patch.vendor == vendor) {
            for component in &patch.components {
                let pointer = format!("/components/schemas/{component}");
                match document.pointer_mut(&pointer) {
                    Some(schema) => merge(schema, &patch.patch),
                    None => tracing::warn!(component, "the overlay patches what the document lacks"),
                }
            }
        }
        for status in self.statuses.iter().filter(|status| status.vendor == vendor) {
            for responses in every_responses(document) {
                for code in &status.statuses {
                    responses.entry(code).or_insert_with(|| status.response());
                }
            }
        }
        for body in self.bodies.iter().filter(|body| body.vendor == vendor) {
            for responses in every_responses(document) {
                let described = responses.iter_mut().filter(|(code, _)| body.statuses.contains(code));
                for (_, response) in described.filter(|(_, response)| response.get("content").is_none()) {
                    *response = body.response();
                }
            }
        }
    }
}

impl Status {
    fn response(&self) -> Value {
        serde_json::json!({ "content": { "application/json": { "schema": self.schema } } })
    }
}

fn merge(target: &mut Value, patch: &Value) {
    let Some(changes) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(fields) = target.as_object_mut() else { return };
    for (name, change) in changes {
        if change.is_null() {
            fields.remove(name);
        } else {
            merge(fields.entry(name).or_insert(Value::Null), change);
        }
    }
}

fn every_responses(document: &mut Value) -> Vec<&mut Map<String, Value>> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let operations = paths
        .into_iter()
        .flat_map(|paths| paths.values_mut())
        .filter_map(Value::as_object_mut)
        .flat_map(|methods| methods.values_mut());
    operations.filter_map(|operation| operation.get_mut("responses")?.as_object_mut()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn patches_and_statuses_reach_the_document_and_its_own_word_stands() {
        let overlay = Overlay::load().unwrap();
        let mut document = json!({
            "paths": { "/x": { "get": { "responses": { "404": "its own" } } } },
            "components": { "schemas": { "dns_records_OtherRecord": { "additionalProperties": true } } }
        });
        overlay.apply(Vendor::Cloudflare, &mut document);
        let other = &document["components"]["schemas"]["dns_records_OtherRecord"];
        assert!(other.get("additionalProperties").is_none());
        assert_eq!(other["properties"]["comment"]["nullable"], true);
        overlay.apply(Vendor::Render, &mut document);
        let responses = &document["paths"]["/x"]["get"]["responses"];
        assert_eq!(responses["404"], "its own");
        assert!(responses["429"]["content"]["application/json"]["schema"].is_object());
        let bare =
            || json!({ "paths": { "/x": { "get": { "responses": { "500": { "description": "" } } } } } });
        for (vendor, filled) in [(Vendor::Supabase, true), (Vendor::Github, false)] {
            let mut document = bare();
            overlay.apply(vendor, &mut document);
            let answer = &document["paths"]["/x"]["get"]["responses"]["500"];
            assert_eq!(answer.get("content").is_some(), filled, "{vendor:?}");
        }
    }
}

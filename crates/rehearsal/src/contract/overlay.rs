//! What vendors really answer beyond their documents: one small file, each
//! entry with its source.

use serde::Deserialize;
use serde_json::Value;

use super::{ContractError, Vendor};

/// The file `overlay.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Overlay {
    statuses: Vec<Status>,
    fields: Vec<Field>,
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

/// A field that a component may carry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Field {
    vendor: Vendor,
    component: String,
    field: String,
    schema: Value,
    #[expect(dead_code, reason = "for the reader of the file; required there")]
    source: String,
}

impl Overlay {
    pub(super) fn load() -> Result<Self, ContractError> {
        serde_json::from_str(include_str!("overlay.json")).map_err(ContractError::Overlay)
    }

    /// Adds this vendor's extra statuses and fields to its document. What the
    /// document says itself stands.
    pub(super) fn apply(&self, vendor: Vendor, document: &mut Value) {
        for field in self.fields.iter().filter(|field| field.vendor == vendor) {
            let properties = document
                .pointer_mut("/components/schemas")
                .and_then(|schemas| schemas.get_mut(&field.component)?.get_mut("properties"))
                .and_then(Value::as_object_mut);
            if let Some(properties) = properties {
                properties.entry(&field.field).or_insert_with(|| field.schema.clone());
            }
        }
        let extra = self.statuses.iter().filter(|status| status.vendor == vendor);
        for status in extra {
            for responses in every_responses(document) {
                for code in &status.statuses {
                    responses.entry(code).or_insert_with(|| status.response());
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

fn every_responses(document: &mut Value) -> Vec<&mut serde_json::Map<String, Value>> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let operations = paths
        .into_iter()
        .flat_map(|paths| paths.values_mut())
        .filter_map(Value::as_object_mut)
        .flat_map(|methods| methods.values_mut());
    operations.filter_map(|operation| operation.get_mut("responses")?.as_object_mut()).collect()
}

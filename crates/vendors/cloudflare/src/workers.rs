//! A Worker's settings (Cloudflare API reference, "Script and version settings").

use std::fmt;

use action::Permit;
use http::Error;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::Cloudflare;

/// A Worker's settings, as far as they are used.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct WorkerSettings {
    /// Every binding. Required although the reference calls it optional: whoever
    /// writes back a list that was not there would remove what the Worker has.
    pub bindings: Vec<Binding>,
}

/// One binding of any kind.
#[derive(Clone, PartialEq, Deserialize, Serialize)]
pub struct Binding {
    /// The name of the variable in the Worker's code.
    pub name: String,
    /// `kv_namespace`, `secret_text`, `plain_text`, `inherit`, ...
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind's own fields, as they came. A secret's value is never among them.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Binding {
    /// A KV namespace.
    #[must_use]
    pub fn kv_namespace(name: &str, namespace_id: &str) -> Self {
        let rest = Map::from_iter([("namespace_id".to_owned(), Value::from(namespace_id))]);
        Self { name: name.to_owned(), kind: "kv_namespace".to_owned(), rest }
    }

    /// Keeps the binding of this name as the latest version has it, whatever its
    /// kind and value.
    #[must_use]
    pub fn inherit(name: &str) -> Self {
        Self { name: name.to_owned(), kind: "inherit".to_owned(), rest: Map::new() }
    }

    /// The namespace behind a binding of the kind `kv_namespace`.
    #[must_use]
    pub fn namespace_id(&self) -> Option<&str> {
        if self.kind == "kv_namespace" { self.rest.get("namespace_id")?.as_str() } else { None }
    }
}

impl fmt::Debug for Binding {
    /// Without the kind's own fields, which may hold a variable's value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Binding").field("name", &self.name).field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Cloudflare {
    /// Reads a Worker's settings. The token needs "Workers Scripts: Read".
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn worker_settings(&self, account: &str, script: &str) -> Result<WorkerSettings, Error> {
        let path = ["accounts", account, "workers", "scripts", script, "settings"];
        // Variables stand in it with their values.
        self.result(self.client.get(path).private()).await
    }

    /// Sets a Worker's bindings, all of them: one that is not listed is to be taken
    /// for lost. Sent as the JSON part `settings` of a form. It makes a new version
    /// of the Worker. The token needs "Workers Scripts: Edit".
    ///
    /// Returns the settings as they are afterwards.
    ///
    /// # Errors
    /// See [`Error`]; after an outcome `Unknown` it may have been applied.
    pub async fn patch_worker_bindings(
        &self,
        account: &str,
        script: &str,
        bindings: &[Binding],
        permit: &Permit,
    ) -> Result<WorkerSettings, Error> {
        let path = ["accounts", account, "workers", "scripts", script, "settings"];
        let request = self.client.patch(path, permit);
        self.result(request.json_part("settings", &json!({"bindings": bindings})).private()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binding_keeps_what_it_does_not_know() {
        let text = json!({"name": "DB", "type": "d1", "database_id": "1", "new": {"a": [1]}});
        let binding: Binding = serde_json::from_value(text.clone()).unwrap();
        assert_eq!(serde_json::to_value(&binding).unwrap(), text);
        assert_eq!(binding.namespace_id(), None);
        assert!(!format!("{binding:?}").contains("database_id"));
    }

    #[test]
    fn settings_without_a_list_of_bindings_are_not_settings() {
        assert!(serde_json::from_value::<WorkerSettings>(json!({})).is_err());
        assert!(serde_json::from_value::<WorkerSettings>(json!({"bindings": [{"type": "ai"}]})).is_err());
        assert!(serde_json::from_value::<WorkerSettings>(json!({"bindings": []})).is_ok());
    }

    #[test]
    fn the_two_bindings_that_are_written() {
        assert_eq!(
            serde_json::to_value([Binding::inherit("A"), Binding::kv_namespace("B", "n")]).unwrap(),
            json!([{"name": "A", "type": "inherit"}, {"name": "B", "type": "kv_namespace", "namespace_id": "n"}])
        );
        assert_eq!(Binding::kv_namespace("B", "n").namespace_id(), Some("n"));
    }
}

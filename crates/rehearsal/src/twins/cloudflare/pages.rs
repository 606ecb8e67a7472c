//! Pages projects: their configuration.

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use serde_json::{Map, Value, json};

use super::envelope::{Answer, Failure, read_json, success};
use super::{Cloudflare, new_id, timestamp};

/// A project, as the API shows it but with its secrets.
#[derive(Clone, Debug)]
pub(super) struct Project {
    pub(super) account: String,
    pub(super) name: String,
    pub(super) body: Value,
}

impl Project {
    /// A project without bindings.
    pub(super) fn new(twin: &Cloudflare, account: &str, name: &str) -> Self {
        let body = json!({
            "id": new_id(),
            "name": name,
            "subdomain": format!("{name}.pages.dev"),
            "domains": [format!("{name}.pages.dev")],
            "created_on": timestamp(twin.clock.wall()),
            "production_branch": "main",
            "production_script_name": format!("pages-worker--{name}-production"),
            "preview_script_name": format!("pages-worker--{name}-preview"),
            "framework": "",
            "framework_version": "",
            "uses_functions": false,
            "canonical_deployment": null,
            "latest_deployment": null,
            "deployment_configs": { "preview": configuration(), "production": configuration() },
        });
        Self { account: account.to_owned(), name: name.to_owned(), body }
    }

    /// As the API shows it: secret values come back empty (Cloudflare docs,
    /// pages/functions/bindings).
    fn shown(&self) -> Value {
        let mut shown = self.body.clone();
        for environment in ["preview", "production"] {
            let variables = shown["deployment_configs"][environment]["env_vars"].as_object_mut();
            for variable in variables.into_iter().flat_map(Map::values_mut) {
                if variable["type"] == "secret_text" {
                    variable["value"] = "".into();
                }
            }
        }
        shown
    }
}

fn configuration() -> Value {
    json!({
        "env_vars": {},
        "kv_namespaces": {},
        "compatibility_date": "2026-01-01",
        "compatibility_flags": [],
        "always_use_latest_compatibility_date": false,
        "build_image_major_version": 3,
        "fail_open": true,
        "usage_model": "standard",
    })
}

/// `GET /accounts/{account_id}/pages/projects/{project_name}`.
pub(super) async fn get(
    Shared(twin): Shared<Cloudflare>,
    Path((account, name)): Path<(String, String)>,
) -> Answer {
    twin.in_project(&account, &name, |project| Ok(success(project.shown())))
}

/// `PATCH /accounts/{account_id}/pages/projects/{project_name}`.
///
/// A map within a configuration (variables, bindings) is merged by name, and a
/// name set to null is deleted (vendor's client library says so of `env_vars`;
/// that it holds for the other maps, and that names left out stay, is inferred).
/// A secret sent back with the empty value that was shown becomes empty
/// (inferred). It changes the configuration only, for the next deployment.
pub(super) async fn edit(
    Shared(twin): Shared<Cloudflare>,
    Path((account, name)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let body = read_json(&body)?;
    let changes = body.as_object().ok_or_else(|| Failure::bad_request(8_000_000, "not an object"))?;
    twin.in_project(&account, &name, |project| {
        for (field, change) in changes {
            let depth = if field == "deployment_configs" { MAPS } else { 1 };
            merge(&mut project.body[field], change, depth);
        }
        Ok(success(project.shown()))
    })
}

/// How deep a configuration is merged: environment, map, name.
const MAPS: usize = 3;

/// Merges objects `depth` levels deep; below that a value replaces the old one.
fn merge(old: &mut Value, change: &Value, depth: usize) {
    match (old.as_object_mut(), change.as_object()) {
        (Some(old), Some(change)) if depth > 0 => {
            for (name, change) in change {
                if change.is_null() {
                    old.remove(name);
                } else {
                    merge(old.entry(name).or_insert(Value::Null), change, depth - 1);
                }
            }
        }
        _ => *old = change.clone(),
    }
}

impl Cloudflare {
    /// Runs `work` on a project; 404 with 8000007 when there is none of that name
    /// (quoted in workers-sdk issue 10818; the status is unverified).
    fn in_project(&self, account: &str, name: &str, work: impl FnOnce(&mut Project) -> Answer) -> Answer {
        let mut state = self.lock();
        let mut projects = state.projects.iter_mut();
        match projects.find(|project| project.account == account && project.name == name) {
            Some(project) => work(project),
            None => {
                let message = "Project not found. The specified project name does not match any of your existing projects.";
                Err(Failure::not_found(8_000_007, message))
            }
        }
    }
}

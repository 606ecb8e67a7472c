//! `serviceDetails`: what a new service starts with and what a request changes.

use serde_json::{Map, Value, json};

use super::settings::{ServiceType, Settings};

/// Keys that a request may set and an answer shows unchanged.
const PLAIN_KEYS: [&str; 14] = [
    "autoscaling",
    "buildCommand",
    "cache",
    "healthCheckPath",
    "ipAllowList",
    "maintenanceMode",
    "maxShutdownDelaySeconds",
    "numInstances",
    "plan",
    "previews",
    "publishPath",
    "pullRequestPreviewsEnabled",
    "renderSubdomainPolicy",
    "schedule",
];

/// The least that answers must show for a service of this type.
pub(super) fn defaults(kind: ServiceType, runtime: &str) -> Map<String, Value> {
    let mut details = match kind {
        ServiceType::Static => json!({"buildCommand": "", "publishPath": "public"}),
        ServiceType::Web => json!({"healthCheckPath": "", "numInstances": 1, "plan": "starter"}),
        ServiceType::Private | ServiceType::Worker => {
            json!({"numInstances": 1, "plan": "starter"})
        }
        ServiceType::Cron => json!({"plan": "starter", "schedule": "0 0 * * *"}),
    };
    if kind != ServiceType::Static {
        details["envSpecificDetails"] = commands(runtime);
    }
    object(details)
}

/// Takes over what a request says; keys that Render's API reference does not
/// know are dropped, as an undocumented field would be.
pub(super) fn merge(settings: &mut Settings, changes: &Map<String, Value>) {
    if let Some(runtime) = text(changes, "runtime").or_else(|| text(changes, "env"))
        && runtime != settings.runtime
    {
        runtime.clone_into(&mut settings.runtime);
        let commands = commands(runtime);
        settings.details.insert("envSpecificDetails".to_owned(), commands);
    }
    if let Some(region) = text(changes, "region") {
        region.clone_into(&mut settings.region);
    }
    for key in PLAIN_KEYS {
        if let Some(value) = changes.get(key) {
            settings.details.insert(key.to_owned(), value.clone());
        }
    }
    merge_commands(settings, changes);
}

/// Answers show the pre-deploy command among the commands, requests send it
/// beside them.
fn merge_commands(settings: &mut Settings, changes: &Map<String, Value>) {
    let Some(Value::Object(commands)) = settings.details.get_mut("envSpecificDetails") else {
        return;
    };
    if let Some(Value::Object(changed)) = changes.get("envSpecificDetails") {
        for (key, value) in changed {
            if commands.contains_key(key) {
                commands.insert(key.clone(), value.clone());
            }
        }
    }
    if let Some(command) = changes.get("preDeployCommand") {
        commands.insert("preDeployCommand".to_owned(), command.clone());
    }
}

fn commands(runtime: &str) -> Value {
    match runtime {
        "docker" | "image" => {
            json!({"dockerCommand": "", "dockerContext": "", "dockerfilePath": ""})
        }
        _ => json!({"buildCommand": "", "startCommand": ""}),
    }
}

fn text<'a>(map: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    map.get(key).and_then(Value::as_str)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

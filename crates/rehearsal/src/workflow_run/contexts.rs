//! What expressions of a run may read, and the `GITHUB_*` variables that say the same.

use std::collections::BTreeMap;
use std::path::Path;

use workflow::Conclusion;
use workflow::expression::Contexts;
use workflow::value::{NameCase, Object, Value};

use super::event::{Event, EventKind};
use super::settings::Settings;
use crate::runner::Runner;

/// What a run is called.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub(super) id: u64,
    pub(super) number: u64,
    pub(super) attempt: u32,
    /// The workflow's file name.
    pub(super) file: String,
    /// Its `name`, or its path.
    pub(super) name: String,
    pub(super) event: Event,
}

impl Identity {
    /// What both the context `github` and the variables `GITHUB_*` say (GitHub docs, "Contexts reference" and
    /// "Variables reference"), by the context's names.
    pub(super) fn facts(&self, settings: &Settings) -> Vec<(&'static str, String)> {
        let Event { reference, commit, kind } = &self.event;
        let Settings { repository, actor, api_url, server_url, .. } = settings;
        vec![
            ("actor", actor.clone()),
            ("api_url", api_url.clone()),
            ("base_ref", String::new()),
            ("event_name", kind.name().to_owned()),
            ("graphql_url", format!("{api_url}/graphql")),
            ("head_ref", String::new()),
            ("ref", reference.to_string()),
            ("ref_name", reference.name().to_owned()),
            ("ref_type", reference.kind().to_owned()),
            ("repository", repository.clone()),
            ("repository_owner", settings.owner().to_owned()),
            ("run_attempt", self.attempt.to_string()),
            ("run_id", self.id.to_string()),
            ("run_number", self.number.to_string()),
            ("server_url", server_url.clone()),
            ("sha", commit.clone()),
            ("triggering_actor", actor.clone()),
            ("workflow", self.name.clone()),
            ("workflow_ref", format!("{repository}/.github/workflows/{}@{reference}", self.file)),
            ("workflow_sha", commit.clone()),
        ]
    }

    /// What the `if` of a job and `concurrency` may read: `github`, `vars` of the repository, `inputs`.
    pub(super) fn contexts(&self, settings: &Settings) -> Contexts {
        Contexts::new()
            .with("github", object(self.facts(settings)))
            .with("vars", object(settings.variables.clone()))
            .with("inputs", self.inputs())
    }

    /// Inputs of a dispatch; of a push there are none. One that is true or false is no text here (GitHub docs,
    /// "Contexts reference", the context `inputs`).
    pub(super) fn inputs(&self) -> Value {
        match &self.event.kind {
            EventKind::Push | EventKind::Schedule => object(BTreeMap::<String, String>::new()),
            EventKind::Dispatch { inputs, booleans, .. } => {
                let value = |name: &String, text: &String| match booleans.contains(name) {
                    true => Value::Bool(text == "true"),
                    false => Value::from(text.clone()),
                };
                let values = inputs.iter().map(|(name, text)| (name.clone(), value(name, text)));
                Value::Object(values.collect::<Object>())
            }
        }
    }
}

/// An object of texts.
pub(super) fn object<N: Into<String>>(pairs: impl IntoIterator<Item = (N, String)>) -> Value {
    Value::Object(pairs.into_iter().map(|(name, value)| (name, Value::from(value))).collect::<Object>())
}

/// The context `env`: as on a Linux runner, case counts.
pub(super) fn env(variables: &BTreeMap<String, String>, own: &BTreeMap<String, String>) -> Value {
    let mut all = variables.clone();
    all.extend(own.clone());
    Value::Object(Object::new(
        NameCase::Kept,
        all.into_iter().map(|(name, value)| (name, Value::from(value))),
    ))
}

/// The context `job`.
pub(super) fn job(status: Conclusion) -> Value {
    object([("status", status.to_string())])
}

/// The context `runner`.
pub(super) fn runner(runner: &Runner) -> Value {
    let shown = |path: &Path| path.display().to_string();
    object([
        ("arch", if std::env::consts::ARCH == "aarch64" { "ARM64" } else { "X64" }.to_owned()),
        ("environment", "self-hosted".to_owned()),
        ("name", "rehearsal".to_owned()),
        ("os", if std::env::consts::OS == "macos" { "macOS" } else { "Linux" }.to_owned()),
        ("temp", shown(&runner.temp())),
        ("tool_cache", shown(runner.tool_cache())),
        ("workspace", shown(runner.workspace())),
    ])
}

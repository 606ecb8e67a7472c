//! Whether a workflow can be executed here, and what a dispatch fills in.

use std::collections::{BTreeMap, BTreeSet};

use workflow::Workflow;
use workflow::triggers::InputKind;
use workflow::workflow::{Action, Uses};

use crate::workflow_run::settings::Settings;
use crate::workflow_run::{Parts, WorkflowRunError};

/// Refuses what a file asks for and nobody here does, before anything is begun.
pub(super) fn executable(
    file: &str,
    workflow: &Workflow,
    settings: &Settings,
    parts: &Parts,
) -> Result<(), WorkflowRunError> {
    for job in &workflow.jobs {
        let refuse = |what: String| {
            Err(WorkflowRunError::Unsupported { place: format!("{file}, job `{}`", job.id), what })
        };
        match job.runs_on.literal() {
            None => return refuse("a `runs-on` with an expression".to_owned()),
            Some(label) if !settings.labels.contains(label) => {
                return refuse(format!("`runs-on: {label}`, a label that no runner has,"));
            }
            Some(_) => {}
        }
        for step in &job.steps {
            let Action::Uses { uses: Uses::Repository { repository, path, .. }, .. } = &step.action else {
                continue;
            };
            if !path.is_empty() || parts.stand_in(repository).is_none() {
                let slash = if path.is_empty() { "" } else { "/" };
                return refuse(format!("the action {repository}{slash}{path}, which has no stand-in,"));
            }
        }
    }
    Ok(())
}

/// The inputs of a dispatch that are true or false.
pub(super) fn booleans(workflow: &Workflow) -> BTreeSet<String> {
    let inputs = workflow.on.dispatch.iter().flat_map(|dispatch| &dispatch.inputs);
    inputs.filter(|input| input.kind == InputKind::Boolean).map(|input| input.name.clone()).collect()
}

/// What a dispatch fills in, with defaults.
pub(super) fn dispatched(
    workflow: &Workflow,
    mut given: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, String> {
    let dispatch = workflow.on.dispatch.as_ref().ok_or("it has no `workflow_dispatch`")?;
    let mut inputs = BTreeMap::new();
    for input in &dispatch.inputs {
        let value = match given.remove(&input.name).or_else(|| input.default.clone()) {
            Some(value) => value,
            None if input.required => return Err(format!("the input `{}` is required", input.name)),
            None => String::new(),
        };
        if !value.is_empty() {
            input.check(&value)?;
        }
        inputs.insert(input.name.clone(), value);
    }
    match given.keys().next() {
        Some(unknown) => Err(format!("there is no input `{unknown}`")),
        None => Ok(inputs),
    }
}

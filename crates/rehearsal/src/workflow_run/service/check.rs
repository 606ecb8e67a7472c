//! What an event starts, and whether it can be executed here.

use std::collections::BTreeMap;

use workflow::Workflow;
use workflow::workflow::{Action, Uses};

use crate::workflow_run::event::{Event, EventKind, Reference};
use crate::workflow_run::refs;
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

/// Whether a push starts a workflow (GitHub docs, "Workflow syntax", `on.push.<branches|tags>`): patterns of one kind
/// alone shut the other kind out.
pub(super) fn starts(file: &str, workflow: &Workflow, event: &Event) -> Result<bool, WorkflowRunError> {
    let Some(push) = workflow.on.push.as_ref().filter(|_| event.kind == EventKind::Push) else {
        return Ok(false);
    };
    let (own, other) = match &event.reference {
        Reference::Branch(_) => (&push.branches, &push.tags),
        Reference::Tag(_) => (&push.tags, &push.branches),
    };
    match own {
        None => Ok(other.is_none()),
        Some(patterns) => refs::any(patterns, event.reference.name()).map_err(|pattern| {
            let what = format!("the pattern `{pattern}`, of which only `*` is known,");
            WorkflowRunError::Unsupported { place: format!("{file}, on.push"), what }
        }),
    }
}

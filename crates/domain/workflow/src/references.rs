//! What a file says about itself: `needs`, and every expression, checked without running anything.

mod graph;
mod sites;

use crate::expression::{Reference, Step as Access};
use crate::problem::Fault;
use crate::workflow::{Job, Workflow};
use sites::Site;

/// Checks a whole file.
///
/// # Errors
/// The first job, step, output, input or context that an expression cannot refer to, with its place.
pub(crate) fn check(workflow: &Workflow) -> Result<(), Fault> {
    graph::check(workflow)?;
    sites::of(workflow).iter().try_for_each(|site| site.check(workflow))
}

impl Site<'_> {
    fn check(&self, workflow: &Workflow) -> Result<(), Fault> {
        let fault = |message: String| self.path.fault(message);
        self.text.check(self.place).map_err(|error| fault(error.to_string()))?;
        for reference in &self.text.references().contexts {
            self.resolve(workflow, reference).map_err(fault)?;
        }
        Ok(())
    }

    fn resolve(&self, workflow: &Workflow, reference: &Reference) -> Result<(), String> {
        let steps = &reference.steps;
        match (reference.context.to_ascii_lowercase().as_str(), self.job) {
            ("needs", Some(job)) => needs(workflow, job, steps),
            ("steps", Some(job)) => self.steps(job, steps),
            ("inputs", _) => inputs(workflow, steps),
            (name @ ("matrix" | "strategy"), _) => {
                Err(format!("the context `{name}` is not supported here, since matrices are not"))
            }
            ("job", _) => job_context(steps),
            _ => Ok(()),
        }
    }

    fn steps(&self, job: &Job, steps: &[Access]) -> Result<(), String> {
        let Some((Access::Name(id), rest)) = steps.split_first() else { return Ok(()) };
        let is_this = |step: &crate::workflow::Step| {
            step.id.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(id))
        };
        let Some(at) = job.steps.iter().position(is_this) else {
            return Err(format!("no step of the job `{}` has the id `{id}`", job.id));
        };
        if self.step.is_some_and(|own| at >= own) {
            return Err(format!("the step `{id}` does not come before this one, so it has no value yet"));
        }
        properties(&format!("steps.{id}"), rest, &["outputs", "outcome", "conclusion"])
    }
}

fn needs(workflow: &Workflow, job: &Job, steps: &[Access]) -> Result<(), String> {
    let Some((Access::Name(id), rest)) = steps.split_first() else { return Ok(()) };
    let Some(needed) = job.needs.iter().find(|known| known.eq_ignore_ascii_case(id)) else {
        return Err(match workflow.jobs.iter().any(|known| known.id.eq_ignore_ascii_case(id)) {
            true => format!("`{id}` is not in the `needs` of the job `{}`", job.id),
            false => format!("there is no job `{id}`"),
        });
    };
    properties(&format!("needs.{id}"), rest, &["result", "outputs"])?;
    let [Access::Name(kind), Access::Name(output), ..] = rest else { return Ok(()) };
    let declared = workflow.job(needed).into_iter().flat_map(|job| &job.outputs);
    let names: Vec<&str> = declared.map(|(name, _)| name.as_str()).collect();
    if kind.eq_ignore_ascii_case("outputs") && !contains(&names, output) {
        return Err(format!("the job `{id}` has no output `{output}`{}", listed(&names)));
    }
    Ok(())
}

fn inputs(workflow: &Workflow, steps: &[Access]) -> Result<(), String> {
    let declared = workflow.on.dispatch.iter().flat_map(|dispatch| &dispatch.inputs);
    let names: Vec<&str> = declared.map(|input| input.name.as_str()).collect();
    match steps {
        [Access::Name(name), ..] if !contains(&names, name) => {
            Err(format!("`workflow_dispatch` has no input `{name}`{}", listed(&names)))
        }
        _ => Ok(()),
    }
}

fn job_context(steps: &[Access]) -> Result<(), String> {
    match steps {
        [Access::Name(name), ..] if !name.eq_ignore_ascii_case("status") => {
            Err(format!("`job.{name}` is not supported here, only `job.status` is"))
        }
        _ => Ok(()),
    }
}

fn properties(what: &str, steps: &[Access], known: &[&str]) -> Result<(), String> {
    match steps {
        [Access::Name(name), ..] if !contains(known, name) => {
            Err(format!("`{what}` has no `{name}`{}", listed(known)))
        }
        _ => Ok(()),
    }
}

fn contains(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        names => format!(", only {}", names.join(", ")),
    }
}

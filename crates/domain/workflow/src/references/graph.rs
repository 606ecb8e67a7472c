//! That every `needs` names a job, and that no job waits for itself.

use crate::problem::{Fault, Path};
use crate::workflow::{Job, Workflow};

pub(super) fn check(workflow: &Workflow) -> Result<(), Fault> {
    workflow.jobs.iter().try_for_each(|job| exist(workflow, job))?;
    workflow.jobs.iter().try_for_each(|job| ends(workflow, job))
}

fn path(job: &Job) -> Path {
    Path::default().key("jobs").key(&job.id)
}

fn exist(workflow: &Workflow, job: &Job) -> Result<(), Fault> {
    match job.needs.iter().find(|needed| workflow.job(needed).is_none()) {
        Some(missing) => Err(path(job).key("needs").fault(format!("there is no job `{missing}`"))),
        None => Ok(()),
    }
}

fn ends(workflow: &Workflow, job: &Job) -> Result<(), Fault> {
    match circle(workflow, job) {
        Some(circle) => Err(path(job).key("needs").fault(format!(
            "the job waits for itself, so it can never start: {} needs {}",
            job.id,
            circle.join(", which needs ")
        ))),
        None => Ok(()),
    }
}

/// The jobs on the way from a job back to itself, itself last.
fn circle<'w>(workflow: &'w Workflow, job: &'w Job) -> Option<Vec<&'w str>> {
    let mut seen = Vec::new();
    let mut open: Vec<Vec<&str>> = job.needs.iter().map(|needed| vec![needed.as_str()]).collect();
    while let Some(way) = open.pop() {
        let Some(&last) = way.last() else { continue };
        if last == job.id {
            return Some(way);
        }
        if seen.contains(&last) {
            continue;
        }
        seen.push(last);
        for next in workflow.job(last).into_iter().flat_map(|job| &job.needs) {
            open.push(way.iter().copied().chain([next.as_str()]).collect());
        }
    }
    None
}

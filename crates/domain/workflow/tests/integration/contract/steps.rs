//! What the steps of the jobs that change production do, in their order.

use workflow::workflow::{Action, Job, Step, Uses};

use super::{PRODUCTION, STAGING};
use crate::files::workflow;

fn given<'s>(step: &'s Step, input: &str) -> Option<&'s str> {
    let Action::Uses { with, .. } = &step.action else { return None };
    with.iter().find(|(key, _)| key == input)?.1.literal()
}

/// `action mode if condition` of each step.
fn steps(job: &Job) -> Vec<String> {
    let told = |step: &Step| {
        let Action::Uses { uses: Uses::Own { path }, .. } = &step.action else { panic!("{step:?}") };
        let mode = given(step, "mode").map(|mode| format!(" {mode}"));
        let condition = step.condition.as_ref().and_then(|condition| condition.expression());
        let condition = condition.map(|expression| format!(" if {}", expression.source()));
        format!("{path}{}{}", mode.unwrap_or_default(), condition.unwrap_or_default())
    };
    job.steps.iter().map(told).collect()
}

/// The names move once, all together, after the intent is in the ledger; and the cutover is recorded only after
/// every check from outside, any failure of which prints the way back.
#[test]
fn the_ledger_is_written_before_and_after_the_flip() {
    let file = workflow(PRODUCTION);
    let of = |job: &str| steps(file.job(job).unwrap());
    assert_eq!(of("flip"), ["actions/cutover-record intent", "actions/cname-flip"]);
    let affected = |target: &str| format!("if contains(fromJSON(needs.changes.outputs.flips), '{target}')");
    assert_eq!(
        of("confirm"),
        [
            format!("actions/version-poll {}", affected("api")),
            format!("actions/version-poll {}", affected("dashboard")),
            format!("actions/version-poll {}", affected("operations")),
            format!("actions/workers-heartbeat {}", affected("workers")),
            "actions/cutover-record cut-over".to_owned(),
            "actions/cutover-record way-back if failure() || cancelled()".to_owned(),
        ]
    );
    let flips = |job: &&Job| job.steps.iter().any(|step| format!("{:?}", step.action).contains("cname-flip"));
    assert_eq!(file.jobs.iter().filter(flips).map(|job| job.id.as_str()).collect::<Vec<_>>(), ["flip"]);
    assert!(
        file.jobs.iter().flat_map(|job| &job.steps).all(|step| !step.continue_on_error),
        "no failure is forgiven"
    );
}

#[test]
fn pages_go_to_the_branch_of_their_environment() {
    for (name, branch) in [(PRODUCTION, "main"), (STAGING, "staging")] {
        let file = workflow(name);
        let commands: Vec<&str> =
            file.jobs.iter().flat_map(|job| &job.steps).filter_map(|step| given(step, "command")).collect();
        let expected = ["docs-user", "docs-codex"].map(|project| {
            format!("pages deploy apps/{project}/dist --project-name={project} --branch={branch}")
        });
        assert_eq!(commands, expected, "{name}");
    }
}

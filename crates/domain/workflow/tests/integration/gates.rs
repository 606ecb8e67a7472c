//! The contract of the deploy workflows: no path of the job graph reaches a job without every gate before it.
//!
//! [`rules`] says, apart from the files, what each job waits for. [`walk`] plays the real job graph through every
//! set of at most two bad outcomes, and [`conditions`] asks the `if` of one job under every set of results,
//! reachable or not, so that a condition counts although another job implies it. [`mutants`] takes the gates out
//! of the files one by one and sees that one of the three notices: the reader, the walk or the conditions.

mod conditions;
mod mutants;
mod rules;
mod walk;

use workflow::expression::Contexts;
use workflow::value::{Object, Value};

use crate::files::workflow;
use rules::{PRODUCTION, STAGING, TARGETS};

/// Every set of affected targets.
fn affected_sets() -> Vec<Vec<&'static str>> {
    let has = |set: usize, index: usize| set & (1 << index) != 0;
    (0..1 << TARGETS.len())
        .map(|set| (0..TARGETS.len()).filter(|&index| has(set, index)).map(|index| TARGETS[index]).collect())
        .collect()
}

/// The targets of these that belong to a colour pair.
fn flips<'t>(affected: &[&'t str]) -> Vec<&'t str> {
    affected.iter().copied().filter(|target| !target.starts_with("docs-")).collect()
}

fn json(targets: &[&str]) -> String {
    let quoted: Vec<String> = targets.iter().map(|target| format!("\"{target}\"")).collect();
    format!("[{}]", quoted.join(","))
}

/// What the job `changes` says about these targets.
fn changes(affected: &[&str]) -> Vec<(String, String)> {
    [
        ("targets", json(affected)),
        ("any", (!affected.is_empty()).to_string()),
        ("flips", json(&flips(affected))),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// What every condition of a job sees, where the deploy workflows are switched on.
fn contexts() -> Contexts {
    let on: Object = [("DEPLOY_TOPOLOGY", Value::from("render"))].into_iter().collect();
    Contexts::new()
        .with("vars", on)
        .with("github", Object::from_iter([("ref", Value::from("refs/tags/prod-1"))]))
}

#[test]
fn production_takes_no_path_around_a_gate() {
    let walked = walk::all(&workflow("deploy-prod.yml"), PRODUCTION);
    assert_eq!(walked.violations, Vec::<String>::new());
    // One and sixteen jobs: none bad, one in three ways, two in nine; times 64 sets of targets.
    assert_eq!(walked.cases, (1 + 17 * 3 + 136 * 9) * 64);
    assert_eq!(walked.played, 4003);
}

#[test]
fn staging_takes_no_path_around_a_gate() {
    let walked = walk::all(&workflow("deploy-staging.yml"), STAGING);
    assert_eq!(walked.violations, Vec::<String>::new());
    assert_eq!(walked.cases, (1 + 9 * 3 + 36 * 9) * 64);
    assert_eq!(walked.played, 3373);
}

#[test]
fn every_condition_says_all_that_it_must() {
    let production = conditions::all(&workflow("deploy-prod.yml"), PRODUCTION);
    assert_eq!(production.violations, Vec::<String>::new());
    let staging = conditions::all(&workflow("deploy-staging.yml"), STAGING);
    assert_eq!(staging.violations, Vec::<String>::new());
    // For 1, 4, 6, 8, 10 and 12 gates: 4, 67, 154, 277, 436 and 631 sets; times 64 sets of targets, cancelled or not.
    assert_eq!(production.cases, (436 + 631 + 4 + 67 + 67 + 154) * 64 * 2);
    assert_eq!(staging.cases, 277 * 64 * 2);
}

#[test]
fn nothing_starts_where_it_is_switched_off() {
    for (name, jobs) in [("deploy-prod.yml", 17), ("deploy-staging.yml", 9)] {
        let file = workflow(name);
        let mut run = workflow::Run::new(
            &file,
            Contexts::new().with("vars", Object::from_iter([] as [(&str, Value); 0])),
        );
        let decided = run.next();
        assert_eq!(decided.len(), jobs, "{name}");
        assert!(decided.iter().all(|(_, verdict)| *verdict == workflow::Verdict::Skip), "{decided:?}");
        assert_eq!(run.conclusion(), Some(workflow::Conclusion::Skipped));
    }
}

//! What an operator starts by hand, or the clock: drain, sync and rollback (ADR-053 D11, D13, D14).

use workflow::triggers::InputKind;
use workflow::workflow::{Action, Queue, Uses, Workflow};

use super::{DRAIN, OPERATIONS, ROLLBACK, SYNC, environment, granted};
use crate::files::workflow;

fn inputs(file: &Workflow) -> Vec<(String, bool, InputKind)> {
    let dispatch = file.on.dispatch.as_ref().unwrap();
    let told = |input: &workflow::triggers::Input| (input.name.clone(), input.required, input.kind.clone());
    dispatch.inputs.iter().map(told).collect()
}

#[test]
fn they_start_by_hand_and_sync_by_the_clock_too() {
    let number = ("target_generation".to_owned(), true, InputKind::Number);
    assert_eq!(inputs(&workflow(DRAIN)), [number]);
    assert_eq!(inputs(&workflow(SYNC)), [("targets".to_owned(), false, InputKind::Text)]);
    let symptoms = ["behaviour", "data", "migration"].map(str::to_owned).to_vec();
    let symptom = ("symptom".to_owned(), true, InputKind::Choice(symptoms));
    let generation = ("generation".to_owned(), false, InputKind::Text);
    let flip_back = ("flip-back".to_owned(), false, InputKind::Boolean);
    assert_eq!(inputs(&workflow(ROLLBACK)), [symptom, generation, flip_back]);
    let by_the_clock = OPERATIONS.map(|name| workflow(name).on.schedule.len());
    assert_eq!(by_the_clock, [0, 1, 0]);
    assert!(OPERATIONS.iter().all(|name| workflow(name).on.push.is_none()));
}

/// A drain or a sync beside a cutover would act on roles that change meanwhile; a rollback must not wait for the
/// next cutover.
#[test]
fn drain_and_sync_share_the_queue_of_the_cutovers_and_a_rollback_does_not() {
    let cutovers = workflow(super::PRODUCTION).concurrency.unwrap();
    for name in [DRAIN, SYNC] {
        let own = workflow(name).concurrency.unwrap();
        assert_eq!(own.group.literal(), cutovers.group.literal(), "{name}");
        assert_eq!((own.cancel_in_progress, own.queue), (false, Queue::Max), "{name}");
    }
    let own = workflow(ROLLBACK).concurrency.unwrap();
    assert_eq!((own.group.literal(), own.cancel_in_progress), (Some("rollback"), false));
}

#[test]
fn each_is_one_job_of_an_operator_that_only_reads_the_repository() {
    for name in OPERATIONS {
        let file = workflow(name);
        let [job] = &file.jobs[..] else { panic!("{name} has one job") };
        assert_eq!(environment(job), Some("production-ops"), "{name}");
        assert_eq!(granted(&file), [format!("{}: contents Read", job.id)]);
        let condition = job.condition.as_ref().and_then(|condition| condition.expression()).unwrap();
        assert_eq!(condition.source(), "vars.DEPLOY_TOPOLOGY == 'render'");
    }
}

/// The code of an old generation is looked at, never run: its checkout has a path of its own.
#[test]
fn a_drain_checks_the_generation_out_under_its_own_path() {
    let file = workflow(DRAIN);
    let checkout = file.jobs[0].steps.iter().find_map(|step| match &step.action {
        Action::Uses { uses: Uses::Repository { repository, .. }, with }
            if repository == "actions/checkout" =>
        {
            Some(with)
        }
        _ => None,
    });
    let path = checkout.unwrap().iter().find(|(key, _)| key == "path");
    assert_eq!(path.and_then(|(_, value)| value.literal()), Some("generation"));
}

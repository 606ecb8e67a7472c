//! Killed at any moment and run again: the same end, and one deploy.

use rehearsal::fault::{Rule, What, When};
use rehearsal::twins::render::Habits;

use crate::world::{Report, World, block_on, seconds, sha, usual};

const SET: &str = "PUT /v1/services/{id}/env-vars/{key}";
const ASK: &str = "POST /v1/services/{id}/deploys";

/// Every request of a run that comes after another one's effect: while it hangs,
/// everything before it has happened, and itself has not.
const MOMENTS: [(&str, u64); 10] = [
    ("GET /v1/services/{id}/env-vars", 1),
    (SET, 1),
    (SET, 2),
    ("GET /v1/services/{id}/deploys", 2),
    (SET, 3),
    (ASK, 1),
    ("GET /v1/services/{id}/deploys/{deploy}", 1),
    ("GET /v1/services/{id}/deploys/{deploy}", 5),
    ("GET /v1/services/{id}/env-vars", 2),
    ("DELETE /v1/services/{id}/env-vars/{key}", 1),
];

/// Runs until the rule strikes, then is gone as after SIGKILL. Says how it ended if
/// it came to its end before.
fn run_until(world: &World, inputs: &[(&str, &str)], rule: &Rule) -> Option<Report> {
    block_on(rule.kills(world.start(inputs)))
}

/// The usual run, killed when the rule strikes.
#[track_caller]
fn kill_at(world: &World, service: &str, rule: &Rule) {
    let ended = run_until(world, &usual(service, &sha('b')), rule);
    assert!(ended.is_none(), "it was not killed: {ended:?}");
}

#[test]
fn killed_anywhere_the_next_run_ends_the_same() {
    for (route, nth) in MOMENTS {
        for lag in [0, 5] {
            let world = World::new();
            let service = world.web();
            world.twin.set_habits(&service, Habits { list_lag: seconds(lag), ..Habits::default() }).unwrap();
            let rule = world.faults().on(route, When::Nth(nth), What::Hang);
            kill_at(&world, &service, &rule);
            let report = world.deploy(&service);
            assert_eq!(report.end(), (0, "success"), "{route} {nth} {lag}: {report:?}");
            world.assert_deployed(&service);
            assert_eq!(world.triggered(), 1, "{route} {nth} {lag}");
            world.assert_settled(&service);
        }
    }
}

#[test]
fn killed_twice_the_third_run_ends_the_same() {
    for (first, nth) in MOMENTS {
        for (second, nth_of_second) in MOMENTS {
            let world = World::new();
            let service = world.web();
            let rule = world.faults().on(first, When::Nth(nth), What::Hang);
            kill_at(&world, &service, &rule);
            // The second run may take a shorter way, and not come to this moment.
            let rule = world.faults().on(second, When::Nth(nth_of_second), What::Hang);
            run_until(&world, &usual(&service, &sha('b')), &rule);
            let report = world.deploy(&service);
            assert_eq!(report.ending.code(), 0, "{first} {nth} {second} {nth_of_second}: {report:?}");
            world.assert_deployed(&service);
            assert_eq!(world.triggered(), 1, "{first} {nth} {second} {nth_of_second}");
            world.assert_settled(&service);
        }
    }
}

#[test]
fn killed_while_its_request_is_being_answered() {
    // Render begins the deploy; the run never hears of it. An empty answer that is
    // lost makes the client look for the deploy: kill it there.
    for appears in [0, 4] {
        let world = World::new();
        let service = world.web();
        let answer = rehearsal::twins::render::TriggerAnswer::Accepted { appears_after: seconds(appears) };
        world.twin.answer_triggers(&service, [answer]).unwrap();
        let rule = world.faults().on("GET /v1/services/{id}/deploys", When::Nth(3), What::Hang);
        kill_at(&world, &service, &rule);
        let report = world.deploy(&service);
        assert_eq!(report.end(), (0, "success"), "{report:?}");
        world.assert_deployed(&service);
        assert_eq!(world.triggered(), 1);
        world.assert_settled(&service);
    }
}

#[test]
fn killed_between_variables_and_request_the_old_generation_is_not_taken_for_the_new_one() {
    // The trap: the same commit, so that after the kill nothing differs any more.
    let world = World::new();
    let service = world.web();
    let commit = sha('a');
    let inputs = usual(&service, &commit);
    let rule = world.faults().on(ASK, When::Nth(1), What::Hang);
    assert!(run_until(&world, &inputs, &rule).is_none(), "it was not killed");
    assert_eq!(world.twin.env(&service).unwrap()["GENERATION"], "42");
    assert_eq!(world.running(&service), (sha('a'), "41".to_owned()));
    let report = world.run(&inputs);
    assert_eq!(report.end(), (0, "success"), "{report:?}");
    assert_eq!(world.running(&service), (sha('a'), "42".to_owned()));
    assert_eq!(world.run(&inputs).end(), (0, "unchanged"));
}

#[test]
fn another_runs_mark_does_not_hinder() {
    for (route, nth) in MOMENTS {
        let world = World::new();
        let service = world.web();
        let rule = world.faults().on(route, When::Nth(nth), What::Hang);
        kill_at(&world, &service, &rule);
        let commit = sha('c');
        let inputs = [("service-id", service.as_str()), ("commit", &commit), ("env", "GENERATION=43")];
        let report = world.run(&inputs);
        assert_eq!(report.end(), (0, "success"), "{route} {nth}: {report:?}");
        assert_eq!(world.running(&service), (sha('c'), "43".to_owned()));
        assert!(!world.is_marked(&service));
        assert_eq!(world.run(&inputs).end(), (0, "unchanged"));
    }
}

#[test]
fn a_mark_of_unknown_form_is_replaced_and_removed() {
    let world = World::new();
    let service = world.web();
    world.twin.set_env(&service, crate::world::MARK, "v9:whatever").unwrap();
    let commit = sha('a');
    let inputs = [("service-id", service.as_str()), ("commit", &commit), ("env", "GENERATION=41")];
    assert_eq!(world.run(&inputs).end(), (0, "success"));
    assert_eq!(world.triggered(), 1);
    assert!(!world.is_marked(&service));
    assert_eq!(world.run(&inputs).end(), (0, "unchanged"));
}

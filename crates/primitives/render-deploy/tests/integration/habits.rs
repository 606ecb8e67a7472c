//! Render's awkward habits: empty 202s, lists that lag, clocks that are off.

use rehearsal::twins::render::{Habits, Skew, TriggerAnswer};

use crate::world::{World, seconds, sha, usual};

#[test]
fn an_empty_202_is_looked_for() {
    for (appears, lag) in [(0, 0), (5, 0), (40, 0), (0, 8), (30, 30)] {
        let world = World::new();
        let service = world.web();
        let trigger_answer = TriggerAnswer::Accepted { appears_after: seconds(appears) };
        world.twin.set_habits(&service, Habits { trigger_answer, list_lag: seconds(lag) }).unwrap();
        let report = world.deploy(&service);
        assert_eq!(report.end(), (0, "success"), "{report:?}");
        assert_eq!(report.outputs["deploy-id"], world.newest(&service).id);
        world.assert_deployed(&service);
        assert_eq!(world.triggered(), 1);
    }
}

#[test]
fn somebody_elses_deploy_is_not_taken_for_the_one_that_has_no_id_yet() {
    use rehearsal::twins::render::Trigger;
    let world = World::new();
    let service = world.web();
    // Before the run: of the same commit, through the API, and older than the variables.
    world.twin.trigger(&service, Trigger::Api, &sha('b')).unwrap();
    let answer = TriggerAnswer::Accepted { appears_after: seconds(20) };
    world.twin.answer_triggers(&service, [answer]).unwrap();
    // During it: another commit, and this commit by hand.
    world.twin.trigger_after(&service, seconds(3), &sha('c')).unwrap();
    world.twin.trigger_after(&service, seconds(6), &sha('b')).unwrap();
    let report = world.deploy(&service);
    assert_eq!(report.end(), (0, "success"), "{report:?}");
    assert_eq!(report.outputs["deploy-id"], world.newest(&service).id);
    assert_eq!(world.running(&service), (sha('b'), "42".to_owned()));
}

#[test]
fn a_202_that_nothing_follows_ends_in_a_time_out_and_no_second_request() {
    let world = World::new();
    let service = world.web();
    world.twin.answer_triggers(&service, [TriggerAnswer::Lost]).unwrap();
    let report = world.deploy(&service);
    assert_eq!(report.end(), (3, "timed-out"), "{report:?}");
    assert!(report.stderr.contains("Render accepted the deploy without naming it"), "{}", report.stderr);
    assert_eq!(world.server.journal().count("POST /v1/services/{id}/deploys"), 1);
    assert!(world.is_marked(&service));
    assert_eq!(world.running(&service), (sha('a'), "41".to_owned()));
    // The next run looks once more, then asks.
    assert_eq!(world.deploy(&service).end(), (0, "success"));
    world.assert_deployed(&service);
}

#[test]
fn clocks_that_are_off_do_not_matter() {
    for skew in [Skew::Ahead(seconds(3600)), Skew::Behind(seconds(3600))] {
        for answer in [TriggerAnswer::Created, TriggerAnswer::Accepted { appears_after: seconds(3) }] {
            let world = World::new();
            let service = world.web();
            world.twin.set_skew(skew);
            world.twin.answer_triggers(&service, [answer]).unwrap();
            assert_eq!(world.deploy(&service).end(), (0, "success"));
            world.assert_deployed(&service);
            world.assert_settled(&service);
        }
    }
}

#[test]
fn a_service_that_never_deployed_gets_its_first_deploy() {
    use rehearsal::twins::render::NewService;
    for answer in [TriggerAnswer::Created, TriggerAnswer::Accepted { appears_after: seconds(3) }] {
        let world = World::new();
        let service = world.twin.add_service(&NewService::web("api"));
        world.twin.answer_triggers(&service, [answer]).unwrap();
        assert_eq!(world.deploy(&service).end(), (0, "success"));
        world.assert_deployed(&service);
        world.assert_settled(&service);
    }
}

#[test]
fn the_rate_limit_of_deploys_is_waited_out() {
    let world = World::new();
    let service = world.web();
    let limits = rehearsal::twins::render::Limits { service_changes: Some(1), ..Default::default() };
    world.twin.set_limits(limits);
    let (one, other) = (sha('c'), sha('b'));
    for commit in [&one, &other] {
        let inputs = [("service-id", service.as_str()), ("commit", commit), ("timeout", "25m")];
        world.twin.plan_deploys(&service, [rehearsal::twins::render::Plan::at_once()]).unwrap();
        assert_eq!(world.run(&inputs).end(), (0, "success"));
    }
    assert_eq!(world.triggered(), 2);
    let refused = world.server.journal().of("POST /v1/services/{id}/deploys");
    assert!(refused.iter().any(|entry| entry.status.unwrap() == 429), "the limit was met");
}

#[test]
fn many_variables_pass_the_limit_of_writes() {
    let world = World::new();
    let service = world.web();
    let lines: String = (0..40).map(|number| format!("VARIABLE_{number}={number}\n")).collect();
    let commit = sha('b');
    let mut inputs = usual(&service, &commit);
    let env = format!("GENERATION=42\nPASSWORD=$NEW_PASSWORD\n{lines}");
    inputs[2].1 = &env;
    assert_eq!(world.run(&inputs).end(), (0, "success"));
    world.assert_deployed(&service);
    assert_eq!(world.twin.env(&service).unwrap().len(), 42);
}

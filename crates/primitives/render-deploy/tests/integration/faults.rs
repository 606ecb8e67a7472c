//! Passing faults, lost answers, and services that stay broken.

use rehearsal::fault::{Garble, What, When};

use crate::world::{MARK, World, sha, usual};

const LOOK: &str = "GET /v1/services/{id}/deploys/{deploy}";
const ASK: &str = "POST /v1/services/{id}/deploys";
const LIST: &str = "GET /v1/services/{id}/deploys";
const SET: &str = "PUT /v1/services/{id}/env-vars/{key}";
const CLEAR: &str = "DELETE /v1/services/{id}/env-vars/{key}";

/// Faults that pass.
fn passing() -> Vec<What> {
    vec![
        What::Refuse,
        What::Reset,
        What::status(500),
        What::status(502),
        What::status(503),
        What::too_many_requests(7),
        What::CutBody,
        What::ApplyThenLose,
        What::Garble(Garble::Html),
        What::Garble(Garble::Truncated),
        What::Garble(Garble::WrongTypes),
        What::Garble(Garble::Bytes("{\"x\":1}".into())),
    ]
}

#[test]
fn looks_that_fail_do_not_end_the_wait() {
    for what in passing().into_iter().chain([What::status(404)]) {
        let world = World::new();
        let service = world.web();
        for nth in [1, 4] {
            world.faults().on(LOOK, When::Nth(nth), what.clone());
        }
        let report = world.deploy(&service);
        assert_eq!(report.end(), (0, "success"), "{what}: {report:?}");
        world.assert_deployed(&service);
        assert_eq!(world.faults().unfired(), [""; 0]);
    }
}

#[test]
fn a_key_that_is_revoked_ends_the_wait() {
    let world = World::new();
    let service = world.web();
    world.faults().on(
        LOOK,
        When::From(3),
        What::Answer(rehearsal::fault::Answer::json(401, r#"{"message":"Unauthorized"}"#)),
    );
    let report = world.deploy(&service);
    assert_eq!(report.end(), (4, "denied"), "{report:?}");
    assert!(report.stderr.contains("goes on at Render"), "{}", report.stderr);
    assert_eq!(world.server.journal().count(LOOK), 2);
}

#[test]
fn a_deploy_that_is_gone_ends_the_wait() {
    let world = World::new();
    let service = world.web();
    let gone = rehearsal::fault::Answer::json(404, r#"{"message":"not found"}"#);
    let rule = world.faults().on(LOOK, When::From(2), What::Answer(gone));
    let report = world.deploy(&service);
    assert_eq!(report.end(), (4, "denied"), "{report:?}");
    assert_eq!(rule.fired(), 3);
}

#[test]
fn looks_that_fail_for_ever_end_with_the_time_out() {
    let world = World::new();
    let service = world.web();
    world.faults().on(LOOK, When::Always, What::status(503));
    let report = world.deploy(&service);
    assert_eq!(report.end(), (3, "timed-out"), "{report:?}");
    assert!(report.stderr.contains("looks failed, the last one: GET "), "{}", report.stderr);
}

#[test]
fn an_unclear_request_is_never_repeated() {
    // Render began the deploy, and the answer was lost, cut or garbled.
    let applied = [
        What::ApplyThenLose,
        What::CutBody,
        What::Garble(Garble::Truncated),
        What::Garble(Garble::WrongTypes),
    ];
    for what in applied {
        let world = World::new();
        let service = world.web();
        world.faults().on(ASK, When::First(1), what.clone());
        let report = world.deploy(&service);
        assert_eq!(report.end(), (0, "success"), "{what}: {report:?}");
        assert_eq!(report.outputs["deploy-id"], world.newest(&service).id);
        world.assert_deployed(&service);
        assert_eq!((world.triggered(), world.faults().unfired().len()), (1, 0));
    }
    // It never came to Render; from here that looks the same.
    for what in [What::Reset, What::Refuse, What::status(500), What::status(502), What::Garble(Garble::Html)]
    {
        let world = World::new();
        let service = world.web();
        let rule = world.faults().on(ASK, When::Always, what.clone());
        let report = world.deploy(&service);
        assert_eq!(report.end(), (3, "timed-out"), "{what}: {report:?}");
        assert!(report.stderr.contains("no deploy of "), "{}", report.stderr);
        assert_eq!((rule.fired(), world.triggered()), (1, 0), "{what}");
        // A second run looks for it, then asks once.
        rule.cancel();
        assert_eq!(world.deploy(&service).end(), (0, "success"), "{what}");
        world.assert_deployed(&service);
        world.assert_settled(&service);
    }
}

#[test]
fn a_key_that_is_revoked_after_an_unclear_request_hides_nothing() {
    let world = World::new();
    let service = world.web();
    world.faults().on(ASK, When::First(1), What::ApplyThenLose);
    let denied = rehearsal::fault::Answer::json(403, r#"{"message":"forbidden"}"#);
    world.faults().on(LIST, When::Nth(3), What::Answer(denied));
    let report = world.deploy(&service);
    assert_eq!(report.end(), (4, "denied"), "{report:?}");
    assert!(report.stderr.contains("look for the deploy of "), "{}", report.stderr);
    assert!(report.stderr.contains("that was asked for"), "{}", report.stderr);
    assert!(!report.stderr.contains("nothing visible changed"), "{}", report.stderr);
    assert_eq!(world.deploy(&service).end(), (0, "success"));
    world.assert_deployed(&service);
}

#[test]
fn a_request_that_certainly_was_not_applied_is_repeated() {
    let world = World::new();
    let service = world.web();
    world.faults().on(ASK, When::First(2), What::too_many_requests(5));
    assert_eq!(world.deploy(&service).end(), (0, "success"));
    world.assert_deployed(&service);
}

#[test]
fn a_request_that_render_refuses_ends_the_run_and_says_what_is_written() {
    let world = World::new();
    let service = world.web();
    let refusal = rehearsal::fault::Answer::json(409, r#"{"message":"conflict"}"#);
    let rule = world.faults().on(ASK, When::Always, What::Answer(refusal));
    let report = world.deploy(&service);
    assert_eq!(report.end(), (4, "denied"), "{report:?}");
    assert!(report.stderr.contains("409, conflict"), "{}", report.stderr);
    assert!(report.stderr.contains(MARK), "{}", report.stderr);
    assert_eq!(rule.fired(), 1);
    rule.cancel();
    assert_eq!(world.deploy(&service).end(), (0, "success"));
    world.assert_deployed(&service);
}

#[test]
fn writes_of_variables_survive_lost_answers() {
    for what in passing() {
        for nth in 1..=3 {
            let world = World::new();
            let service = world.web();
            world.faults().on(SET, When::Nth(nth), what.clone());
            let report = world.deploy(&service);
            assert_eq!(report.end(), (0, "success"), "{what} {nth}: {report:?}");
            world.assert_deployed(&service);
            assert_eq!(world.faults().unfired(), [""; 0]);
        }
    }
}

#[test]
fn lists_survive_passing_faults() {
    for route in ["GET /v1/services/{id}", LIST, "GET /v1/services/{id}/env-vars"] {
        for what in passing() {
            for nth in [1, 2] {
                let world = World::new();
                let service = world.web();
                world.faults().on(route, When::Nth(nth), what.clone());
                let report = world.deploy(&service);
                assert_eq!(report.end(), (0, "success"), "{route} {what} {nth}: {report:?}");
                world.assert_deployed(&service);
            }
        }
    }
}

#[test]
fn stale_answers_do_no_harm() {
    for route in ["GET /v1/services/{id}", LIST, "GET /v1/services/{id}/env-vars", LOOK] {
        for nth in 2..=4 {
            let world = World::new();
            let service = world.web();
            world.faults().on(route, When::Nth(nth), What::Stale);
            let report = world.deploy(&service);
            assert_eq!(report.end(), (0, "success"), "{route} {nth}: {report:?}");
            world.assert_deployed(&service);
            world.faults().clear();
            world.assert_settled(&service);
        }
    }
}

#[test]
fn a_mark_that_cannot_be_removed_is_left_to_the_next_run() {
    let world = World::new();
    let service = world.web();
    let rule = world.faults().on(CLEAR, When::Always, What::status(503));
    let report = world.deploy(&service);
    assert_eq!(report.end(), (0, "success"), "{report:?}");
    assert!(
        report.stderr.contains("warning: the deploy is live, but GREENROOM_PENDING"),
        "{}",
        report.stderr
    );
    assert!(world.is_marked(&service));
    rule.cancel();
    assert_eq!(world.deploy(&service).end(), (0, "success"));
    world.assert_deployed(&service);
    world.assert_settled(&service);
}

#[test]
fn a_vendor_that_stays_broken_is_unreachable_and_nothing_is_half_done() {
    for route in ["GET /v1/services/{id}", LIST, "GET /v1/services/{id}/env-vars"] {
        for what in passing() {
            let world = World::new();
            let service = world.web();
            world.faults().on(route, When::Always, what.clone());
            let report = world.deploy(&service);
            assert_eq!(report.end(), (5, "unreachable"), "{route} {what}: {report:?}");
            assert!(world.server.journal().writes().is_empty());
            assert_eq!(world.running(&service), (sha('a'), "41".to_owned()));
        }
    }
}

#[test]
fn nothing_is_begun_when_the_time_is_up() {
    for (route, effects) in [(LIST, 0), (SET, 1)] {
        let world = World::new();
        let service = world.web();
        world.faults().on(route, When::First(1), What::too_many_requests(90));
        let commit = sha('c');
        let inputs = [usual(&service, &commit).as_slice(), &[("timeout", "1m")]].concat();
        let report = world.run(&inputs);
        assert_eq!(report.end(), (3, "timed-out"), "{report:?}");
        assert_eq!(world.server.journal().count(ASK), 0);
        assert_eq!(world.effects().is_empty(), effects == 0, "{:?}", world.effects());
        assert!(report.stderr.contains("1m were over before a deploy"), "{}", report.stderr);
        world.deploy(&service);
        world.assert_settled(&service);
    }
}

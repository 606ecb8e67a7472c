//! Ends that are no success at first, and what a run after them does.

use std::time::Duration;

use rehearsal::fault::{Answer, Garble, What, When};
use rehearsal::origins::Behaviour;
use rehearsal::twins::render::{End, Plan};

use crate::world::{World, end};

/// A killed run has left the service behind, before anything was given to it.
fn left_behind() -> (World, String) {
    let world = World::new();
    world.kill_at("PUT /v1/services/{id}/env-vars/{key}", 1);
    let service = world.temporary().unwrap();
    (world, service)
}

/// As Render refuses a key that may not do this.
fn denied() -> What {
    What::Answer(Answer::json(403, r#"{"message":"forbidden"}"#))
}

#[test]
fn without_the_words_nothing_left_for_long_enough_is_the_end() {
    let (world, service) = left_behind();
    world.workers.set_behaviour(&service, Behaviour::WritesNoLog);
    let run = world.drain();
    assert_eq!((end(&run), run.output("signal")), ((0, "success"), "outbox"), "{}", run.stderr);
    assert!(run.stderr.contains("::warning"), "{}", run.stderr);
    world.assert_drained();
}

#[test]
fn a_log_that_cannot_be_read_is_said_once_and_waited_without() {
    let world = World::new();
    let rule = world.faults().on("GET /v1/logs", When::Always, denied());
    let run = world.drain();
    assert_eq!((end(&run), run.output("signal")), ((0, "success"), "outbox"), "{}", run.stderr);
    assert!(rule.fired() > 1);
    assert_eq!(run.stderr.matches("cannot be read, so").count(), 1, "{}", run.stderr);
    world.assert_drained();
}

#[test]
fn words_of_the_build_or_of_an_earlier_deploy_do_not_count() {
    let (world, service) = left_behind();
    world.workers.set_behaviour(&service, Behaviour::Silent);
    world.twin.log(&service, "drain complete, exiting").unwrap();
    world.pass(Duration::from_secs(1));
    world.plan([Plan::live().created(Duration::from_secs(60)).build_log(["drain complete, exiting"])]);
    world.postgres.execute("update core.outbox set status = 'done' where generation = 2").unwrap();
    world.postgres.execute("insert into core.outbox (generation) values (2)").unwrap();
    let run = world.drain_with(&[("timeout", "10m")]);
    assert_eq!(end(&run), (3, "timed-out"), "{}", run.stderr);
    assert!(!run.error().contains("the worker has said"), "{}", run.error());
}

#[test]
fn a_worker_that_does_nothing_times_out_and_a_second_run_goes_on_with_it() {
    let (world, service) = left_behind();
    world.workers.set_behaviour(&service, Behaviour::Silent);
    let run = world.drain_with(&[("timeout", "10m")]);
    assert_eq!(end(&run), (3, "timed-out"), "{}", run.stderr);
    let error = run.error();
    assert!(
        error.contains("generation 2 is not drained") && error.contains("3 rows pending and 1 in flight"),
        "{error}"
    );
    assert!(error.contains(&format!("the temporary service {service} stays")), "{error}");
    assert!(error.contains("curl -X DELETE"), "{error}");
    assert_eq!((world.temporary(), run.output("service-id")), (Some(service.clone()), service.as_str()));
    world.workers.set_behaviour(&service, Behaviour::Works);
    let run = world.drain();
    assert_eq!(end(&run), (0, "success"), "{}", run.stderr);
    world.assert_drained();
    assert_eq!((world.count("create"), world.count("deploy")), (1, 1));
}

#[test]
fn a_build_that_fails_leaves_the_service_and_the_next_run_builds_again() {
    let (world, service) = left_behind();
    world.plan([Plan::live().end(End::BuildFailed)]);
    let run = world.drain();
    assert_eq!(end(&run), (1, "failed"), "{}", run.stderr);
    assert!(
        run.error().contains("ended as build_failed") && run.error().contains(" stays: run again"),
        "{}",
        run.error()
    );
    assert_eq!((world.temporary(), world.left().as_str()), (Some(service), "4"));
    let run = world.drain();
    assert_eq!(end(&run), (0, "success"), "{}", run.stderr);
    world.assert_drained();
    assert_eq!(world.count("deploy"), 2);
}

#[test]
fn a_worker_that_was_done_before_it_was_called_live_has_drained() {
    let (world, service) = left_behind();
    world.plan([Plan::live().update(Duration::from_secs(300)).end(End::UpdateFailed)]);
    // It does its work while Render still waits for it to stay up.
    let rule = world.faults().on("GET /v1/services/{id}/deploys/{deploy}", When::Nth(1), What::Hang);
    assert!(world.run_until(&rule).is_none(), "it was not killed");
    let finish = "update core.outbox set status = 'done' where generation = 2 and status <> 'done'";
    world.postgres.execute(finish).unwrap();
    world.twin.log(&service, "drain complete, exiting").unwrap();
    let run = world.drain();
    assert_eq!((end(&run), run.output("signal")), ((0, "success"), "log"), "{}", run.stderr);
    assert_eq!(world.count("deploy"), 1);
    assert_eq!((world.left().as_str(), world.temporary()), ("0", None));
}

#[test]
fn a_group_that_was_forgotten_is_linked_and_deployed_with_by_the_next_run() {
    let world = World::new();
    let run = world.drain_with(&[("env-groups", ""), ("timeout", "10m")]);
    assert_eq!(end(&run), (3, "timed-out"), "{}", run.stderr);
    let run = world.drain();
    assert_eq!(end(&run), (0, "success"), "{}", run.stderr);
    world.assert_drained();
    assert_eq!((world.count("create"), world.count("link"), world.count("deploy")), (1, 1, 2));
}

#[test]
fn a_link_that_was_answered_and_not_made_is_not_believed() {
    let world = World::new();
    let link = "POST /v1/env-groups/{id}/services/{id}";
    world.faults().on(link, When::Nth(1), What::Garble(Garble::Html));
    let run = world.drain();
    assert_eq!(end(&run), (5, "unreachable"), "{}", run.stderr);
    assert!(run.error().contains("shows no link"), "{}", run.error());
    assert_eq!(
        (world.count("link"), world.count("deploy")),
        (0, 0),
        "it must not be deployed without its database"
    );
    let run = world.drain();
    assert_eq!(end(&run), (0, "success"), "{}", run.stderr);
    world.assert_drained();
}

#[test]
fn an_end_that_was_answered_and_did_not_come_is_not_believed() {
    let world = World::new();
    let rule = world.faults().on("DELETE /v1/services/{id}", When::Nth(1), What::Garble(Garble::Html));
    let run = world.drain();
    assert_eq!((rule.fired(), end(&run)), (1, (0, "success")), "{}", run.stderr);
    world.assert_drained();
}

#[test]
fn a_service_that_cannot_be_deleted_is_named_and_the_next_run_deletes_it() {
    let world = World::new();
    let rule = world.faults().on("DELETE /v1/services/{id}", When::Always, denied());
    let run = world.drain();
    assert_eq!(end(&run), (4, "denied"), "{}", run.stderr);
    let service = world.temporary().unwrap();
    let told = format!(
        "generation 2 (prod-2) is drained\nhint: the temporary service {service} is left over: run again"
    );
    assert!(run.error().contains(&told), "{}", run.error());
    rule.cancel();
    let run = world.drain();
    assert_eq!(end(&run), (0, "success"), "{}", run.stderr);
    world.assert_drained();
    assert_eq!(world.count("deploy"), 1);
}

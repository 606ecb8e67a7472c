//! What a drain does, in which order, and what it says.

use rehearsal::origins::Behaviour;
use rehearsal::twins::render::Status;

use crate::world::{NAME, World, end};

#[test]
fn a_stranded_generation_is_drained_and_its_service_deleted() {
    let world = World::new();
    let run = world.drain();
    assert_eq!(end(&run), (0, "success"), "{}", run.stderr);
    world.assert_drained();
    assert_eq!(
        world.effects(),
        [
            "create",
            "cancel",
            "link",
            "set GREENROOM_PENDING",
            "set HANDLER_MAX",
            "set SPECTRAL_GENERATION",
            "set SPECTRAL_DRAIN_AND_EXIT",
            "set GREENROOM_PENDING",
            "deploy",
            "delete GREENROOM_PENDING",
            "delete",
        ]
    );
    assert_eq!(run.output("reference"), "refs/tags/prod-2");
    assert_eq!((run.output("commit"), run.output("found")), (world.commit.as_str(), "4"));
    assert_eq!(run.output("signal"), "log");
    assert!(run.output("service-id").starts_with("srv-") && run.output("deploy-id").starts_with("dep-"));
    assert!(run.summary.contains("the worker has said that it is done"), "{}", run.summary);
    assert!(run.summary.contains("3 rows pending, 1 in flight"), "{}", run.summary);
    world.assert_settled();
}

#[test]
fn the_first_deploy_never_runs_and_has_nothing_to_work_on() {
    let world = World::new();
    // Killed before the first variable is written.
    world.kill_at("PUT /v1/services/{id}/env-vars/{key}", 1);
    let service = world.temporary().unwrap();
    let deploys = world.twin.deploys(&service).unwrap();
    assert_eq!(deploys.iter().map(|deploy| deploy.status).collect::<Vec<_>>(), [Status::Canceled]);
    assert!(world.twin.env(&service).unwrap().is_empty(), "it was made without any variable");
    let end_of_first = deploys[0].finished_at.unwrap();
    let linked = world.twin.effects().into_iter().find(|effect| effect.target == world.group).unwrap();
    assert!(linked.at >= end_of_first, "linked before the first deploy had ended");
    assert_eq!(world.left(), "4");
}

#[test]
fn the_process_gets_the_generation_its_group_and_what_the_workflow_gave() {
    let world = World::new();
    world.kill_at("DELETE /v1/services/{id}", 1);
    let service = world.temporary().unwrap();
    let live = world.twin.live_deploy(&service).unwrap().unwrap();
    assert_eq!(live.commit(), Some(world.commit.as_str()));
    let process = world.twin.running_env(&service).unwrap().unwrap();
    assert_eq!(
        (process["SPECTRAL_GENERATION"].as_str(), process["SPECTRAL_DRAIN_AND_EXIT"].as_str()),
        ("2", "true")
    );
    assert_eq!(
        (process["HANDLER_MAX"].as_str(), process["DATABASE_URL"].as_str()),
        ("2", world.postgres.dsn().as_str())
    );
    assert!(!process.contains_key("SPECTRAL_DRAIN_COOLING_SECONDS"));
    // The temporary worker may call itself running: that is no reason to refuse.
    world
        .postgres
        .execute("update core.workers set state = 'running', last_heartbeat = now() where generation = 2")
        .unwrap();
    let run = world.drain();
    assert_eq!((end(&run), run.output("signal")), ((0, "success"), "log"), "{}", run.stderr);
    world.assert_drained();
    assert_eq!(world.count("deploy"), 1, "what was live is looked at, not deployed again");
}

#[test]
fn cooling_is_the_workers_to_keep() {
    let world = World::new();
    let run = world.drain_with(&[("cooling", "1s")]);
    assert_eq!(end(&run), (0, "success"), "{}", run.stderr);
    assert!(world.effects().contains(&"set SPECTRAL_DRAIN_COOLING_SECONDS".to_owned()));
    world.assert_drained();
}

#[test]
fn nothing_left_is_unchanged() {
    let world = World::new();
    world.postgres.execute("update core.outbox set status = 'done' where generation = 2").unwrap();
    let run = world.drain();
    assert_eq!((end(&run), run.output("found")), ((0, "unchanged"), "0"), "{}", run.stderr);
    assert!(world.effects().is_empty());
    // A killed run has left the service behind, and somebody else has done the work.
    world.postgres.execute("update core.outbox set status = 'pending' where generation = 2").unwrap();
    world.kill_at("POST /v1/services/{id}/deploys/{deploy}/cancel", 1);
    world.postgres.execute("update core.outbox set status = 'done' where generation = 2").unwrap();
    let run = world.drain();
    assert_eq!(end(&run), (0, "success"), "{}", run.stderr);
    assert_eq!(world.temporary(), None);
    assert_eq!(world.effects(), ["create", "delete"]);
}

#[test]
fn reading_says_what_to_check_out_and_needs_no_key() {
    let world = World::new();
    let inputs = [("mode", "read".to_owned()), ("target-generation", "2".to_owned())];
    let run = world.run(&inputs);
    assert_eq!(end(&run), (0, "success"), "{}", run.stderr);
    assert_eq!((run.output("reference"), run.output("commit")), ("refs/tags/prod-2", world.commit.as_str()));
    assert_eq!(world.server.journal().count("GET /v1/services/{id}"), 0);
    assert!(run.summary.contains("3 rows pending and 1 in flight"), "{}", run.summary);
}

#[test]
fn a_dry_run_shows_it_all_and_changes_nothing() {
    let world = World::new();
    let run = world.drain_with(&[("dry-run", "true")]);
    assert_eq!(end(&run), (0, "planned"), "{}", run.stderr);
    for told in
        [NAME, "first deploy cancelled", "AND\\_EXIT", "HANDLER\\_MAX", &world.commit, "drained", "deleted"]
    {
        assert!(run.summary.contains(told), "{told}: {}", run.summary);
    }
    assert!(world.effects().is_empty());
}

#[test]
fn work_that_comes_late_is_drained_too() {
    let world = World::new();
    world.kill_at("GET /v1/logs", 1);
    let service = world.temporary().unwrap();
    world.workers.set_behaviour(&service, Behaviour::Silent);
    world.twin.log(&service, "drain complete, exiting").unwrap();
    world
        .postgres
        .execute("update core.outbox set status = 'pending' where generation = 2 and status = 'in_flight'")
        .unwrap();
    // The words are there and rows are left: that is not the end.
    let run = world.drain_with(&[("timeout", "5m")]);
    assert_eq!(end(&run), (3, "timed-out"), "{}", run.stderr);
    assert!(run.error().contains("in flight; the worker has said that it is done"), "{}", run.error());
    assert_eq!(world.temporary(), Some(service));
}

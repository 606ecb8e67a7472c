//! What is refused: with the right exit code, a hint, and nothing changed.

use rehearsal::twins::render::{NewService, ServiceType};

use crate::world::{NAME, World, end};

/// The run says no, tells why, and has changed nothing.
#[track_caller]
fn assert_refused(world: &World, differing: &[(&'static str, &str)], wanted: (u8, &str), told: &str) {
    let effects = world.effects();
    let run = world.drain_with(differing);
    assert_eq!(end(&run), wanted, "{}", run.stderr);
    let error = run.error();
    assert!(error.contains(told), "{told}: {error}");
    assert!(error.contains("hint: "), "{error}");
    assert_eq!(world.effects(), effects);
}

const STALE: (u8, &str) = (6, "stale");

#[test]
fn a_generation_that_never_existed() {
    let world = World::new();
    for generation in ["9", "9223372036854775808", "18446744073709551615"] {
        let told = format!("the ledger has no generation {generation}");
        assert_refused(&world, &[("target-generation", generation)], STALE, &told);
    }
}

#[test]
fn a_generation_that_still_serves_its_workers() {
    let world = World::new();
    assert_refused(&world, &[("target-generation", "3")], STALE, "generation 3 still serves workers");
    // Generation 2 still serves the dashboard, which is no reason: its workers are gone.
    assert_refused(&world, &[("target", "dashboard")], STALE, "generation 2 still serves dashboard");
    world
        .postgres
        .execute("update core.deployments set rolled_back_at = now() where generation = 3")
        .unwrap();
    assert_refused(&world, &[], STALE, "generation 2 still serves workers");
}

#[test]
fn one_that_never_covered_the_workers_is_judged_by_what_it_serves() {
    let world = World::new();
    world
        .postgres
        .execute("update core.deployments set targets = '{dashboard}' where generation = 2")
        .unwrap();
    assert_refused(&world, &[], STALE, "generation 2 still serves dashboard");
}

#[test]
fn a_generation_whose_workers_run() {
    let world = World::new();
    let beat = "update core.workers set last_heartbeat = now() - interval '20 seconds' where generation = 2";
    world.postgres.execute(beat).unwrap();
    assert_refused(&world, &[], STALE, "workers of generation 2 are running: workers-green-old");
    // A service that a killed run has left behind is no excuse.
    world.postgres.execute("update core.workers set state = 'stopped' where generation = 2").unwrap();
    world.kill_at("POST /v1/env-groups/{id}/services/{id}", 1);
    world.postgres.execute("update core.workers set state = 'running' where generation = 2").unwrap();
    assert_refused(&world, &[], STALE, "workers of generation 2 are running");
}

#[test]
fn rows_of_which_nobody_knows_what_they_are() {
    let world = World::new();
    world
        .postgres
        .execute(
            "alter table core.outbox drop constraint outbox_status_check;
             update core.outbox set status = 'parked' where generation = 2 and status = 'in_flight'",
        )
        .unwrap();
    assert_refused(&world, &[], STALE, "1 row of generation 2 whose status is neither");
}

#[test]
fn a_model_that_no_worker_can_be_made_like() {
    let world = World::new();
    let web = world.twin.add_service(&NewService::web("api"));
    assert_refused(
        &world,
        &[("model-service", &web)],
        (1, "refused"),
        "is a web_service, no background worker",
    );
    let image = NewService::new("workers-image", ServiceType::Worker).image("docker.io/acme/workers:1");
    let image = world.twin.add_service(&image);
    assert_refused(
        &world,
        &[("model-service", &image)],
        (1, "refused"),
        "runs an image, so it has no commits",
    );
    assert_refused(&world, &[("model-service", "srv-gone")], (4, "denied"), "read the service srv-gone");
}

#[test]
fn a_checkout_without_the_commit() {
    let world = World::new();
    world.repository.write("other/.keep", "").unwrap();
    world.postgres.execute("update core.deployments set sha = repeat('2', 40) where generation = 2").unwrap();
    assert_refused(&world, &[], STALE, "the checkout . has no commit 2222");
    let run = world.drain_with(&[("checkout", "nowhere")]);
    assert_ne!(run.ending.code(), 0);
    assert!(world.effects().is_empty());
}

#[test]
fn a_name_that_means_something_else_or_two_things() {
    let world = World::new();
    let first = world.twin.add_service(&NewService::web(NAME));
    assert_refused(&world, &[], STALE, "is not what an earlier run would have made");
    let _ = world.twin.add_service(&NewService::new(NAME, ServiceType::Worker));
    assert_refused(&world, &[], STALE, "2 services are called workers-drain-gen-2");
    assert!(world.twin.env(&first).unwrap().is_empty());
}

#[test]
fn inputs_that_mean_nothing() {
    let world = World::new();
    for (input, value, told) in [
        ("model-service", "workers-blue", "is no service id"),
        ("env-groups", "shared", "is no env group id"),
        ("env", "SPECTRAL_GENERATION=7", "SPECTRAL_GENERATION is set by the drain itself"),
        ("cooling", "1500ms", "whole seconds"),
        ("cooling", "2h", "shorter than `timeout`"),
        ("timeout", "0s", "longer than nothing"),
        ("target", " ", "names no target"),
        ("target-generation", "0", "target-generation"),
        ("target-generation", "-1", "target-generation"),
        ("target-generation", "two", "target-generation"),
    ] {
        let run = world.drain_with(&[(input, value)]);
        assert_eq!(end(&run), (2, "invalid"), "{input}={value}: {}", run.stderr);
        assert!(run.error().contains(told), "{told}: {}", run.error());
    }
    let run = world.run(&[("mode", "drain".to_owned()), ("target-generation", "2".to_owned())]);
    assert!(run.error().contains("is needed for `mode: drain`"), "{}", run.error());
    let run = world.drain_with(&[("mode", "read")]);
    assert!(run.error().contains("is for `mode: drain` only"), "{}", run.error());
    assert!(world.effects().is_empty());
}

#[test]
fn a_variable_that_is_not_set_is_missed_before_anything_is_made() {
    let told = "input `env`: TOKEN is to hold $NEW_TOKEN, which is not set";
    assert_refused(&World::new(), &[("env", "TOKEN=$NEW_TOKEN")], (2, "invalid"), told);
}

#[test]
fn a_missing_table_is_never_nothing_left() {
    let world = World::new();
    world.postgres.execute("alter table core.outbox rename to outbox_2").unwrap();
    let run = world.drain();
    assert_eq!(end(&run), (4, "denied"), "{}", run.stderr);
    assert!(run.error().contains("core.outbox"), "{}", run.error());
}

//! A ledger that has moved on, and inputs that make no sense.

use rehearsal::postgres::Postgres;

use crate::world::{BLUE, GREEN, World, run_at};

#[tokio::test]
async fn another_unfinished_flip_stops_this_one() {
    let world = World::new();
    world.ends("success", "intent", 1, &[("previous", BLUE)]).await;
    world.allocate("{api}");
    // All moved, or one of them: in both cases the first flip did take place.
    let half = "api.example.com api-green.onrender.com\napp.example.com app-blue.onrender.com";
    for previous in [GREEN, half, "api.example.com api-blue.onrender.com"] {
        let run = world.ends("stale", "intent", 2, &[("previous", previous)]).await;
        assert!(run.error().contains("the flip of generation 1 (run 1) is unfinished"), "{}", run.error());
    }
    assert_eq!((world.row(1), world.row(2)), ("intent {api,workers,dashboard}".into(), "{api}".into()));
}

#[tokio::test]
async fn a_newer_cutover_stops_an_older_one() {
    let world = World::new();
    world.allocate("{api}");
    world.ends("success", "intent", 2, &[("previous", BLUE)]).await;
    world.ends("success", "cut-over", 2, &[]).await;
    for (mode, more) in [("intent", vec![("previous", GREEN)]), ("cut-over", vec![])] {
        let run = world.ends("stale", mode, 1, &more).await;
        assert!(run.error().contains("generation 2 was cut over meanwhile"), "{}", run.error());
    }
}

#[tokio::test]
async fn what_was_cut_over_is_not_announced_again_after_a_newer_cutover() {
    let world = World::new();
    world.flip(1, BLUE).await;
    world.ends("unchanged", "intent", 1, &[("previous", GREEN)]).await;
    world.allocate("{api,dashboard}");
    world.flip(2, GREEN).await;
    let run = world.ends("stale", "intent", 1, &[("previous", BLUE)]).await;
    assert_eq!(run.ending.code(), 6);
    insta::assert_snapshot!(run.error(), @"
    generation 1 comes too late: generation 2 was cut over meanwhile
    hint: push a new tag, and do not run this one again
    ");
}

#[tokio::test]
async fn what_a_newer_flip_moved_is_not_recorded_as_put_back() {
    let world = World::new();
    world.flip(1, BLUE).await;
    world.allocate("{docs-user}");
    world.postgres.execute("update core.deployments set cut_over_at = now() where generation = 2").unwrap();
    world.allocate("{api,dashboard}");
    world.flip(3, GREEN).await;
    let run = world.ends("stale", "rolled-back", 1, &[]).await;
    insta::assert_snapshot!(run.error(), @"
    generation 1 cannot be recorded as rolled back: generation 3 moved its names since, and holds
    hint: if the names are where they were before generation 1, 3 is undone as well: cutover-record --mode rolled-back --generation 3, then this again
    hint: if generation 3 is to serve on, move the names back to it with cname-flip; generation 1 needs no record then
    ");
    world.ends("success", "rolled-back", 3, &[]).await;
    world.ends("success", "rolled-back", 1, &[]).await;
}

#[tokio::test]
async fn what_was_not_announced_was_not_cut_over_and_cannot_be_rolled_back() {
    let world = World::new();
    for mode in ["cut-over", "rolled-back"] {
        let run = world.ends("stale", mode, 1, &[]).await;
        assert!(run.error().contains("no intent recorded"), "{}", run.error());
    }
    let unknown = world.ends("stale", "cut-over", 7, &[]).await;
    assert!(unknown.error().contains("the ledger has no generation 7"), "{}", unknown.error());
}

#[tokio::test]
async fn a_rolled_back_generation_stays_so() {
    let world = World::new();
    world.ends("success", "intent", 1, &[("previous", BLUE)]).await;
    world.ends("success", "rolled-back", 1, &[]).await;
    for (mode, more) in
        [("intent", ("previous", BLUE)), ("cut-over", ("dry-run", "false")), ("publish", ("target", "docs"))]
    {
        let run = world.ends("stale", mode, 1, &[more]).await;
        assert!(run.error().contains("generation 1 was rolled back"), "{}", run.error());
    }
}

#[tokio::test]
async fn inputs_that_do_not_fit_the_mode() {
    let world = World::new();
    for (mode, more, problem) in [
        ("intent", vec![], "previous"),
        ("intent", vec![("previous", "api.example.com")], "without a target"),
        (
            "intent",
            vec![("previous", BLUE), ("target", "api")],
            "is for `mode: publish` and `mode: may-deploy-in-place` only",
        ),
        ("cut-over", vec![("previous", BLUE)], "is for `mode: intent` and `mode: way-back` only"),
        (
            "cut-over",
            vec![("zone-id", "x")],
            "is for `mode: way-back`, and for `mode: may-deploy` with `expect`",
        ),
        (
            "may-deploy",
            vec![("zone-id", "x")],
            "is for `mode: way-back`, and for `mode: may-deploy` with `expect`",
        ),
        ("may-deploy", vec![("expect", BLUE)], "is needed with `expect`: where are the names?"),
        ("may-deploy", vec![("expect", BLUE), ("zone-id", "x")], "is not a zone id"),
        ("may-deploy", vec![("expect", "api.example.com"), ("zone-id", "x")], "without a target"),
        ("intent", vec![("previous", BLUE), ("expect", BLUE)], "is for `mode: may-deploy` only"),
        ("cut-over", vec![("nameserver", "x")], "is for `mode: way-back` only"),
        ("publish", vec![], "which target was it?"),
        ("publish", vec![("target", "Docs")], "is no target's name"),
        (
            "may-deploy",
            vec![("target", "docs")],
            "is for `mode: publish` and `mode: may-deploy-in-place` only",
        ),
        ("may-deploy-in-place", vec![("target", "Docs")], "is no target's name"),
        ("flip", vec![], "flip"),
    ] {
        let run = world.ends("invalid", mode, 1, &more).await;
        assert!(run.error().contains(problem), "{mode}: {}", run.error());
    }
    world.ends("invalid", "cut-over", 0, &[]).await;
}

#[tokio::test]
async fn a_ledger_that_cannot_be_written() {
    let world = World::new();
    world.postgres.execute("create role reader login; grant usage on schema core to reader; grant select on all tables in schema core to reader").unwrap();
    let run = run_at(&world.postgres.dsn_of("reader"), "intent", 1, &[("previous", BLUE)]).await;
    assert_eq!(run.output("result"), "denied", "{}", run.stderr);
    assert!(run.error().contains("grant select, insert, update"), "{}", run.error());

    let empty = Postgres::start().unwrap();
    let run = run_at(&empty.dsn(), "intent", 1, &[("previous", BLUE)]).await;
    assert_eq!(run.output("result"), "denied", "{}", run.stderr);
    assert!(run.error().contains("create it:"), "{}", run.error());
}

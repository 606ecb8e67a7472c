//! Every fault and death at every request: no branch is left, or it says so and the
//! next run deletes it.

use rehearsal::fault::{Answer, Garble, What, When};
use rehearsal::in_process::Run;
use rehearsal::postgres::Strike;

use crate::world::{CREATE, DELETE, LIST, World, assert, run};

/// The requests of an undisturbed run, each with which of its kind it is.
async fn calls() -> Vec<(String, u64)> {
    let world = world();
    assert(&run(world.rehearse()).await, "success", "");
    let lines = world.server.journal().lines();
    let nth = |index: usize| lines[..=index].iter().filter(|line| **line == lines[index]).count() as u64;
    lines.iter().enumerate().map(|(index, line)| (line.clone(), nth(index))).collect()
}

fn world() -> World {
    let world = World::new();
    world.quick();
    world
}

/// After it ended: nothing is left, or a person is told how to clean up.
#[track_caller]
fn in_order(world: &World, done: &Run, case: &str) {
    assert_ne!(done.output("result"), "bug", "{case}: {}", done.error());
    if !world.branches().is_empty() {
        assert!(done.error().contains("clean-up"), "{case}: {}", done.error());
    }
    if done.output("result") == "success" {
        assert_eq!(world.branches(), Vec::<String>::new(), "{case}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_fault_at_any_request() {
    for (call, nth) in calls().await {
        for what in [
            What::Reset,
            What::status(503),
            What::Answer(Answer::json(403, r#"{"message":"no"}"#)),
            What::Garble(Garble::Html),
            What::ApplyThenLose,
        ] {
            let case = format!("{what} at request {nth} of {call}");
            let world = world();
            let rule = world.server.faults().on(call.as_str(), When::Nth(nth), what);
            let done = run(world.rehearse()).await;
            assert_eq!(rule.fired(), 1, "{case}");
            in_order(&world, &done, &case);
            assert!(world.made().0 <= 1, "{case}: made twice");
            let again = run(world.rehearse()).await;
            assert_eq!(again.output("result"), "success", "{case}, then: {}", again.error());
            assert_eq!(world.branches(), Vec::<String>::new(), "{case}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn death_at_any_request() {
    for (call, nth) in calls().await {
        let case = format!("death at request {nth} of {call}");
        let world = world();
        let rule = world.server.faults().on(call.as_str(), When::Nth(nth), What::Hang);
        let ended = rule.kills(run(world.rehearse())).await;
        assert!(ended.is_none(), "{case}: it ended: {ended:?}");
        let again = run(world.rehearse()).await;
        assert_eq!(again.output("result"), "success", "{case}: {}", again.error());
        assert_eq!(world.branches(), Vec::<String>::new(), "{case}");
        let (made, deleted) = world.made();
        assert_eq!(made, deleted, "{case}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_whose_answer_is_lost_is_found_and_not_made_twice() {
    let world = world();
    let rule = world.server.faults().on(CREATE, When::Always, What::ApplyThenLose);
    assert(&run(world.rehearse()).await, "success", "");
    assert_eq!((rule.fired(), world.made(), world.branches()), (1, (1, 1), Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_cannot_be_deleted_is_said_even_after_a_success() {
    let world = world();
    let rule = world.server.faults().on(
        DELETE,
        When::Always,
        What::Answer(Answer::json(403, r#"{"message":"no"}"#)),
    );
    let done = run(world.rehearse()).await;
    assert(&done, "denied", "branch greenroom-77 could not be deleted");
    assert!(done.error().contains("the rehearsal itself went well"), "{}", done.error());
    let failing = run(world.rehearse()).await;
    assert(&failing, "denied", "could not be deleted");
    rule.cancel();
    assert(&run(world.clean_up()).await, "success", "");
    assert_eq!(world.branches(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_older_than_the_branch_is_looked_at_again() {
    let (world, empty) = (world(), What::Answer(Answer::json(200, "[]")));
    let rule = world.server.faults().on(LIST, When::Nth(3), empty.clone());
    assert(&run(world.rehearse()).await, "success", "");
    assert_eq!((rule.fired(), world.made(), world.branches()), (1, (1, 1), Vec::new()));
    // For good: then it is gone by all that can be known, and is deleted all the same.
    world.server.faults().on(LIST, When::From(3), empty);
    assert(&run(world.rehearse()).await, "stale", "branch greenroom-77 is gone: somebody deleted it");
    assert_eq!((world.made(), world.branches()), ((2, 2), Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_branch_s_database_says_is_not_blamed_on_production_s_address() {
    let world = world();
    let way = world.postgres.relay().unwrap();
    world.supabase.pool_over(&way);
    for (statement, told) in
        [("log in", "log in to the branch"), ("pg_try_advisory_lock", "rehearsal on branch greenroom-77")]
    {
        way.clear();
        match statement {
            "log in" => way.strike_at(1, Strike::Refuse("28P01")),
            text => way.strike(text, Strike::Refuse("42501")),
        }
        let done = run(world.rehearse()).await;
        assert(&done, "denied", told);
        assert!(!done.error().contains("DATABASE_URL"), "{}", done.error());
        assert_eq!((way.pending(), world.branches()), (0, Vec::new()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_begins_elsewhere_than_production_is_no_rehearsal() {
    let world = world();
    // Production is read a moment before its first migration.
    let query = "POST /v1/projects/{project}/database/query/read-only";
    let empty = What::Answer(Answer::json(201, r#"[{"present": false}]"#));
    let rule = world.server.faults().on(query, When::Nth(1), empty);
    let done = run(world.rehearse()).await;
    assert_eq!(rule.fired(), 1);
    assert(&done, "stale", "does not begin where production stands: it has 20260101000000_a beyond it");
    assert_eq!(world.branches(), Vec::<String>::new());
}

//! Answers that are lost are reconciled by reading; nothing is asked for twice.

use rehearsal::fault::{Answer, What, When};
use rehearsal::twins::supabase::{Merging, StepEnd};

use crate::world::{MERGE, World, assert, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_whose_answer_is_lost_is_found_by_reading() {
    for what in [What::ApplyThenLose, What::CutBody] {
        let world = World::new();
        let rule = world.server.faults().on(MERGE, When::Always, what);
        let done = run(world.merge()).await;
        assert(&done, "success", "");
        assert_eq!((rule.fired(), world.merges(), world.applied()), (1, 1, "abc".into()));
        assert_eq!(world.ledger(), "bc > bc");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_of_a_partial_merge_is_a_partial_merge() {
    let world = World::new();
    world.supabase.next_merge(Merging { applies: Some(1), end: StepEnd::Dead, ..Merging::default() });
    let rule = world.server.faults().on(MERGE, When::Always, What::ApplyThenLose);
    let sql = "alter table core.schema_merges alter column began_at set default now() - interval '5 minutes'";
    world.postgres.execute(sql).unwrap();
    let done = run(world.merge()).await;
    assert(&done, "failed", "added something else than expected");
    assert_eq!((rule.fired(), world.merges(), world.ledger()), (1, 1, "bc > b open".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_was_lost_is_not_repeated_in_this_run() {
    for what in [What::Reset, What::status(502), What::status(500)] {
        let world = World::new();
        let rule = world.server.faults().on(MERGE, When::Always, what);
        // While it may still show, nothing is decided.
        let first = run(world.merge().with("timeout", "1m")).await;
        assert(&first, "timed-out", "none shows yet");
        assert_eq!((rule.fired(), world.ledger()), (1, "bc > ? open".into()));
        rule.cancel();
        let second = run(world.merge().with("timeout", "1m")).await;
        assert(&second, "timed-out", "none shows yet");
        assert_eq!(world.merges(), 0);
        world.age();
        assert(&run(world.merge()).await, "success", "");
        assert_eq!((world.merges(), world.ledger()), (1, "bc > , bc > bc".into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_came_to_nothing_is_told_as_such() {
    let world = World::new();
    world.server.faults().on(MERGE, When::Always, What::Reset);
    let done = run(world.merge().with("shows-within", "1ms")).await;
    assert(&done, "unreachable", "nothing came of the merge, whose answer was lost");
    assert_eq!((world.server.journal().count(MERGE), world.ledger()), (0, "bc > ".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_that_is_turned_down_leaves_nothing_open() {
    for status in [400, 401, 403, 404, 422] {
        let world = World::new();
        let refusal = Answer::json(status, r#"{"message":"no"}"#);
        let rule = world.server.faults().on(MERGE, When::Always, What::Answer(refusal));
        let done = run(world.merge()).await;
        assert(&done, "denied", "nothing was merged");
        assert_eq!((rule.fired(), world.ledger()), (1, "bc > ".into()), "{status}");
        rule.cancel();
        assert(&run(world.merge()).await, "success", "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_stumbles_all_the_time_is_ridden_out() {
    for seed in 0..4 {
        let world = World::new();
        let chance = When::Chance { probability: 0.2, seed };
        world.server.faults().on("GET /v1/**", chance.clone(), What::status(502));
        world.server.faults().on("GET /v1/**", chance, What::too_many_requests(1));
        let done = run(world.merge()).await;
        assert(&done, "success", "");
        assert_eq!(world.merges(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_that_hangs_is_waited_for_by_the_next_run_too() {
    let world = World::new();
    let slow = std::time::Duration::from_secs(600);
    world.supabase.next_merge(Merging { migration: slow, ..Merging::default() });
    let first = run(world.merge().with("timeout", "2m")).await;
    assert(&first, "timed-out", "0 of 2 migrations are in production; step migrate is RUNNING");
    assert!(
        first.error().contains("the next run waits for it and asks for none on top"),
        "{}",
        first.error()
    );
    let second = run(world.merge().with("timeout", "10m")).await;
    assert(&second, "timed-out", "1 of 2 migrations are in production; run run_");
    let third = run(world.merge()).await;
    assert(&third, "success", "");
    assert_eq!((world.merges(), world.ledger()), (1, "bc > bc".into()));
}

//! What is recorded, once.

use rehearsal::postgres::Strike;

use crate::world::{BLUE, GREEN, World, run_at};

#[tokio::test]
async fn a_cutover_is_announced_and_then_recorded_and_a_second_run_changes_nothing() {
    let world = World::new();
    let intent = world.ends("success", "intent", 1, &[("previous", BLUE)]).await;
    assert_eq!((world.row(1).as_str(), intent.output("previous")), ("intent {api,workers,dashboard}", BLUE));
    insta::assert_snapshot!(intent.summary, @"
    ### Ledger

    | Generation | Tag | Commit | Recorded as |
    | --- | --- | --- | --- |
    | 1 | prod-1 | <code>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</code> | intent |
    ");
    // The names may be half moved by now: the first announcement counts.
    let again = world.ends("unchanged", "intent", 1, &[("previous", GREEN)]).await;
    assert_eq!(again.output("previous"), BLUE);
    world.ends("success", "cut-over", 1, &[]).await;
    assert_eq!(world.row(1), "intent cut-over {api,workers,dashboard}");
    world.ends("unchanged", "cut-over", 1, &[]).await;
    world.ends("unchanged", "intent", 1, &[("previous", GREEN)]).await;
}

#[tokio::test]
async fn a_published_target_joins_after_the_cutover_and_never_before() {
    let world = World::new();
    let early = world.ends("stale", "publish", 1, &[("target", "docs-user")]).await;
    insta::assert_snapshot!(early.error(), @"
    generation 1 is not cut over yet, so nothing of it may be published in place
    hint: publish after the cutover was recorded, so that an abort leaves nothing visible
    ");
    world.ends("success", "intent", 1, &[("previous", BLUE)]).await;
    world.ends("stale", "publish", 1, &[("target", "docs-user")]).await;
    world.ends("success", "cut-over", 1, &[]).await;
    world.ends("success", "publish", 1, &[("target", "docs-user")]).await;
    world.ends("unchanged", "publish", 1, &[("target", "docs-user")]).await;
    assert_eq!(world.row(1), "intent cut-over {api,workers,dashboard,docs-user}");
}

#[tokio::test]
async fn a_generation_without_a_flip_is_cut_over_by_its_first_publication() {
    let world = World::new();
    world.allocate("{}");
    world.ends("success", "publish", 2, &[("target", "docs-user")]).await;
    world.ends("success", "publish", 2, &[("target", "docs-codex")]).await;
    assert_eq!(world.row(2), "cut-over {docs-user,docs-codex}");
}

#[tokio::test]
async fn an_earlier_flip_whose_names_are_where_they_were_is_closed() {
    let world = World::new();
    world.ends("success", "intent", 1, &[("previous", BLUE)]).await;
    world.allocate("{api,dashboard}");
    world.ends("success", "intent", 2, &[("previous", BLUE)]).await;
    assert_eq!(world.row(1), "intent rolled-back {api,workers,dashboard}");
    assert_eq!(world.row(2), "intent {api,dashboard}");
}

#[tokio::test]
async fn an_earlier_flip_that_moves_more_names_is_closed_by_hand_although_none_of_them_moved() {
    let world = World::new();
    world.ends("success", "intent", 1, &[("previous", BLUE)]).await;
    world.allocate("{docs-user}");
    world.postgres.execute("update core.deployments set cut_over_at = now() where generation = 2").unwrap();
    world.allocate("{api}");
    let fewer = [("previous", "api.example.com api-blue.onrender.com")];
    world.ends("stale", "intent", 3, &fewer).await;
    world.ends("success", "rolled-back", 1, &[]).await;
    world.ends("success", "intent", 3, &fewer).await;
}

#[tokio::test]
async fn a_roll_back_is_recorded_once() {
    let world = World::new();
    world.ends("success", "intent", 1, &[("previous", BLUE)]).await;
    world.ends("success", "cut-over", 1, &[]).await;
    world.ends("success", "rolled-back", 1, &[]).await;
    world.ends("unchanged", "rolled-back", 1, &[]).await;
    assert_eq!(world.row(1), "intent cut-over rolled-back {api,workers,dashboard}");
}

#[tokio::test]
async fn a_record_whose_answer_was_lost_is_a_record_with_its_way_back() {
    let world = World::new();
    let relay = world.postgres.relay().unwrap();
    let more = [("previous", BLUE)];
    run_at(&relay.dsn(), "intent", 1, &more).await;
    let last = relay.statements().len();
    world.postgres.execute("update core.deployments set intent_at = null, previous_cnames = null").unwrap();
    relay.clear();
    relay.strike_at(last, Strike::After);
    let run = run_at(&relay.dsn(), "intent", 1, &more).await;
    assert_eq!((run.output("result"), run.output("previous")), ("success", BLUE), "{}", run.stderr);
    assert_eq!((relay.pending(), world.row(1).as_str()), (0, "intent {api,workers,dashboard}"));
    assert!(run.summary.contains("Recorded as"), "{}", run.summary);
}

#[tokio::test]
async fn a_dry_run_writes_nothing() {
    let world = World::new();
    for (mode, more) in [("intent", ("previous", BLUE)), ("rolled-back", ("dry-run", "true"))] {
        let run = world.ends("planned", mode, 1, &[more, ("dry-run", "true")]).await;
        assert!(run.summary.contains("generation 1 in the ledger"), "{}", run.summary);
    }
    let dry = world.ends("planned", "intent", 1, &[("previous", BLUE), ("dry-run", "true")]).await;
    insta::assert_snapshot!(dry.summary, @"
    ### Dry run: nothing was changed

    | What | Now | Would become |
    | --- | --- | --- |
    | generation 1 in the ledger | <code>allocated</code> | <code>intent</code> |
    ");
    assert_eq!(world.row(1), "{api,workers,dashboard}");
}

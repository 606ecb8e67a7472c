//! What is merged, what is not, and what is said of it.

use action::markdown;
use rehearsal::twins::supabase::{Merging, RunsOf, StepEnd};

use crate::world::{A, B, C, D, MERGE, World, assert, run};

#[tokio::test(flavor = "multi_thread")]
async fn exactly_what_is_pending_is_merged_once_and_written_down() {
    for runs_of in [RunsOf::Parent, RunsOf::Branch] {
        let world = World::new();
        world.supabase.set_runs_of(runs_of);
        let first = run(world.merge()).await;
        assert(&first, "success", "");
        assert_eq!(first.output("schema-version"), C.0);
        assert_eq!(first.output("applied"), format!("{}\n{}", B.0, C.0));
        assert_eq!((world.applied(), world.merges(), world.ledger()), ("abc".into(), 1, "bc > bc".into()));
        assert!(
            first.summary.contains(&markdown::code(B.0)) && first.summary.contains(&world.commit),
            "{}",
            first.summary
        );
        let second = run(world.merge()).await;
        assert(&second, "unchanged", "");
        assert_eq!((second.output("applied"), second.output("schema-version")), ("", C.0));
        assert_eq!((world.merges(), world.ledger()), (1, "bc > bc".into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_pending_asks_for_nothing_whatever_the_branch_has() {
    for (production, more, files) in [
        (&[A][..], &[][..], &[A][..]),
        // Staging is ahead with what no tag has yet.
        (&[A, B], &[C], &[A, B]),
        // The tag of a rollback is behind production.
        (&[A, B, C], &[], &[A]),
        (&[A, B, C], &[D], &[A, B]),
    ] {
        let world = World::with(production, more, files);
        let done = run(world.merge()).await;
        assert(&done, "unchanged", "");
        assert_eq!(done.output("schema-version"), files.last().unwrap().0);
        assert_eq!((world.merges(), world.ledger()), (0, String::new()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fix_on_the_tag_of_a_rollback_is_merged() {
    let world = World::with(&[A, B, C], &[D], &[A, D]);
    let done = run(world.merge()).await;
    assert(&done, "success", "");
    assert_eq!((done.output("applied"), world.applied()), (D.0, "abcd".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_it_would_merge_and_does_nothing() {
    let world = World::new();
    let done = run(world.merge().with("dry-run", "true")).await;
    assert(&done, "planned", "");
    assert!(
        done.summary.contains(&format!("{}, {}, merged", B.0, C.0).replace('_', "\\_")),
        "{}",
        done.summary
    );
    assert_eq!(
        (world.server.journal().count(MERGE), world.ledger(), world.applied()),
        (0, String::new(), "a".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_after_the_migrations_that_fails_does_not_hide_that_the_schema_is_whole() {
    let world = World::new();
    // It stops after both: nothing is missing.
    world.supabase.set_merging(Merging { applies: Some(2), end: StepEnd::Dead, ..Merging::default() });
    let done = run(world.merge()).await;
    assert(&done, "success", "");
    assert_eq!((world.applied(), world.ledger()), ("abc".into(), "bc > bc".into()));
}

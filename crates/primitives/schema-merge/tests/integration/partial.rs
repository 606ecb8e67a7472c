//! A merge that adds something else than expected: told, written down, and refused
//! until a person has acknowledged exactly what it added.

use rehearsal::in_process::Run;
use rehearsal::twins::supabase::{Merging, StepEnd};

use crate::world::{A, B, C, D, World, assert, run};

fn stopping(applies: usize, end: StepEnd) -> Merging {
    Merging { applies: Some(applies), end, ..Merging::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partial_merge_is_told_refused_acknowledged_and_completed() {
    for end in [StepEnd::Dead, StepEnd::Exited] {
        let world = World::new();
        world.supabase.next_merge(stopping(1, end));
        let first = run(world.merge()).await;
        let told = format!("applied: {}; not applied: {}", B.0, C.0);
        assert(&first, "failed", &told);
        assert_eq!((world.applied(), world.ledger()), ("ab".into(), "bc > b open".into()));
        assert_eq!(first.output("applied"), "");
        for part in [
            "**not applied**",
            "select version, name from supabase_migrations",
            "acknowledge",
            "deadline exceeded",
        ] {
            assert!(first.summary.contains(part), "{part}: {}", first.summary);
        }
        let version = B.0.split('_').next().unwrap();
        assert!(first.error().contains(&format!("`acknowledge: {version}`")), "{}", first.error());

        let second = run(world.merge()).await;
        assert(&second, "stale", "the merge of run 77 added something else than expected");
        for wrong in [C.0, &format!("{}\n{}", B.0, C.0), &format!("{}\n{}", A.0, B.0), A.0] {
            let refused = run(world.merge().with("acknowledge", wrong)).await;
            assert(&refused, "stale", "which is not exactly what was applied");
        }
        assert_eq!((world.merges(), world.ledger()), (1, "bc > b open".into()));

        let third = run(world.merge().with("acknowledge", B.0)).await;
        assert(&third, "success", "");
        assert_eq!((world.applied(), world.merges()), ("abc".into(), 2));
        assert_eq!(world.ledger(), "bc > b acknowledged, c > c");
        assert_eq!(third.output("applied"), format!("{}\n{}", B.0, C.0));

        // The same run again, with the input still set.
        assert(&run(world.merge().with("acknowledge", B.0)).await, "unchanged", "");
        assert_eq!(world.merges(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_reads_of_a_partial_merge() {
    let world = World::new();
    world.supabase.next_merge(stopping(1, StepEnd::Dead));
    let first = run(world.merge()).await;
    insta::assert_snapshot!(first.error(), @r"
    the merge added something else than expected: applied: 20260102000000_b; not applied: 20260103000000_c
    hint: do not merge again blindly: look at production and at the summary's way to recover first
    hint: nothing else of the cutover has happened: what serves goes on serving, with the new schema
    hint: once it is clear that what is applied may stay, run again with `acknowledge: 20260102000000`
    ");
    let summary = first.summary.replace(&world.commit, "COMMIT");
    insta::assert_snapshot!(summary.split("### schema-merge failed").next().unwrap(), @r"
    ### Schema: the merge added something else than expected

    | Migration | In production |
    | --- | --- |
    | <code>20260102000000\_b</code> | applied |
    | <code>20260103000000\_c</code> | **not applied** |

    Production serves as before, with the new schema; nothing of commit <code>COMMIT</code> is deployed. To recover (deployment runbook, recovery of step 4):

    1. Look at production's own table: `select version, name from supabase_migrations.schema_migrations order by version`. What stands there is applied.
    2. If a migration stopped half way through (only one with statements outside a transaction can, such as `CREATE INDEX CONCURRENTLY`), mend it by a follow-up migration.
    3. If what is missing fits onto what is applied, run this again with the input `acknowledge`: it merges what is missing. If not, write a migration that makes it fit, let staging have it, and tag that commit.

    `acknowledge` has to list exactly what was applied:

    ```text
    20260102000000
    ```

    The end of the merge's own log:

    ```text
    Applying migration 20260102000000_b.sql...
    context deadline exceeded
    ```
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_hint_and_the_summary_print_can_be_pasted_into_the_input() {
    let between = |text: &str, begin: &str, end: &str| {
        let (_, rest) = text.split_once(begin).unwrap();
        rest.split_once(end).unwrap().0.to_owned()
    };
    let of_hint = |run: &Run| between(&run.error(), "`acknowledge: ", "`");
    let of_summary = |run: &Run| between(&run.summary, "exactly what was applied:\n\n```text\n", "\n```");
    for printed in [&of_hint as &dyn Fn(&Run) -> String, &of_summary] {
        let world = World::with(&[A], &[B, C, D], &[A, B, C, D]);
        world.supabase.next_merge(stopping(2, StepEnd::Dead));
        let first = run(world.merge()).await;
        assert(&first, "failed", &format!("applied: {}, {}; not applied: {}", B.0, C.0, D.0));
        let second = run(world.merge().with("acknowledge", printed(&first))).await;
        assert(&second, "success", "");
        assert_eq!((world.applied(), world.merges()), ("abcd".into(), 2));
        assert_eq!(world.ledger(), "bcd > bc acknowledged, d > d");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_migration_in_the_middle_stops_the_merge_and_shows_why() {
    let bad = (C.0, "select 1/0");
    let world = World::with(&[A], &[B], &[A, B, bad, D]);
    // Staging has it, as a person may have repaired it there; production cannot run it.
    world.record(&world.staging, bad);
    world.supabase.migrate(&world.staging, D.0, &[D.1]).unwrap();
    let first = run(world.merge()).await;
    assert(&first, "failed", &format!("applied: {}; not applied: {}, {}", B.0, C.0, D.0));
    assert!(first.summary.contains("division by zero"), "{}", first.summary);
    assert_eq!((world.applied(), world.ledger()), ("ab".into(), "bcd > b open".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_that_added_nothing_needs_no_acknowledgement() {
    let world = World::new();
    world.supabase.next_merge(stopping(0, StepEnd::Dead));
    let first = run(world.merge()).await;
    assert(&first, "failed", &format!("is over, and production still lacks {}, {}", B.0, C.0));
    assert!(first.summary.contains("context deadline exceeded"), "{}", first.summary);
    assert_eq!((world.applied(), world.ledger(), world.merges()), ("a".into(), "bc > ".into(), 1));
    assert(&run(world.merge()).await, "success", "");
    assert_eq!((world.applied(), world.ledger(), world.merges()), ("abc".into(), "bc > , bc > bc".into(), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_expected_has_to_be_acknowledged_too() {
    let world = World::new();
    // Somebody pushes to staging between the look and the merge.
    world.postgres.execute(
        "create function late() returns trigger language plpgsql as $$ begin
           insert into supabase_migrations.schema_migrations (version, name) values ('20260104000000', 'd'); return new; end $$;
         create trigger late after insert on core.schema_merges for each row execute function late()",
    ).unwrap();
    let first = run(world.merge()).await;
    assert(&first, "failed", &format!("beyond what was expected: {}", D.0));
    assert_eq!((world.applied(), world.ledger()), ("abcd".into(), "bc > bcd open".into()));
    assert(
        &run(world.merge().with("acknowledge", format!("{}\n{}", B.0, C.0))).await,
        "stale",
        "not exactly",
    );
    let third = run(world.merge().with("acknowledge", format!("{}\n{}\n{}.sql", B.0, C.0, D.0))).await;
    assert(&third, "success", "");
    assert_eq!((world.merges(), world.ledger()), (1, "bc > bcd acknowledged".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_completed_by_hand_needs_no_acknowledgement() {
    let world = World::new();
    world.supabase.next_merge(stopping(1, StepEnd::Exited));
    assert(&run(world.merge()).await, "failed", "");
    world.supabase.migrate(&world.production, C.0, &[C.1]).unwrap();
    assert(&run(world.merge()).await, "success", "");
    assert_eq!((world.merges(), world.ledger()), (1, "bc > bc".into()));
}

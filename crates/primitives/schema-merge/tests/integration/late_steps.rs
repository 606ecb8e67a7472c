//! Runs whose steps show only after they began: one that shows none at work may still have its migrations to come.

use std::time::Duration;

use rehearsal::fault::{What, When};
use rehearsal::twins::supabase::{Merging, RunsOf, StepEnd, StepsShow};

use crate::world::{B, C, MERGE, World, assert, run};

/// Ten seconds a step, and each shows so long after it began: those before `migrate` have ended when they do.
fn late(seconds: u64, migration: u64) -> Merging {
    let shows = StepsShow::AfterTheyBegin(Duration::from_secs(seconds));
    Merging {
        step: Duration::from_secs(10),
        migration: Duration::from_secs(migration),
        shows,
        ..Merging::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_is_waited_for_while_its_migrations_do_not_show() {
    for runs_of in [RunsOf::Parent, RunsOf::Branch] {
        for lost in [false, true] {
            let world = World::new();
            world.supabase.set_runs_of(runs_of);
            world.supabase.next_merge(late(40, 60));
            if lost {
                world.server.faults().on(MERGE, When::Always, What::ApplyThenLose);
                // By the database's clock it was asked for long ago.
                let sql = "alter table core.schema_merges alter column began_at set default now() - interval '5 minutes'";
                world.postgres.execute(sql).unwrap();
            }
            assert(&run(world.merge()).await, "success", "");
            assert_eq!(
                (world.merges(), world.applied(), world.ledger()),
                (1, "abc".into(), "bc > bc".into())
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_run_asks_for_nothing_on_top_of_it() {
    let world = World::new();
    world.supabase.next_merge(late(100, 120));
    let first = run(world.merge().with("timeout", "130s")).await;
    assert(&first, "timed-out", "`migrate` is not among them yet");
    assert_eq!((world.applied(), world.ledger()), ("a".into(), "bc > ? open".into()));
    world.age();
    assert(&run(world.merge()).await, "success", "");
    assert_eq!((world.merges(), world.applied(), world.ledger()), (1, "abc".into(), "bc > bc".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_whose_migrations_never_show_is_over_after_a_while() {
    let world = World::new();
    world.supabase.next_merge(Merging {
        applies: Some(0),
        end: StepEnd::Exited,
        shows: StepsShow::NoneFromMigrate,
        ..Merging::default()
    });
    let first = run(world.merge()).await;
    assert(&first, "failed", &format!("is over, and production still lacks {}, {}", B.0, C.0));
    assert_eq!((world.merges(), world.ledger()), (1, "bc > ".into()));
    assert(&run(world.merge()).await, "success", "");
    assert_eq!((world.merges(), world.applied()), (2, "abc".into()));
}

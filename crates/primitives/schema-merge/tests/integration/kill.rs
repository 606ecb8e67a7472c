//! Killed at every request and at every statement that writes, and run again: one
//! merge, and the same end.

use std::time::Duration;

use rehearsal::fault::{What, When};
use rehearsal::in_process::Invocation;
use rehearsal::postgres::{Relay, Strike};
use rehearsal::twins::supabase::Merging;

use crate::world::{World, assert, run};

/// A world whose merges are quick, so that few looks are needed.
fn world() -> World {
    let world = World::new();
    world.supabase.set_merging(Merging {
        step: Duration::from_millis(200),
        migration: Duration::from_millis(200),
        ..Merging::default()
    });
    world
}

/// Drops the run as soon as `struck` says so, which is what SIGKILL is to a process.
async fn killed(invocation: Invocation, struck: impl Fn() -> bool) {
    let wait = async {
        for _ in 0..4_000 {
            if struck() {
                // What was sent is to arrive.
                tokio::time::sleep(Duration::from_millis(30)).await;
                return;
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        panic!("it never came to that");
    };
    tokio::select! {
        run = run(invocation) => panic!("it ended: {}", run.stderr),
        () = wait => {}
    }
}

/// Run again at once, then again when whatever may show has shown: one merge in all.
async fn converges(world: &World, name: &str) {
    let second = run(world.merge().with("timeout", "20s")).await;
    assert!(world.merges() <= 1, "{name}: a second merge");
    assert!(
        matches!(second.output("result"), "success" | "unchanged" | "timed-out"),
        "{name}: {}",
        second.error()
    );
    world.age();
    let third = run(world.merge()).await;
    assert!(matches!(third.output("result"), "success" | "unchanged"), "{name}: {}", third.error());
    assert_eq!((world.merges(), world.applied()), (1, "abc".into()), "{name}");
    assert!(world.ledger().ends_with("bc > bc"), "{name}: {}", world.ledger());
    assert(&run(world.merge()).await, "unchanged", "");
    assert_eq!(world.merges(), 1, "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn death_at_any_request() {
    let lines = {
        let world = world();
        assert(&run(world.merge()).await, "success", "");
        world.server.journal().lines()
    };
    assert!(lines.iter().any(|line| line.ends_with("/merge")), "{lines:#?}");
    for index in 0..lines.len() {
        let line = &lines[index];
        let nth = lines[..=index].iter().filter(|other| *other == line).count() as u64;
        let world = world();
        let rule = world.server.faults().on(line.as_str(), When::Nth(nth), What::Hang);
        killed(world.merge(), || rule.fired() > 0).await;
        rule.cancel();
        converges(&world, &format!("request {nth} of {line}")).await;
    }
}

/// The statements that write, and the ends of their transactions, by their count.
fn writing(relay: &Relay) -> Vec<(usize, String)> {
    let statements = relay.statements();
    let writes = |told: &str| told.contains("insert into core.") || told.contains("update core.");
    let mut since = false;
    let mut found = Vec::new();
    for (index, told) in statements.iter().enumerate() {
        since |= writes(told);
        if since {
            found.push((index + 1, told.clone()));
        }
        since &= !told.contains("COMMIT");
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn death_at_any_statement_that_writes() {
    let statements = {
        let world = world();
        let relay = world.postgres.relay().unwrap();
        assert(&run(world.merge_over(&relay.dsn())).await, "success", "");
        writing(&relay)
    };
    assert!(statements.len() >= 4, "{statements:#?}");
    for (at, told) in statements {
        for strike in [Strike::Hold, Strike::Silence] {
            let world = world();
            let relay = world.postgres.relay().unwrap();
            relay.strike_at(at, strike);
            killed(world.merge_over(&relay.dsn()), || relay.pending() == 0).await;
            converges(&world, &format!("{strike:?} at {told}")).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_at_any_statement_that_writes() {
    let statements = {
        let world = world();
        let relay = world.postgres.relay().unwrap();
        assert(&run(world.merge_over(&relay.dsn())).await, "success", "");
        writing(&relay)
    };
    for (at, told) in statements {
        for strike in [Strike::Before, Strike::After] {
            let world = world();
            let relay = world.postgres.relay().unwrap();
            relay.strike_at(at, strike);
            let done = run(world.merge_over(&relay.dsn())).await;
            assert_eq!(relay.pending(), 0);
            assert_eq!(done.output("result"), "success", "{strike:?} at {told}: {}", done.error());
            assert_eq!((world.merges(), world.ledger()), (1, "bc > bc".into()), "{strike:?} at {told}");
        }
    }
}

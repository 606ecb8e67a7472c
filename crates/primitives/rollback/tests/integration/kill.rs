//! Killed at each call and at each statement, and run again: the same end.

use rehearsal::fault::{What, When};
use rehearsal::postgres::Strike;

use crate::world::{GENERATION, World, run};

const BATCH: &str = "POST /client/v4/zones/{zone}/dns_records/batch";

/// The calls of an undisturbed run to both vendors, as `METHOD path`, each with which of
/// its kind it is.
async fn calls() -> Vec<(bool, String, u64)> {
    let world = World::new();
    world.flip_back().await.assert("success");
    let mut calls = Vec::new();
    for (is_render, server) in [(false, &world.api), (true, &world.render_api)] {
        let lines = server.journal().lines();
        for (index, line) in lines.iter().enumerate() {
            let nth = lines[..=index].iter().filter(|other| *other == line).count() as u64;
            calls.push((is_render, line.replace(&world.zone, "{zone}"), nth));
        }
    }
    calls
}

#[tokio::test]
async fn at_each_call() {
    let calls = calls().await;
    assert!(calls.len() >= 10, "{calls:?}");
    for (is_render, call, nth) in &calls {
        let case = format!("death at call {nth} of {call}");
        let world = World::new();
        let server = if *is_render { &world.render_api } else { &world.api };
        let rule = server.faults().on(call.as_str(), When::Nth(*nth), What::Hang);
        world.flip_back_until_struck(&rule).await;
        rule.cancel();
        let [one, other] = world.targets();
        assert_eq!(one, other, "{case}: half way");
        assert_eq!(world.rolled_back(), "f", "{case}: recorded before it was verified");
        ends_well(&world, &case).await;
    }
}

#[tokio::test]
async fn at_each_statement() {
    let statements = {
        let world = World::new();
        let relay = world.postgres.relay().unwrap();
        run(world.invoke("flip-back", "behaviour").variable("DATABASE_URL", relay.dsn()))
            .await
            .assert("success");
        relay.statements()
    };
    // Before it writes nothing can be half done: what it reads is asked again.
    let lock = statements.iter().position(|told| told.contains("pg_advisory_xact_lock")).unwrap();
    let writes = &statements[lock..];
    assert!(writes.iter().any(|told| told.starts_with("run update")), "{statements:#?}");
    for (index, statement) in statements.iter().enumerate().skip(lock) {
        for strike in [Strike::Hold, Strike::Silence] {
            let case = format!("{strike:?} at {statement}");
            let world = World::new();
            let relay = world.postgres.relay().unwrap();
            relay.strike_at(index + 1, strike);
            let invocation = world
                .invoke("flip-back", "behaviour")
                .with("generation", GENERATION)
                .variable("DATABASE_URL", relay.dsn());
            vanish(invocation, || relay.pending() == 0, &case).await;
            let recorded = world.rolled_back() == "t";
            assert!(!recorded || world.targets() == [world.blue(), world.blue()], "{case}");
            ends_well(&world, &case).await;
        }
    }
}

/// Runs until `struck`, and vanishes as by SIGKILL.
async fn vanish(invocation: rehearsal::in_process::Invocation, struck: impl Fn() -> bool, case: &str) {
    let vanishes = async {
        while !struck() {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        // The statement that was struck may still be on its way to the server.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    tokio::select! {
        ended = run(invocation) => panic!("{case}: the run ended before the strike: {}", ended.stderr),
        () = vanishes => {}
    }
}

/// The second run ends it, the third finds nothing to do; the names moved once.
async fn ends_well(world: &World, case: &str) {
    let again = world.flip_back().await;
    let result = again.output("result");
    assert!(matches!(result, "success" | "unchanged"), "{case}: {}", again.error());
    world.is_back();
    assert_eq!(world.flip_back().await.output("result"), "unchanged", "{case}");
    assert_eq!(world.api.journal().count(BATCH), 1, "{case}: one batch in all");
    world.is_back();
}

//! Connections that break at every statement of every change.

use postgres::Error;
use postgres::ledger::{Allocated, Recorded};
use rehearsal::postgres::{Postgres, Strike};
use serde_json::json;

use crate::world::{SHA, allocate, count, ledger, new, permit, told};

/// The whole statement: an isolation level has the same letters in it.
const COMMIT: &str = "COMMIT\0";

/// Every statement of a transaction that writes.
const STATEMENTS: [&str; 5] =
    ["row_security", "START TRANSACTION", "pg_advisory_xact_lock", "from core.deployments d", COMMIT];

#[tokio::test]
async fn a_lost_connection_costs_no_number_and_no_record() {
    for statement in STATEMENTS.into_iter().chain(["insert into core.deployments"]) {
        for strike in [Strike::Before, Strike::After] {
            let postgres = Postgres::with_ledger().unwrap();
            let relay = postgres.relay().unwrap();
            let ledger = ledger(&relay.dsn());
            relay.strike(statement, strike);
            let allocated = ledger.allocate(&permit(), &new(1)).await;
            assert_eq!(relay.pending(), 0, "{statement}: the strike never came");
            let allocated =
                allocated.unwrap_or_else(|error| panic!("{statement}, {strike:?}: {error:?}")).unwrap();
            assert_eq!(count(&postgres), "1", "{statement}, {strike:?}");
            let kept = postgres.value("select generation from core.deployments").unwrap();
            assert_eq!(kept, allocated.generation().to_string());
            let applied = statement == COMMIT && strike == Strike::After;
            assert_eq!(
                matches!(allocated, Allocated::Again(_)),
                applied,
                "{statement}, {strike:?}: {allocated:?}"
            );
        }
    }
}

#[tokio::test]
async fn records_survive_a_lost_answer() {
    let postgres = Postgres::with_ledger().unwrap();
    let relay = postgres.relay().unwrap();
    let ledger = ledger(&relay.dsn());
    let generation = allocate(&ledger, 1, SHA, &["api"]).await;
    let previous = json!({"a": "b"});
    relay.strike(COMMIT, Strike::After);
    assert!(ledger.record_intent(&permit(), generation, &previous).await.is_ok());
    relay.strike(COMMIT, Strike::After);
    assert!(ledger.record_cut_over(&permit(), generation).await.is_ok());
    relay.strike("array_append", Strike::Before);
    assert_eq!(ledger.append_target(&permit(), generation, "docs").await, Ok(Recorded::New));
    relay.strike(COMMIT, Strike::After);
    assert!(ledger.record_rolled_back(&permit(), generation).await.is_ok());
    assert_eq!(relay.pending(), 0);
    let row = ledger.deployment(generation).await.unwrap().unwrap();
    assert_eq!((row.targets.len(), row.previous_cnames), (2, Some(previous)));
    assert!(row.intent_at.is_some() && row.cut_over_at.is_some() && row.rolled_back_at.is_some());
}

#[tokio::test]
async fn twice_lost_is_said_to_be_perhaps_applied() {
    let postgres = Postgres::with_ledger().unwrap();
    let relay = postgres.relay().unwrap();
    let ledger = ledger(&relay.dsn());
    relay.strike(COMMIT, Strike::After);
    relay.strike(COMMIT, Strike::After);
    let error = ledger.allocate(&permit(), &new(1)).await.unwrap_err();
    assert!(matches!(error, Error::Lost { perhaps_applied: true, .. }), "{error:?}");
    assert!(told(error).contains("hint: the change may have been made; run the job again"));
    let again = ledger.allocate(&permit(), &new(1)).await.unwrap().unwrap();
    assert_eq!((again, count(&postgres).as_str()), (Allocated::Again(1), "1"));
}

#[tokio::test]
async fn a_server_that_goes_and_comes_back_is_asked_again() {
    let postgres = Postgres::with_ledger().unwrap();
    let relay = postgres.relay().unwrap();
    let ledger = ledger(&relay.dsn());
    ledger.allocate(&permit(), &new(1)).await.unwrap().unwrap();
    postgres
        .execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'greenroom'",
        )
        .unwrap();
    assert_eq!(ledger.allocated(&new(1)).await.unwrap(), Ok(Some(1)));
    relay.refuse(true);
    postgres
        .execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'greenroom'",
        )
        .unwrap();
    let before = relay.connections();
    let error = ledger.deployed_bases().await.unwrap_err();
    assert!(error.is_passing(), "{error:?}");
    assert_eq!(relay.connections() - before, 3, "three attempts to connect");
    let once = crate::world::ledger(&relay.dsn()).once();
    let before = relay.connections();
    assert!(once.deployed_bases().await.unwrap_err().is_passing());
    assert_eq!(relay.connections() - before, 1, "inside a wait, the wait is the retry");
}

#[tokio::test]
async fn who_holds_the_lock_too_long_is_not_waited_for_for_ever() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    let dsn = postgres.dsn();
    let (ready, held) = tokio::sync::oneshot::channel();
    let (release, released) = tokio::sync::oneshot::channel::<()>();
    let holder = tokio::spawn(async move {
        let (client, connection) = tokio_postgres::connect(&dsn, tokio_postgres::NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        client
            .batch_execute("begin; select pg_advisory_xact_lock(hashtextextended('core.deployments', 0))")
            .await
            .unwrap();
        ready.send(()).unwrap();
        let _ = released.await;
        connection.abort();
    });
    held.await.unwrap();
    let error = ledger.allocate(&permit(), &new(1)).await.unwrap_err();
    assert!(matches!(&error, Error::Busy(text) if text.contains("lock timeout")), "{error:?}");
    assert!(ledger.deployed_bases().await.is_ok(), "readers do not wait");
    release.send(()).unwrap();
    holder.await.unwrap();
    assert!(ledger.allocate(&permit(), &new(1)).await.is_ok());
}

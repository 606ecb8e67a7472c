//! What is read: the outbox, the workers, and tables that are not quite ours.

use std::time::Duration;

use postgres::ledger::Outbox;
use rehearsal::postgres::Postgres;

use crate::world::{ledger, told};

#[tokio::test]
async fn the_outbox_of_older_generations_is_counted() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    assert!(ledger.outbox_below(9, "workers").await.unwrap().is_empty());
    postgres
        .execute(
            "insert into core.outbox (generation, status) values (1, 'done'), (1, 'pending'), (2, 'pending'),
             (2, 'in_flight'), (3, 'pending'), (null, 'pending')",
        )
        .unwrap();
    assert_eq!(
        ledger.outbox_below(3, "workers").await.unwrap(),
        Outbox { pending: 2, in_flight: 1, unknown: 0 }
    );
    postgres.execute("alter table core.outbox drop constraint outbox_status_check; update core.outbox set status = 'parked' where generation = 2").unwrap();
    let left = ledger.outbox_below(3, "workers").await.unwrap();
    assert_eq!(
        (left.pending, left.unknown, left.is_empty()),
        (1, 2, false),
        "a word that is not known is not done"
    );
}

#[tokio::test]
async fn workers_are_as_old_as_the_database_says() {
    let postgres = Postgres::with_ledger().unwrap();
    postgres
        .execute(
            "insert into core.workers (worker_id, generation, state, last_heartbeat) values
             ('a', 7, 'running', now() - interval '1 hour'), ('b', 7, null, null),
             ('c', 7, 'running', now() + interval '1 hour'), ('d', 6, 'running', now())",
        )
        .unwrap();
    let workers = ledger(&postgres.dsn()).workers(7).await.unwrap();
    let ids: Vec<_> = workers.iter().map(|worker| worker.id.as_str()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    let hour = Duration::from_secs(3600);
    assert!(workers[0].age.is_some_and(|age| age >= hour && age < 2 * hour), "{workers:?}");
    assert_eq!((workers[1].state.as_deref(), workers[1].age), (None, None));
    assert!(
        workers[2].age.is_some_and(|age| age > hour / 2),
        "a clock that is wrong proves nothing: {workers:?}"
    );
}

#[tokio::test]
async fn words_may_be_enumerations_and_numbers_narrower() {
    let postgres = Postgres::start().unwrap();
    postgres
        .execute(
            "create schema core; create type core.state as enum ('running', 'stopped');
             create table core.workers (worker_id uuid, generation int, state core.state, last_heartbeat timestamp);
             insert into core.workers values ('00000000-0000-0000-0000-000000000001', 7, 'running', now())",
        )
        .unwrap();
    let workers = ledger(&postgres.dsn()).workers(7).await.unwrap();
    assert_eq!(workers[0].state.as_deref(), Some("running"));
}

#[tokio::test]
async fn a_type_that_cannot_be_read_is_said() {
    let postgres = Postgres::start().unwrap();
    postgres
        .execute("create schema core; create table core.workers (worker_id text, generation bigint, state text, last_heartbeat text); insert into core.workers values ('a', 7, 'x', 'y')")
        .unwrap();
    let told = told(ledger(&postgres.dsn()).workers(7).await.unwrap_err());
    assert!(told.starts_with("Denied the database refused it: operator does not exist"), "{told}");
}

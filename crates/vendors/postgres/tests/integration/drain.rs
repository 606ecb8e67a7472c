//! What a generation has left behind, and whether it still serves.

use postgres::ledger::Outbox;
use rehearsal::postgres::Postgres;

use crate::world::{SHA, allocate, cut_over, ledger};

#[tokio::test]
async fn the_outbox_of_one_generation_is_counted() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    assert!(ledger.outbox_of(2).await.unwrap().is_empty());
    postgres
        .execute(
            "insert into core.outbox (generation, status) values (1, 'pending'), (2, 'pending'), (2, 'pending'),
             (2, 'in_flight'), (2, 'done'), (3, 'in_flight'), (null, 'pending')",
        )
        .unwrap();
    assert_eq!(ledger.outbox_of(2).await.unwrap(), Outbox { pending: 2, in_flight: 1, unknown: 0 });
}

#[tokio::test]
async fn a_generation_serves_what_nothing_newer_covers() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    let served = async |generation| ledger.targets_served_by(generation).await.unwrap();
    let first = cut_over(&ledger, 1, SHA, &["workers", "api", "dashboard"]).await;
    assert_eq!(served(first).await, ["api", "dashboard", "workers"]);
    assert_eq!(served(first + 9).await, [""; 0], "none of that number");
    let second = allocate(&ledger, 2, SHA, &["api", "workers"]).await;
    assert_eq!(served(second).await, [""; 0], "not cut over");
    assert_eq!(served(first).await, ["api", "dashboard", "workers"]);
    let third = cut_over(&ledger, 3, SHA, &["api", "workers"]).await;
    assert_eq!(served(first).await, ["dashboard"]);
    assert_eq!(served(third).await, ["api", "workers"]);
    postgres
        .execute(&format!("update core.deployments set rolled_back_at = now() where generation = {third}"))
        .unwrap();
    assert_eq!(served(third).await, [""; 0]);
    assert_eq!(served(first).await, ["api", "dashboard", "workers"]);
}

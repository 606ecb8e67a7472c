//! A generation and what lies around it, at one moment.

use postgres::ledger::Surroundings;
use rehearsal::postgres::Postgres;
use serde_json::json;

use crate::world::{OTHER, SHA, allocate, cut_over, ledger, permit, told};

#[tokio::test]
async fn what_is_below_and_beyond_a_generation_is_told_apart() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    assert_eq!(ledger.surroundings(None).await.unwrap(), None);

    cut_over(&ledger, 1, SHA, &["api", "workers"]).await;
    cut_over(&ledger, 2, OTHER, &["dashboard", "api"]).await;
    // Undone, aborted, in question, then aborted again, and cut over.
    let undone = cut_over(&ledger, 3, &"c".repeat(40), &["api", "workers"]).await;
    ledger.record_rolled_back(&permit(), undone).await.unwrap();
    allocate(&ledger, 4, SHA, &["api"]).await;
    let asked = cut_over(&ledger, 5, &"d".repeat(40), &["api", "workers"]).await;
    allocate(&ledger, 6, SHA, &["api"]).await;
    let above = cut_over(&ledger, 7, SHA, &["dashboard"]).await;
    let rows = [(3, "done"), (5, "pending"), (5, "in_flight"), (5, "done"), (1, "pending"), (7, "pending")];
    for (generation, status) in rows {
        let sql = format!("insert into core.outbox (generation, status) values ({generation}, '{status}')");
        postgres.execute(&sql).unwrap();
    }

    let found = ledger.surroundings(Some(asked)).await.unwrap().unwrap();
    let Surroundings { row, newer, beyond, prior, bases, own_work, work_below, tags } = &found;
    assert_eq!((row.generation, row.run_id), (asked, 5));
    assert_eq!(newer.as_ref().map(|newer| newer.generation), Some(above));
    assert_eq!(beyond.iter().map(|row| row.generation).collect::<Vec<_>>(), [6, 7]);
    assert_eq!(prior.as_ref().map(|prior| prior.generation), Some(2));
    assert_eq!(json!(bases), json!({"api": OTHER, "dashboard": OTHER, "workers": SHA}));
    assert_eq!((*own_work, *work_below), (2, 1));
    assert_eq!(tags.join(" "), "prod-1 prod-2 prod-3 prod-4 prod-5 prod-6 prod-7");

    let newest = ledger.surroundings(None).await.unwrap().unwrap();
    assert_eq!((newest.row.generation, newest.newer, newest.beyond.len()), (above, None, 0));
    assert_eq!(newest.prior.map(|prior| prior.generation), Some(asked));
    let first = ledger.surroundings(Some(1)).await.unwrap().unwrap();
    assert_eq!((first.prior, first.bases.len(), first.work_below), (None, 0, 0));
    assert_eq!(ledger.surroundings(Some(99)).await.unwrap(), None);
}

#[tokio::test]
async fn a_status_that_nobody_knows_is_not_done() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    cut_over(&ledger, 1, SHA, &["api"]).await;
    let sql =
        "alter table core.outbox drop constraint outbox_status_check, alter column status drop not null;
        insert into core.outbox (generation, status) values (1, 'parked'), (1, null), (1, 'done')";
    postgres.execute(sql).unwrap();
    assert_eq!(ledger.surroundings(None).await.unwrap().unwrap().own_work, 2);
    postgres.execute("drop table core.outbox").unwrap();
    let told = told(ledger.surroundings(None).await.unwrap_err());
    assert!(told.contains("core.outbox"), "{told}");
}

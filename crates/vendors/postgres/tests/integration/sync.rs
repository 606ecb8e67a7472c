//! The newest flip of some targets, and that its standby was made the same.

use postgres::ledger::Recorded;
use rehearsal::postgres::Postgres;

use crate::world::{SHA, allocate, cut_over, ledger, permit, told};

#[tokio::test]
async fn the_newest_flip_of_some_targets_is_found_whatever_became_of_it() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    let newest = async |targets: &[&str]| {
        let targets: Vec<String> = targets.iter().map(|&target| target.to_owned()).collect();
        ledger.newest_flip(&targets).await.unwrap().map(|row| row.generation)
    };
    assert_eq!(newest(&["api"]).await, None);
    let first = cut_over(&ledger, 1, SHA, &["api", "workers"]).await;
    let second = cut_over(&ledger, 2, SHA, &["dashboard"]).await;
    assert_eq!(newest(&["workers"]).await, Some(first));
    assert_eq!(newest(&["workers", "dashboard"]).await, Some(second));
    allocate(&ledger, 3, SHA, &["api"]).await;
    assert_eq!(newest(&["api"]).await, Some(first), "nothing was announced");
    let fourth = allocate(&ledger, 4, SHA, &["api"]).await;
    ledger.record_intent(&permit(), fourth, &serde_json::json!({})).await.unwrap();
    assert_eq!(newest(&["api"]).await, Some(fourth));
    ledger.record_rolled_back(&permit(), fourth).await.unwrap();
    assert_eq!(newest(&["api"]).await, Some(fourth), "rolled back is not forgotten");
}

#[tokio::test]
async fn a_sync_is_recorded_once_and_only_of_what_serves() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    let generation = cut_over(&ledger, 1, SHA, &["api"]).await;
    assert_eq!(ledger.record_synced(&permit(), generation).await.unwrap(), Recorded::New);
    let at = "select synced_at from core.deployments where generation = 1";
    let first = postgres.value(at).unwrap();
    assert_eq!(ledger.record_synced(&permit(), generation).await.unwrap(), Recorded::Already);
    assert_eq!(postgres.value(at).unwrap(), first);

    let announced = allocate(&ledger, 2, SHA, &["api"]).await;
    let refusal = told(ledger.record_synced(&permit(), announced).await.unwrap_err());
    assert!(refusal.contains("is not cut over yet"), "{refusal}");
    let undone = cut_over(&ledger, 3, SHA, &["api"]).await;
    ledger.record_rolled_back(&permit(), undone).await.unwrap();
    let refusal = told(ledger.record_synced(&permit(), undone).await.unwrap_err());
    assert!(refusal.contains("was rolled back"), "{refusal}");
    let refusal = told(ledger.record_synced(&permit(), 99).await.unwrap_err());
    assert!(refusal.contains("no generation 99"), "{refusal}");
}

//! Intent, cut over, published, rolled back: each once, in this order, one at a time.

use postgres::ledger::{FlipRefusal, LedgerError, Recorded};
use rehearsal::postgres::Postgres;
use serde_json::json;

use crate::world::{SHA, allocate, cut_over, ledger, permit, told};

fn refusal(refused: Result<Recorded, LedgerError>) -> FlipRefusal {
    match refused {
        Err(LedgerError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_flip_is_announced_finished_and_told_once() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    let generation = allocate(&ledger, 1, SHA, &["api"]).await;
    let previous = json!({"api.example.com": "api-blue.onrender.com"});
    assert_eq!(ledger.record_intent(&permit(), generation, &previous).await, Ok(Recorded::New));
    let half_moved = json!({"api.example.com": "api-green.onrender.com"});
    assert_eq!(ledger.record_intent(&permit(), generation, &half_moved).await, Ok(Recorded::Already));
    let row = ledger.open_deployment().await.unwrap().unwrap();
    assert_eq!((row.generation, row.is_open(), row.previous_cnames), (generation, true, Some(previous)));
    assert_eq!(ledger.record_cut_over(&permit(), generation).await, Ok(Recorded::New));
    let cut_over_at = ledger.deployment(generation).await.unwrap().unwrap().cut_over_at;
    assert_eq!(ledger.record_cut_over(&permit(), generation).await, Ok(Recorded::Already));
    assert_eq!(ledger.record_intent(&permit(), generation, &half_moved).await, Ok(Recorded::Already));
    let row = ledger.deployment(generation).await.unwrap().unwrap();
    assert_eq!(row.cut_over_at, cut_over_at, "the first time counts");
    assert_eq!(ledger.open_deployment().await.unwrap(), None);
    assert_eq!(ledger.append_target(&permit(), generation, "docs-user").await, Ok(Recorded::New));
    assert_eq!(ledger.append_target(&permit(), generation, "docs-user").await, Ok(Recorded::Already));
    assert_eq!(ledger.deployment(generation).await.unwrap().unwrap().targets, ["api", "docs-user"]);
    assert_eq!(ledger.record_rolled_back(&permit(), generation).await, Ok(Recorded::New));
    assert_eq!(ledger.record_rolled_back(&permit(), generation).await, Ok(Recorded::Already));
    assert_eq!(
        refusal(ledger.record_intent(&permit(), generation, &json!({})).await),
        FlipRefusal::RolledBack(generation)
    );
    assert_eq!(
        refusal(ledger.append_target(&permit(), generation, "x").await),
        FlipRefusal::RolledBack(generation)
    );
}

#[tokio::test]
async fn one_flip_at_a_time_and_never_backwards() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    let old = allocate(&ledger, 1, SHA, &["api"]).await;
    let open = allocate(&ledger, 2, SHA, &["api"]).await;
    ledger.record_intent(&permit(), open, &json!({})).await.unwrap();
    let refused = refusal(ledger.record_intent(&permit(), old, &json!({})).await);
    assert!(
        matches!(&refused, FlipRefusal::Open { generation, open: row } if *generation == old && row.generation == open)
    );
    let told = told(refused);
    assert!(
        told.starts_with("Stale generation 1 cannot go on: the flip of generation 2 (run 2) is unfinished"),
        "{told}"
    );
    assert!(told.contains("hint: run 2 again") && told.contains("rolled back"), "{told}");

    ledger.record_cut_over(&permit(), open).await.unwrap();
    let newer = FlipRefusal::Newer { generation: old, newer: open };
    assert_eq!(refusal(ledger.record_intent(&permit(), old, &json!({})).await), newer);
    ledger.record_rolled_back(&permit(), open).await.unwrap();
    assert_eq!(
        refusal(ledger.record_intent(&permit(), old, &json!({})).await),
        newer,
        "even when it was undone"
    );
    assert_eq!(refusal(ledger.record_cut_over(&permit(), old).await), newer);
}

#[tokio::test]
async fn nothing_is_recorded_out_of_order() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    let generation = allocate(&ledger, 1, SHA, &["api"]).await;
    assert_eq!(
        refusal(ledger.record_cut_over(&permit(), generation).await),
        FlipRefusal::NoIntent(generation)
    );
    assert_eq!(
        refusal(ledger.record_rolled_back(&permit(), generation).await),
        FlipRefusal::NoIntent(generation)
    );
    for unknown in [0, 99, u64::MAX] {
        assert_eq!(
            refusal(ledger.record_intent(&permit(), unknown, &json!({})).await),
            FlipRefusal::Unknown(unknown)
        );
    }
    ledger.record_intent(&permit(), generation, &json!({})).await.unwrap();
    ledger.record_cut_over(&permit(), generation).await.unwrap();
    let newer = cut_over(&ledger, 2, SHA, &["api"]).await;
    assert_eq!(
        refusal(ledger.record_rolled_back(&permit(), generation).await),
        FlipRefusal::Below { generation, newer },
        "the names are the newer one's"
    );
    ledger.record_rolled_back(&permit(), newer).await.unwrap();
    assert_eq!(ledger.record_rolled_back(&permit(), generation).await, Ok(Recorded::New));
}

#[tokio::test]
async fn of_many_at_once_one_flip_begins() {
    let postgres = Postgres::with_ledger().unwrap();
    let one = ledger(&postgres.dsn());
    for run in 1..=8 {
        allocate(&one, run, SHA, &["api"]).await;
    }
    let (here, mut callers) = (tokio::task::LocalSet::new(), tokio::task::JoinSet::new());
    for generation in 1..=8 {
        let ledger = ledger(&postgres.dsn());
        callers.spawn_local_on(
            async move { ledger.record_intent(&permit(), generation, &json!({})).await },
            &here,
        );
    }
    let answers = here.run_until(callers.join_all()).await;
    assert_eq!(answers.iter().filter(|answer| **answer == Ok(Recorded::New)).count(), 1, "{answers:?}");
    assert_eq!(
        postgres.value("select count(*) from core.deployments where intent_at is not null").unwrap(),
        "1"
    );
}

//! Which flip overtook which: newer ones of the same targets, and no others.

use postgres::Ledger;
use postgres::ledger::{Allocated, AllocationRefusal, FlipRefusal, LedgerError, NewDeployment, Recorded};
use rehearsal::postgres::Postgres;
use serde_json::{Value, json};

use crate::world::{SHA, allocate, count, cut_over, ledger, new, permit, told};

fn refusal<T: std::fmt::Debug>(refused: Result<T, LedgerError>) -> FlipRefusal {
    match refused {
        Err(LedgerError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn api() -> Value {
    json!({"api.example.com": "api-blue.onrender.com"})
}

fn app() -> Value {
    json!({"app.example.com": "app-blue.onrender.com"})
}

/// Allocated and announced, by a run of its own.
async fn announce(ledger: &Ledger, run_id: u64, targets: &[&str], previous: &Value) -> u64 {
    let generation = allocate(ledger, run_id, SHA, targets).await;
    assert_eq!(ledger.record_intent(&permit(), generation, previous).await, Ok(Recorded::New));
    generation
}

/// The same, cut over.
async fn flip(ledger: &Ledger, run_id: u64, targets: &[&str], previous: &Value) -> u64 {
    let generation = announce(ledger, run_id, targets, previous).await;
    assert_eq!(ledger.record_cut_over(&permit(), generation).await, Ok(Recorded::New));
    generation
}

/// A generation that is published in place and flips nothing.
async fn publish(ledger: &Ledger, run_id: u64, target: &str) -> u64 {
    let generation = allocate(ledger, run_id, SHA, &[]).await;
    assert_eq!(ledger.append_target(&permit(), generation, target).await, Ok(Recorded::New));
    generation
}

#[tokio::test]
async fn what_was_cut_over_is_not_announced_again_once_a_newer_flip_came() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    let old = flip(&ledger, 1, &["api"], &api()).await;
    assert_eq!(ledger.record_intent(&permit(), old, &api()).await, Ok(Recorded::Already));
    // What shares no name with it is no matter, open or finished.
    let other = announce(&ledger, 2, &["dashboard"], &app()).await;
    assert_eq!(ledger.record_intent(&permit(), old, &api()).await, Ok(Recorded::Already));
    ledger.record_cut_over(&permit(), other).await.unwrap();
    publish(&ledger, 3, "docs").await;
    assert_eq!(ledger.record_intent(&permit(), old, &api()).await, Ok(Recorded::Already));

    let newer = announce(&ledger, 4, &["api", "workers"], &api()).await;
    let refused = refusal(ledger.record_intent(&permit(), old, &api()).await);
    assert!(matches!(&refused, FlipRefusal::Open { open, .. } if open.generation == newer), "{refused:?}");
    ledger.record_cut_over(&permit(), newer).await.unwrap();
    let refused = refusal(ledger.record_intent(&permit(), old, &api()).await);
    assert_eq!(refused, FlipRefusal::Newer { generation: old, newer });
    let told = told(refused);
    assert!(told.contains("hint: push a new tag"), "{told}");
}

#[tokio::test]
async fn a_flip_that_never_served_overtook_nobody() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    let old = flip(&ledger, 1, &["api"], &api()).await;
    let aborted = announce(&ledger, 2, &["api"], &api()).await;
    ledger.record_rolled_back(&permit(), aborted).await.unwrap();
    assert_eq!(ledger.record_intent(&permit(), old, &api()).await, Ok(Recorded::Already));
    assert_eq!(ledger.record_rolled_back(&permit(), old).await, Ok(Recorded::New));
}

#[tokio::test]
async fn what_is_published_in_place_stops_no_flip_and_no_way_back() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    let old = allocate(&ledger, 1, SHA, &["api"]).await;
    publish(&ledger, 2, "docs").await;
    assert_eq!(ledger.record_intent(&permit(), old, &api()).await, Ok(Recorded::New));
    publish(&ledger, 3, "docs").await;
    assert_eq!(ledger.record_cut_over(&permit(), old).await, Ok(Recorded::New));
    // Both have published the same target now.
    ledger.append_target(&permit(), old, "docs").await.unwrap();
    publish(&ledger, 4, "docs").await;
    assert_eq!(ledger.record_rolled_back(&permit(), old).await, Ok(Recorded::New));
}

#[tokio::test]
async fn a_newer_flip_of_other_names_stops_no_flip_and_no_way_back() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    let old = allocate(&ledger, 1, SHA, &["api"]).await;
    let other = flip(&ledger, 2, &["dashboard"], &app()).await;
    assert_eq!(ledger.record_intent(&permit(), old, &api()).await, Ok(Recorded::New));
    assert_eq!(ledger.record_cut_over(&permit(), old).await, Ok(Recorded::New));
    // A target that both published in place is no name that both moved.
    for generation in [old, other] {
        ledger.append_target(&permit(), generation, "docs").await.unwrap();
    }
    assert_eq!(ledger.record_rolled_back(&permit(), old).await, Ok(Recorded::New));
    assert!(ledger.deployment(other).await.unwrap().unwrap().serves());
}

#[tokio::test]
async fn a_newer_flip_of_the_same_targets_stops_all_of_it() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    let late = allocate(&ledger, 1, SHA, &["api", "workers"]).await;
    let old = flip(&ledger, 2, &["api", "workers"], &api()).await;
    // Names that are not known may be the same.
    let newer = cut_over(&ledger, 3, SHA, &["dashboard", "api"]).await;
    for refused in [
        refusal(ledger.record_intent(&permit(), late, &api()).await),
        refusal(ledger.record_cut_over(&permit(), late).await),
    ] {
        assert_eq!(refused, FlipRefusal::Newer { generation: late, newer });
    }
    let refused = refusal(ledger.record_rolled_back(&permit(), old).await);
    assert_eq!(refused, FlipRefusal::Below { generation: old, newer });
    let told = told(refused);
    let first = format!("cutover-record --mode rolled-back --generation {newer}, then this again");
    assert!(told.contains(&first) && told.contains("to serve on") && !told.contains("new tag"), "{told}");
    ledger.record_rolled_back(&permit(), newer).await.unwrap();
    assert_eq!(ledger.record_rolled_back(&permit(), old).await, Ok(Recorded::New));
}

#[tokio::test]
async fn a_flip_that_never_finished_can_be_closed_whatever_came_after_it() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    let left = announce(&ledger, 1, &["api"], &api()).await;
    // Nothing else can be announced while it is open, but somebody may have cut over by hand.
    allocate(&ledger, 2, SHA, &["api"]).await;
    postgres
        .execute("update core.deployments set intent_at = now(), cut_over_at = now() where generation = 2")
        .unwrap();
    refusal(ledger.record_cut_over(&permit(), left).await);
    assert_eq!(ledger.record_rolled_back(&permit(), left).await, Ok(Recorded::New));
    assert_eq!(ledger.open_deployment().await.unwrap(), None);
}

#[tokio::test]
async fn a_run_from_before_deploys_nothing_over_what_came_since() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    let old = allocate(&ledger, 1, SHA, &["api", "workers"]).await;
    assert_eq!(ledger.may_deploy(old).await, Ok(()));
    // Neither a newer number alone, nor another flip, nor one that was undone before it served.
    flip(&ledger, 2, &["dashboard"], &app()).await;
    publish(&ledger, 3, "docs").await;
    let aborted = announce(&ledger, 4, &["api"], &api()).await;
    ledger.record_rolled_back(&permit(), aborted).await.unwrap();
    let newer = allocate(&ledger, 5, SHA, &["api"]).await;
    assert_eq!(ledger.may_deploy(old).await, Ok(()));

    ledger.record_intent(&permit(), newer, &api()).await.unwrap();
    assert_eq!(ledger.may_deploy(newer).await, Ok(()), "its own flip");
    let refused = refusal(ledger.may_deploy(old).await);
    assert!(matches!(&refused, FlipRefusal::Open { open, .. } if open.generation == newer), "{refused:?}");
    ledger.record_cut_over(&permit(), newer).await.unwrap();
    assert_eq!(refusal(ledger.may_deploy(old).await), FlipRefusal::Newer { generation: old, newer });
    assert_eq!(refusal(ledger.may_deploy(newer).await), FlipRefusal::Served(newer));
    assert_eq!(refusal(ledger.may_deploy(aborted).await), FlipRefusal::RolledBack(aborted));
    assert_eq!(refusal(ledger.may_deploy(99).await), FlipRefusal::Unknown(99));
}

#[tokio::test]
async fn in_place_the_newest_generation_that_names_a_target_is_the_one_to_deploy() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    let old = allocate(&ledger, 1, SHA, &["api", "docs"]).await;
    allocate(&ledger, 2, SHA, &["dashboard"]).await;
    assert_eq!(ledger.may_deploy_in_place(old, None).await, Ok(()));
    let newer = allocate(&ledger, 3, SHA, &["api", "workers"]).await;
    let refused = refusal(ledger.may_deploy_in_place(old, None).await);
    let covers = FlipRefusal::Replaced { generation: old, newer, run_id: 3, targets: vec!["api".to_owned()] };
    assert_eq!(refused, covers);
    assert!(told(refused).contains("hint: do not run this one again"));
    assert_eq!(ledger.may_deploy_in_place(old, Some("docs")).await, Ok(()));
    assert_eq!(ledger.may_deploy_in_place(newer, None).await, Ok(()));
    // What is published joins its row, so the target of an older run need not be in its own.
    publish(&ledger, 4, "docs").await;
    refusal(ledger.may_deploy_in_place(newer, Some("docs")).await);
    refusal(ledger.may_deploy_in_place(99, None).await);
    let undone = flip(&ledger, 5, &["api"], &api()).await;
    assert_eq!(ledger.may_deploy_in_place(undone, Some("docs")).await, Ok(()), "published after its cutover");
    ledger.record_rolled_back(&permit(), undone).await.unwrap();
    let refused = refusal(ledger.may_deploy_in_place(undone, Some("docs")).await);
    assert_eq!(refused, FlipRefusal::RolledBack(undone));
}

#[tokio::test]
async fn a_run_from_before_gets_its_number_back_only_while_no_flip_overtook_it() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    let asked = NewDeployment { targets: vec!["api".to_owned()], ..new(1) };
    let old = ledger.allocate(&permit(), &asked).await.unwrap().unwrap().generation();
    flip(&ledger, 2, &["dashboard"], &app()).await;
    publish(&ledger, 3, "docs").await;
    assert_eq!(ledger.allocate(&permit(), &asked).await.unwrap(), Ok(Allocated::Again(old)));
    let newer = flip(&ledger, 4, &["api"], &api()).await;
    let overtaken = AllocationRefusal::Overtaken(FlipRefusal::Newer { generation: old, newer });
    assert_eq!(ledger.allocated(&asked).await.unwrap(), Err(overtaken.clone()));
    assert_eq!(ledger.allocate(&permit(), &asked).await.unwrap(), Err(overtaken.clone()));
    assert_eq!(count(&postgres), "4");
    let told = told(overtaken);
    assert!(told.starts_with("Stale") && told.contains("hint: push a new tag"), "{told}");
}

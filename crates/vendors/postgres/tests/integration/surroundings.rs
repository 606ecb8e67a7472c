//! A generation and what lies around it, at one moment.

use postgres::ledger::Surroundings;
use rehearsal::postgres::Postgres;
use serde_json::json;

use crate::world::{OTHER, SHA, allocate, cut_over, ledger, permit, told};

#[tokio::test]
async fn what_is_below_and_beyond_a_generation_is_told_apart() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    assert_eq!(ledger.surroundings(None, "workers").await.unwrap(), None);

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

    let found = ledger.surroundings(Some(asked), "workers").await.unwrap().unwrap();
    let Surroundings { row, newer, open, beyond, prior, bases, own_work, work_below, tags } = &found;
    assert_eq!((row.generation, row.run_id), (asked, 5));
    assert_eq!(*newer, None, "generation {above} serves something else");
    assert_eq!(*open, None, "what was never announced is no flip");
    assert_eq!(beyond.iter().map(|row| row.generation).collect::<Vec<_>>(), [6, 7]);
    assert_eq!(prior.as_ref().map(|prior| prior.generation), Some(2));
    assert_eq!(json!(bases), json!({"api": OTHER, "dashboard": OTHER, "workers": SHA}));
    assert_eq!((*own_work, work_below.total()), (2, 1));
    assert_eq!(tags.join(" "), "prod-1 prod-2 prod-3 prod-4 prod-5 prod-6 prod-7");

    let newest = ledger.surroundings(None, "workers").await.unwrap().unwrap();
    assert_eq!((newest.row.generation, newest.newer, newest.beyond.len()), (above, None, 0));
    assert_eq!(newest.prior.map(|prior| prior.generation), Some(asked));
    let first = ledger.surroundings(Some(1), "workers").await.unwrap().unwrap();
    assert_eq!((first.prior, first.bases.len(), first.work_below.total()), (None, 0, 0));
    assert_eq!(first.newer.map(|newer| newer.generation), Some(asked));
    assert_eq!(ledger.surroundings(Some(99), "workers").await.unwrap(), None);
}

/// The number of what took the place of a generation.
async fn newer(ledger: &postgres::Ledger, generation: u64) -> Option<u64> {
    let found = ledger.surroundings(Some(generation), "workers").await.unwrap().unwrap();
    found.newer.map(|newer| newer.generation)
}

#[tokio::test]
async fn only_what_took_its_place_is_newer_than_a_generation() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    let flip = async |run, targets: &[&str], names: &serde_json::Value| {
        let generation = allocate(&ledger, run, SHA, targets).await;
        ledger.record_intent(&permit(), generation, names).await.unwrap();
        ledger.record_cut_over(&permit(), generation).await.unwrap();
        generation
    };
    let publish = async |run, target: &str| {
        let generation = allocate(&ledger, run, SHA, &[]).await;
        ledger.append_target(&permit(), generation, target).await.unwrap();
        generation
    };
    let aborted = allocate(&ledger, 1, SHA, &["api"]).await;
    let api = flip(2, &["api"], &json!({"api.x": "blue.y"})).await;
    ledger.append_target(&permit(), api, "docs").await.unwrap();
    let docs = publish(3, "docs").await;
    flip(4, &["dashboard"], &json!({"app.x": "blue.y"})).await;
    for generation in [api, docs] {
        assert_eq!(newer(&ledger, generation).await, None, "{generation}");
    }
    assert_eq!(newer(&ledger, aborted).await, Some(api));

    let again = flip(5, &["api"], &json!({"api.x": "green.y"})).await;
    let docs_again = publish(6, "docs").await;
    assert_eq!([newer(&ledger, api).await, newer(&ledger, docs).await], [Some(again), Some(docs_again)]);
    ledger.record_rolled_back(&permit(), again).await.unwrap();
    assert_eq!(newer(&ledger, api).await, None, "what was undone took nothing");
}

#[tokio::test]
async fn a_flip_of_the_same_names_that_is_neither_confirmed_nor_undone_is_open() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    let announce = async |run, target: &str| {
        let generation = allocate(&ledger, run, SHA, &[target]).await;
        let names = json!({format!("{target}.x"): "blue.y"});
        ledger.record_intent(&permit(), generation, &names).await.unwrap();
        generation
    };
    let open = async |generation| {
        let found = ledger.surroundings(Some(generation), "workers").await.unwrap().unwrap();
        found.open.map(|open| open.generation)
    };
    let api = announce(1, "api").await;
    ledger.record_cut_over(&permit(), api).await.unwrap();
    let dashboard = announce(2, "dashboard").await;
    assert_eq!(open(api).await, None, "of other names");
    ledger.record_cut_over(&permit(), dashboard).await.unwrap();
    let again = announce(3, "api").await;
    assert_eq!((open(api).await, open(dashboard).await), (Some(again), None));
    assert_eq!(open(again).await, None, "nothing is beyond it");
    ledger.record_rolled_back(&permit(), again).await.unwrap();
    assert_eq!(open(api).await, None, "it is undone");
}

#[tokio::test]
async fn the_work_of_what_serves_the_workers_is_not_left_behind() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    for (run, targets) in [(1, ["workers", "api"]), (2, ["workers", "api"]), (3, ["dashboard", "operations"])]
    {
        cut_over(&ledger, run, SHA, &targets).await;
    }
    postgres.execute("insert into core.outbox (generation) values (1), (2), (2)").unwrap();
    let below = async |generation, target: &str| {
        ledger.surroundings(Some(generation), target).await.unwrap().unwrap().work_below.total()
    };
    assert_eq!(below(3, "workers").await, 1, "that of generation 2 goes on");
    assert_eq!(below(3, "jobs").await, 3, "a target that nothing serves excuses nobody");
    assert_eq!(below(2, "workers").await, 1);
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
    assert_eq!(ledger.surroundings(None, "workers").await.unwrap().unwrap().own_work, 2);
    postgres.execute("drop table core.outbox").unwrap();
    let told = told(ledger.surroundings(None, "workers").await.unwrap_err());
    assert!(told.contains("core.outbox"), "{told}");
}

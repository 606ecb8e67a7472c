//! One number a run, whoever asks and however often.

use postgres::ledger::{Allocated, NewDeployment};
use rehearsal::postgres::Postgres;

use crate::world::{OTHER, allocate, count, cut_over, ledger, new, permit, told};

#[tokio::test]
async fn a_run_gets_its_own_number_back_until_it_was_used() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    assert_eq!(ledger.allocated(&new(7)).await.unwrap(), Ok(None));
    assert_eq!(ledger.allocate(&permit(), &new(7)).await.unwrap(), Ok(Allocated::New(1)));
    assert_eq!(ledger.allocated(&new(7)).await.unwrap(), Ok(Some(1)));
    assert_eq!(ledger.allocate(&permit(), &new(8)).await.unwrap(), Ok(Allocated::New(2)));
    let mut turned = new(7);
    turned.targets.reverse();
    assert_eq!(
        ledger.allocate(&permit(), &turned).await.unwrap(),
        Ok(Allocated::Again(1)),
        "a set has no order"
    );

    ledger.record_rolled_back(&permit(), 1).await.unwrap_err();
    ledger.record_intent(&permit(), 1, &serde_json::json!({})).await.unwrap();
    assert_eq!(
        ledger.allocate(&permit(), &new(7)).await.unwrap(),
        Ok(Allocated::Again(1)),
        "an open row is its own"
    );
    ledger.record_rolled_back(&permit(), 1).await.unwrap();
    assert_eq!(ledger.allocate(&permit(), &new(7)).await.unwrap(), Ok(Allocated::New(3)));
    ledger.record_intent(&permit(), 3, &serde_json::json!({})).await.unwrap();
    ledger.record_cut_over(&permit(), 3).await.unwrap();
    assert_eq!(ledger.allocate(&permit(), &new(7)).await.unwrap(), Ok(Allocated::New(4)));

    let row = ledger.deployment(1).await.unwrap().unwrap();
    assert_eq!(
        (row.reference.as_str(), row.tag.as_deref(), row.run_id),
        ("refs/tags/prod-7", Some("prod-7"), 7)
    );
    assert_eq!(row.targets, ["api", "workers"]);
    assert_eq!(ledger.deployment(99).await.unwrap(), None);
}

#[tokio::test]
async fn a_run_that_asks_for_something_else_is_stale() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    ledger.allocate(&permit(), &new(7)).await.unwrap().unwrap();
    for (other, what) in [
        (NewDeployment { sha: OTHER.to_owned(), ..new(7) }, "another commit"),
        (NewDeployment { reference: "refs/heads/main".to_owned(), ..new(7) }, "another reference"),
        (
            NewDeployment { targets: vec!["api".to_owned()], ..new(7) },
            "another set of targets: [api, workers] instead of [api]",
        ),
    ] {
        let refused = ledger.allocate(&permit(), &other).await.unwrap().unwrap_err();
        let told = told(refused);
        assert!(told.starts_with("Stale") && told.contains(what) && told.contains("hint:"), "{told}");
    }
    assert_eq!(count(&postgres), "1");
}

#[tokio::test]
async fn callers_at_once_share_one_row_a_run() {
    let postgres = Postgres::with_ledger().unwrap();
    let (here, mut callers) = (tokio::task::LocalSet::new(), tokio::task::JoinSet::new());
    for caller in 0..24 {
        let ledger = ledger(&postgres.dsn());
        callers.spawn_local_on(
            async move {
                let run = 1 + caller % 3;
                (run, ledger.allocate(&permit(), &new(run)).await.unwrap().unwrap())
            },
            &here,
        );
    }
    let answers = here.run_until(callers.join_all()).await;
    assert_eq!(count(&postgres), "3");
    for run in 1..=3 {
        let of_run: Vec<_> = answers.iter().filter(|(of, _)| *of == run).map(|(_, answer)| *answer).collect();
        assert!(of_run.iter().all(|answer| answer.generation() == of_run[0].generation()), "{answers:?}");
        let fresh = of_run.iter().filter(|answer| matches!(answer, Allocated::New(_))).count();
        assert_eq!((of_run.len(), fresh), (8, 1), "{answers:?}");
    }
}

#[tokio::test]
async fn bases_come_from_what_was_cut_over_and_holds() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    assert!(ledger.deployed_bases().await.unwrap().is_empty());
    assert_eq!(ledger.newest_cut_over().await.unwrap(), None);
    let sha = |letter: char| letter.to_string().repeat(40);
    cut_over(&ledger, 1, &sha('a'), &["api", "workers"]).await;
    cut_over(&ledger, 2, &sha('b'), &["api"]).await;
    let undone = cut_over(&ledger, 3, &sha('c'), &["api", "dashboard"]).await;
    ledger.record_rolled_back(&permit(), undone).await.unwrap();
    let never = allocate(&ledger, 4, &sha('d'), &["api", "workers"]).await;
    ledger.record_intent(&permit(), never, &serde_json::json!({})).await.unwrap();
    let bases: Vec<_> = ledger.deployed_bases().await.unwrap().into_iter().collect();
    assert_eq!(bases, [("api".to_owned(), sha('b')), ("workers".to_owned(), sha('a'))]);
    let serving = ledger.newest_cut_over().await.unwrap().unwrap();
    assert!(serving.serves() && !serving.is_open());
    assert_eq!(serving.generation, 2);
    assert!(serving.since_cut_over.is_some());
    assert_eq!(ledger.open_deployment().await.unwrap().unwrap().generation, never);
}

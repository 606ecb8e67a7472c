//! What a database lacks is named with the statement that creates it.

use postgres::Error;
use postgres::ledger::SCHEMA;
use rehearsal::postgres::Postgres;

use crate::world::{SHA, allocate, cut_over, ledger, new, permit, told};

const COLUMNS: &str =
    "select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || is_identity
    from information_schema.columns where table_schema = 'core'";

#[tokio::test]
async fn the_documented_schema_works_and_the_rehearsed_database_holds_it() {
    let documented = Postgres::start().unwrap();
    documented.execute(SCHEMA).unwrap();
    documented.execute(SCHEMA).unwrap();
    let one = ledger(&documented.dsn());
    cut_over(&one, 1, SHA, &["api"]).await;
    assert!(
        one.workers(1).await.unwrap().is_empty() && one.outbox_below(1, "workers").await.unwrap().is_empty()
    );

    let rehearsed = Postgres::with_ledger().unwrap().query(COLUMNS).unwrap();
    let documented = documented.query(COLUMNS).unwrap();
    assert_eq!(documented.len(), 28);
    for column in &documented {
        assert!(rehearsed.contains(column), "{column:?} is not in {rehearsed:?}");
    }
    assert!(rehearsed.len() > documented.len(), "it stands for a database with more columns");
}

#[tokio::test]
async fn an_empty_database_is_told_every_table() {
    let postgres = Postgres::start().unwrap();
    let ledger = ledger(&postgres.dsn());
    let errors = [
        ledger.deployed_bases().await.unwrap_err(),
        ledger.workers(1).await.unwrap_err(),
        ledger.outbox_below(1, "workers").await.unwrap_err(),
        ledger.allocate(&permit(), &new(1)).await.unwrap_err(),
    ];
    for error in errors {
        let Error::Missing(missing) = &error else { panic!("{error:?}") };
        let names: Vec<_> = missing.iter().map(|missing| missing.name.as_str()).collect();
        assert_eq!(names, ["core.deployments", "core.workers", "core.outbox", "core.schema_merges"]);
        let told = told(error);
        assert!(
            told.starts_with(
                "Denied the database lacks core.deployments, core.workers, core.outbox, core.schema_merges"
            ),
            "{told}"
        );
    }
}

#[tokio::test]
async fn the_statement_in_the_hint_mends_it() {
    let postgres = Postgres::with_ledger().unwrap();
    let ledger = ledger(&postgres.dsn());
    postgres
        .execute(
            "alter table core.deployments drop column intent_at, drop column previous_cnames; drop table core.outbox",
        )
        .unwrap();
    let error = ledger.allocate(&permit(), &new(1)).await.unwrap_err();
    let Error::Missing(missing) = error else { panic!("{error:?}") };
    let names: Vec<_> = missing.iter().map(|missing| missing.name.as_str()).collect();
    assert_eq!(names, ["core.deployments.intent_at", "core.deployments.previous_cnames", "core.outbox"]);
    for missing in missing {
        postgres.execute(&missing.sql).unwrap();
    }
    allocate(&ledger, 1, SHA, &[]).await;
    assert!(ledger.outbox_below(1, "workers").await.unwrap().is_empty());
}

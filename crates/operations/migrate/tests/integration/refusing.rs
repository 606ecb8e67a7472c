//! What is refused before anything runs.

use std::time::Duration;

use migrate::{Ahead, Error, Options};
use migration_history::{Drift, Migrations, ScriptProblem};

use crate::world::{World, told};

const ONE: (&str, &str) = ("one", "create table one (a int)");
const TWO: (&str, &str) = ("two", "create table two (a int)");

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_tells_another_story_is_refused() {
    for (files, kind) in [
        (&[("one", "create table one (a bigint)"), TWO][..], "edited"),
        (&[("uno", ONE.1), TWO], "applied as 20260101000000_one"),
    ] {
        let world = World::new();
        world.apply(&[ONE]).await.unwrap();
        let error = world.apply(files).await.unwrap_err();
        assert!(matches!(&error, Error::Drift(drift) if drift.len() == 1), "{error}");
        assert!(error.to_string().contains(kind), "{error}");
        assert_eq!(world.recorded(), "0one");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_ahead_and_a_file_before_the_head_are_refused() {
    let world = World::new();
    world.apply(&[ONE, TWO]).await.unwrap();
    let ahead = world.apply(&[ONE]).await.unwrap_err();
    assert_eq!(ahead, Error::Drift(vec![Drift::WithoutFile { stem: "20260101000001_two".into() }]));
    world.postgres.execute("delete from supabase_migrations.schema_migrations where name = 'one'").unwrap();
    let inserted = world.apply(&[ONE, TWO]).await.unwrap_err();
    let (stem, head) = ("20260101000000_one".to_owned(), "20260101000001_two".to_owned());
    assert_eq!(inserted, Error::Drift(vec![Drift::Inserted { stem, head }]));
    let told = told(inserted);
    assert!(told.contains("rename the file to a version newer than all that are applied"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_ahead_on_purpose_gets_what_it_lacks_and_nothing_else_is_forgiven() {
    let world = World::new();
    world.apply(&[ONE, TWO]).await.unwrap();
    let older = |third: (&str, &str)| {
        let file = |at: usize, (name, text): (&str, &str)| {
            (format!("2026010100000{at}_{name}.sql"), text.to_owned())
        };
        Migrations::new([file(0, ONE), file(2, third)]).unwrap()
    };
    let options = Options { ahead: Ahead::Accept, ..Options::default() };
    let (database, permit) = (world.database(), world.permit());
    let files = older(("three", "create table three (a int)"));
    let report = migrate::apply(&*world.clock, &database, &files, &options, &permit).await.unwrap();
    assert_eq!((report.before, report.applied), (2, vec!["20260101000002_three".to_owned()]));
    assert_eq!(world.recorded(), "0one 1two 2three");
    let edited = older(("three", "create table three (a bigint)"));
    let error = migrate::apply(&*world.clock, &database, &edited, &options, &permit).await.unwrap_err();
    assert!(matches!(&error, Error::Drift(drift) if matches!(drift[..], [Drift::Edited { .. }])), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_pending_file_that_cannot_run_keeps_all_from_running() {
    let world = World::new();
    let mixed = ("mixed", "alter table one add b int;\ncreate index concurrently i on one (b);");
    let error = world.apply(&[ONE, mixed]).await.unwrap_err();
    assert!(
        matches!(&error, Error::Script { problem: ScriptProblem::Mixed { line: 2, other: 1, .. }, .. }),
        "{error}"
    );
    let told = told(error);
    assert!(told.starts_with("20260101000001_mixed.sql: line 2 cannot run inside a transaction"), "{told}");
    assert!(told.contains("no pending file was applied"), "{told}");
    assert_eq!(world.value("select to_regclass('one')"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_never_migrate_at_once() {
    let world = World::new();
    let (database, options) = (world.database(), migrate::Options::default());
    let other = database.migrate(&options.limits, &world.permit()).await.unwrap();
    assert!(other.try_lock().await.unwrap());
    let error = world.apply(&[ONE]).await.unwrap_err();
    assert!(matches!(&error, Error::Locked(_)), "{error}");
    assert!(error.to_string().contains("somebody else applies migrations"), "{error}");
    assert!(world.clock.slept().iter().sum::<Duration>() >= options.lock);
    drop(other);
    while world.value("select count(*) from pg_locks where locktype = 'advisory'") != "0" {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(world.apply(&[ONE]).await.unwrap().after, 1);
}

//! What is applied, and what is recorded of it.

use std::cell::Cell;
use std::time::Duration;

use rehearsal::postgres::Strike;

use crate::world::{World, migrations};

const TABLE: (&str, &str) = ("table", "-- why\ncreate table t (a int);\ninsert into t values (1);");
const COLUMN: (&str, &str) = ("column", "alter table t add b text default 'x;y';");
const INDEX: (&str, &str) = ("index", "create index concurrently i on t (a);");
const BODY: (&str, &str) =
    ("body", "create function f() returns int language sql begin atomic select 1; select 2; end;");

#[tokio::test(flavor = "multi_thread")]
async fn pending_files_are_applied_once_and_recorded_as_they_ran() {
    let world = World::new();
    let report = world.apply(&[TABLE, COLUMN]).await.unwrap();
    assert_eq!((report.before, report.after, report.adds_up()), (0, 2, true));
    assert_eq!(report.applied, ["20260101000000_table", "20260101000001_column"]);
    let row = world.value(
        "select array_to_string(statements, '|') from supabase_migrations.schema_migrations where name = 'table'",
    );
    assert_eq!(row, "-- why\ncreate table t (a int)|insert into t values (1)");
    assert_eq!(world.value("select b from t"), "x;y");
    let again = world.apply(&[TABLE, COLUMN, INDEX, BODY]).await.unwrap();
    assert_eq!((again.before, again.after), (2, 4));
    assert_eq!(again.applied, ["20260101000002_index", "20260101000003_body"]);
    assert_eq!(world.value("select f() || ' ' || count(*) from t"), "2 1");
    assert_eq!(world.value("select indisvalid from pg_index where indexrelid = 'i'::regclass"), "t");
    let nothing = world.apply(&[TABLE, COLUMN, INDEX, BODY]).await.unwrap();
    assert_eq!((nothing.before, nothing.after, nothing.applied.len()), (4, 4, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_of_other_tools_is_read_and_completed() {
    let world = World::new();
    let old = "create schema supabase_migrations; \
        create table supabase_migrations.schema_migrations (version text primary key, created_by text); \
        insert into supabase_migrations.schema_migrations values ('20260101000000', 'somebody'); create table t (a int)";
    world.postgres.execute(old).unwrap();
    let report = world.apply(&[TABLE, COLUMN]).await.unwrap();
    assert_eq!((report.before, report.applied), (1, vec!["20260101000001_column".to_owned()]));
    let found = migrate::applied(&world.database()).await.unwrap();
    assert_eq!((found[0].name.as_deref(), &found[0].statements), (None, &None));
    assert_eq!(found[1].statements.as_ref().unwrap(), &["alter table t add b text default 'x;y'"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_history_nothing_is_applied_and_looking_makes_none() {
    let world = World::new();
    assert_eq!(migrate::applied(&world.database()).await.unwrap(), []);
    assert_eq!(world.value("select to_regnamespace('supabase_migrations')"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_file_sets_does_not_reach_the_next() {
    let world = World::new();
    world.postgres.execute("create role someone").unwrap();
    let sets = "set search_path = pg_catalog; set statement_timeout = '1ms'; set role someone; reset role; \
        set default_transaction_read_only = on";
    let report = world.apply(&[("sets", sets), TABLE]).await.unwrap();
    assert_eq!(report.after, 2);
    assert_eq!(world.value("select to_regclass('public.t')"), "t");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_looked_for_and_nothing_runs_twice() {
    for (strike, at) in [
        (Strike::After, "commit"),
        (Strike::Before, "commit"),
        (Strike::After, "insert into t"),
        (Strike::Before, "begin"),
    ] {
        let world = World::new();
        let relay = world.postgres.relay().unwrap();
        relay.strike(at, strike);
        let report = world.apply_at(&world.database_at(&relay.dsn()), &[TABLE, COLUMN]).await.unwrap();
        assert_eq!(relay.pending(), 0, "{at}");
        assert_eq!((report.before, report.after, report.adds_up()), (0, 2, true), "{at}");
        assert_eq!(report.applied, ["20260101000000_table", "20260101000001_column"], "{at}");
        assert_eq!(world.value("select count(*) from t"), "1", "{at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_connection_may_need_patience() {
    let world = World::new();
    let relay = world.postgres.relay().unwrap();
    relay.refuse(true);
    let database = world.database_at(&relay.dsn());
    let ended = Cell::new(false);
    let open = async {
        while relay.connections() < 3 && !ended.get() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        relay.refuse(false);
    };
    let files = [TABLE];
    // On the simulated clock a minute would be over before the door opens.
    let (clock, permit, files) = (action::SystemClock, world.permit(), migrations(&files));
    let apply = async {
        let report = migrate::apply(&clock, &database, &files, &migrate::Options::default(), &permit).await;
        ended.set(true);
        report
    };
    let (report, ()) = tokio::join!(apply, open);
    assert_eq!(report.unwrap().after, 1);
}

#[test]
fn the_files_of_these_tests_are_ordered() {
    assert_eq!(migrations(&[TABLE, COLUMN]).newest().unwrap().stem(), "20260101000001_column");
}

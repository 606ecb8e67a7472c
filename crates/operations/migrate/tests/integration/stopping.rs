//! What stops half way, and what is told about it.

use std::cell::Cell;
use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use migrate::{Error, Half};
use rehearsal::postgres::Postgres;

use crate::world::{World, told};

const ONE: (&str, &str) = ("one", "create table one (a int)");

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_file_in_the_middle_leaves_those_before_it_and_nothing_of_itself() {
    let world = World::new();
    let bad = ("bad", "create table two (a int);\n\n-- not there\ninsert into two\n  select b from one;");
    let files = [ONE, bad, ("three", "create table three (a int)")];
    let error = world.apply(&files).await.unwrap_err();
    let Error::Stopped(stopped) = &error else { panic!("{error}") };
    assert_eq!((stopped.file.as_str(), stopped.line), ("20260101000001_bad.sql", Some(5)));
    assert_eq!(stopped.half, Half::Nothing);
    assert_eq!(stopped.applied, ["20260101000000_one"]);
    assert_eq!(stopped.left, ["20260101000001_bad", "20260101000002_three"]);
    let told = told(error);
    for part in [
        "20260101000001_bad.sql, line 5: column \"b\" does not exist (SQLSTATE 42703)",
        "the statement: insert into two select b from one",
        "nothing of 20260101000001_bad.sql is applied",
        "applied by this run: 20260101000000_one; not applied: 20260101000001_bad, 20260101000002_three",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    assert_eq!((world.recorded(), world.value("select to_regclass('two')")), ("0one".into(), String::new()));
    let fixed = [ONE, ("bad", "create table two (a int)"), files[2]];
    let report = world.apply(&fixed).await.unwrap();
    assert_eq!((report.before, report.after, report.adds_up()), (1, 3, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_outside_transactions_that_fails_says_what_stays() {
    let world = World::new();
    let twice = "insert into one values (1), (1)";
    let apart = "create index concurrently i on one (a);\ncreate unique index concurrently u on one (a);";
    let error = world.apply(&[ONE, ("rows", twice), ("apart", apart)]).await.unwrap_err();
    let Error::Stopped(stopped) = &error else { panic!("{error}") };
    assert_eq!((stopped.line, stopped.half), (Some(2), Half::Statements { done: 1, of: 2 }));
    let told = told(error);
    assert!(told.contains("at least 1 of 2 statements of 20260101000002_apart.sql are applied"), "{told}");
    assert!(told.contains("could not create unique index") && told.contains("INVALID"), "{told}");
    assert_eq!(world.recorded(), "0one 1rows");
    assert_eq!(world.value("select indisvalid from pg_index where indexrelid = 'u'::regclass"), "f");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_table_is_waited_for_in_short_tries() {
    let world = World::new();
    world.apply(&[ONE]).await.unwrap();
    let holder = Holder::of_one(&world);
    let more = [ONE, ("more", "create table two (a int); alter table one add b int")];
    let ended = Cell::new(false);
    let apply = async {
        let report = world.apply(&more).await;
        ended.set(true);
        report
    };
    let release = async {
        while world.clock.slept().is_empty() && !ended.get() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        holder.release();
    };
    let (report, ()) = tokio::join!(apply, release);
    assert_eq!(report.unwrap().after, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_stays_locked_stops_it() {
    let world = World::new();
    world.apply(&[ONE]).await.unwrap();
    let holder = Holder::of_one(&world);
    let error = world.apply(&[ONE, ("more", "alter table one add b int")]).await.unwrap_err();
    let Error::Stopped(stopped) = &error else { panic!("{error}") };
    assert!(stopped.refusal.as_ref().unwrap().is_lock_timeout(), "{error}");
    assert_eq!(world.clock.slept().len(), 5, "so many tries after the first");
    holder.release();
}

/// Somebody else, with the table `one` locked.
struct Holder(Child);

impl Holder {
    fn of_one(world: &World) -> Self {
        let program = Postgres::binaries().unwrap().join("psql");
        let mut command = Command::new(program);
        command.args([&world.postgres.dsn(), "-q"]).stdin(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.as_mut().unwrap().write_all(b"begin; lock table one;\n").unwrap();
        let locks =
            "select count(*) from pg_locks where relation = 'one'::regclass and mode = 'AccessExclusiveLock'";
        while world.value(locks) == "0" {
            std::thread::sleep(Duration::from_millis(1));
        }
        Self(child)
    }

    fn release(mut self) {
        // The end of its input ends it, and its transaction.
        drop(self.0.stdin.take());
        assert!(self.0.wait().unwrap().success());
    }
}

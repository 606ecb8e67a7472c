//! The primitive against a real PostgreSQL, and its executable as a step runs it.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::sync::Arc;

use action::SimClock;
use hold_check::HoldCheck;
use rehearsal::in_process::{Invocation, Run};
use rehearsal::postgres::{PASSWORD, Postgres};

/// A cutover of api and workers, so long ago.
fn ledger(ago: &str) -> Postgres {
    let postgres = Postgres::with_ledger().unwrap();
    let sql = format!(
        "insert into core.deployments (reference, tag, sha, targets, run_id, intent_at, cut_over_at)
         values ('refs/tags/prod-0', 'prod-0', repeat('0', 40), '{{api,workers}}', 1, now() - interval '9 days', now() - interval '9 days'),
                ('refs/tags/prod-1', 'prod-1', repeat('a', 40), '{{api,workers}}', 2, now() - interval '{ago}', now() - interval '{ago}')"
    );
    postgres.execute(&sql).unwrap();
    postgres
}

fn work(postgres: &Postgres, generation: u64, status: &str) {
    let sql = format!("insert into core.outbox (generation, status) values ({generation}, '{status}')");
    postgres.execute(&sql).unwrap();
}

async fn check(postgres: &Postgres, targets: &str, more: &[(&str, &str)]) -> Run {
    let mut invocation = Invocation::new(Arc::new(SimClock::default()))
        .variable("DATABASE_URL", postgres.dsn())
        .with("targets", targets)
        .canary(PASSWORD);
    for (input, value) in more {
        invocation = invocation.with(input, value);
    }
    let run = invocation.run::<HoldCheck>().await.unwrap();
    assert_eq!(run.leaks(), Vec::<String>::new());
    run
}

#[tokio::test]
async fn during_the_hold_older_work_refuses() {
    let postgres = ledger("1 hour");
    for status in ["pending", "in_flight"] {
        postgres.execute("truncate core.outbox").unwrap();
        work(&postgres, 1, status);
        let run = check(&postgres, r#"["api"]"#, &[]).await;
        assert_eq!(run.output("result"), "refused", "{}", run.stderr);
        let error = run.error();
        assert!(error.contains("the hold of generation 2 (prod-1) runs for another 22h 59m"), "{error}");
        assert!(error.contains("1 pending") == (status == "pending"), "{error}");
    }
    work(&postgres, 1, "pending");
    work(&postgres, 1, "done");
    let run = check(&postgres, r#"["api"]"#, &[]).await;
    insta::assert_snapshot!(without_time(&run.error()), @"
    the hold of generation 2 (prod-1) runs for another (time), and generations below it still have work: 1 pending, 1 in flight
    hint: wait until core.outbox has no pending or in-flight rows below it, or until the hold ends
    hint: nothing has been deployed; what serves is untouched
    ");
}

/// The hold runs on while the test does.
fn without_time(text: &str) -> String {
    let (before, rest) = text.split_once(" for another ").unwrap();
    let end = rest.find([',', ';']).unwrap();
    format!("{before} for another (time){}", &rest[end..])
}

#[tokio::test]
async fn during_the_hold_it_goes_on_when_no_older_work_is_left_and_says_what_it_ends() {
    let postgres = ledger("1 hour");
    work(&postgres, 1, "done");
    work(&postgres, 2, "pending");
    let run = check(&postgres, r#"["api"]"#, &[]).await;
    assert_eq!((run.output("result"), run.output("ends")), ("success", "2"), "{}", run.stderr);
    assert!(run.summary.contains("ends the class-2 way back of generation 2"), "{}", run.summary);
    assert!(run.stderr.contains("::warning"), "{}", run.stderr);
    insta::assert_snapshot!(without_time(&run.summary), @"
    ### Hold

    this ends the class-2 way back of generation 2 (prod-1), whose hold would run for another (time); no older generation has work left
    ");
}

#[tokio::test]
async fn without_a_hold_nothing_is_asked_of_the_outbox() {
    let postgres = ledger("25 hours");
    work(&postgres, 1, "pending");
    let ended = check(&postgres, r#"["api"]"#, &[]).await;
    assert_eq!((ended.output("result"), ended.output("ends")), ("success", ""), "{}", ended.stderr);
    // The same hold, made longer: the time alone made the difference.
    let longer = check(&postgres, r#"["api"]"#, &[("hold", "26h")]).await;
    assert_eq!(longer.output("result"), "refused", "{}", longer.stderr);
    let other = check(&postgres, r#"["dashboard"]"#, &[("hold", "26h")]).await;
    assert_eq!(other.output("result"), "success", "{}", other.stderr);
    for column in ["rolled_back_at", "synced_at"] {
        postgres
            .execute(&format!("update core.deployments set {column} = now() where generation = 2"))
            .unwrap();
        let run = check(&postgres, r#"["api"]"#, &[("hold", "26h")]).await;
        assert_eq!(run.output("result"), "success", "{column}: {}", run.stderr);
        postgres
            .execute(&format!("update core.deployments set {column} = null where generation = 2"))
            .unwrap();
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_never_no_hold() {
    let empty = Postgres::start().unwrap();
    let run = check(&empty, r#"["api"]"#, &[]).await;
    assert_eq!(run.output("result"), "denied", "{}", run.stderr);
    let postgres = ledger("1 hour");
    postgres.execute("drop table core.outbox").unwrap();
    let run = check(&postgres, r#"["api"]"#, &[]).await;
    assert_eq!(run.output("result"), "denied", "{}", run.stderr);
    assert!(run.error().contains("core.outbox"), "{}", run.error());
    for targets in ["api", r#"["Api"]"#] {
        let run = check(&postgres, targets, &[]).await;
        assert_eq!(run.output("result"), "invalid", "{}", run.stderr);
    }
}

#[test]
fn the_executable_takes_its_inputs_from_the_environment() {
    let postgres = ledger("1 hour");
    work(&postgres, 1, "pending");
    let run = |hold: &str| {
        std::process::Command::new(env!("CARGO_BIN_EXE_hold-check"))
            .env_clear()
            .envs([("INPUT_TARGETS", r#"["api"]"#), ("INPUT_HOLD", hold)])
            .env("DATABASE_URL", postgres.dsn())
            .output()
            .unwrap()
    };
    assert_eq!(run("24h").status.code(), Some(1));
    assert_eq!(run("30m").status.code(), Some(0));
    assert_eq!(run("24").status.code(), Some(2));
}

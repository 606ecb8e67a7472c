//! The primitive against a real PostgreSQL, and its executable as a step runs it.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::sync::Arc;

use action::SimClock;
use deployed_base::DeployedBase;
use rehearsal::in_process::{Invocation, Run};
use rehearsal::postgres::{PASSWORD, Postgres};

const ROWS: &str =
    "insert into core.deployments (reference, sha, targets, run_id, cut_over_at, rolled_back_at) values
    ('refs/tags/prod-1', repeat('1', 40), '{api,workers,dashboard}', 1, now(), null),
    ('refs/tags/prod-2', repeat('2', 40), '{dashboard}', 2, now(), null),
    ('refs/tags/prod-3', repeat('3', 40), '{api,workers}', 3, now(), now()),
    ('refs/tags/prod-4', repeat('4', 40), '{dashboard}', 4, null, null)";

async fn run(dsn: &str) -> Run {
    let invocation = Invocation::new(Arc::new(SimClock::default())).variable("DATABASE_URL", dsn);
    let run = invocation.canary(PASSWORD).run::<DeployedBase>().await.unwrap();
    assert_eq!(run.leaks(), Vec::<String>::new());
    run
}

#[tokio::test]
async fn each_target_has_the_commit_of_its_newest_cutover_that_holds() {
    let postgres = Postgres::with_ledger().unwrap();
    postgres.execute(ROWS).unwrap();
    let run = run(&postgres.dsn()).await;
    let one = "1".repeat(40);
    let wanted = format!("api {one}\ndashboard {}\nworkers {one}", "2".repeat(40));
    assert_eq!((run.output("result"), run.output("bases")), ("success", wanted.as_str()), "{}", run.stderr);
    insta::assert_snapshot!(run.summary, @"
    ### What runs in production

    | Target | Commit |
    | --- | --- |
    | <code>api</code> | <code>1111111111111111111111111111111111111111</code> |
    | <code>dashboard</code> | <code>2222222222222222222222222222222222222222</code> |
    | <code>workers</code> | <code>1111111111111111111111111111111111111111</code> |
    ");
}

#[tokio::test]
async fn nothing_cut_over_is_an_empty_text_and_is_said() {
    let postgres = Postgres::with_ledger().unwrap();
    let run = run(&postgres.dsn()).await;
    assert_eq!((run.output("result"), run.outputs.get("bases").map(String::as_str)), ("success", Some("")));
    assert!(run.stderr.contains("no target was ever cut over"), "{}", run.stderr);
    insta::assert_snapshot!(run.summary, @"
    ### What runs in production

    Nothing was ever cut over.
    ");
}

#[tokio::test]
async fn a_ledger_that_cannot_be_read_is_never_an_empty_one() {
    let postgres = Postgres::start().unwrap();
    let missing = run(&postgres.dsn()).await;
    assert_eq!(missing.output("result"), "denied", "{}", missing.stderr);
    assert!(missing.error().contains("core.deployments"), "{}", missing.error());
    assert_eq!(missing.outputs.get("bases"), None);

    let dsn = postgres.dsn();
    drop(postgres);
    let gone = run(&dsn).await;
    assert_eq!((gone.output("result"), gone.outputs.get("bases")), ("unreachable", None), "{}", gone.stderr);

    let placeholder =
        run("postgresql://postgres.abc:[YOUR-PASSWORD]@aws-0-eu.pooler.supabase.com:5432/postgres").await;
    assert_eq!(placeholder.output("result"), "invalid", "{}", placeholder.stderr);
}

#[test]
fn the_executable_reads_its_secret_from_the_environment() {
    let postgres = Postgres::with_ledger().unwrap();
    let run = |dsn: Option<String>| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_deployed-base"));
        command.env_clear().envs(dsn.map(|dsn| ("DATABASE_URL", dsn))).output().unwrap()
    };
    assert_eq!(run(Some(postgres.dsn())).status.code(), Some(0));
    let without = run(None);
    assert_eq!(without.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&without.stderr).contains("`DATABASE_URL` is not set"), "{without:?}");
}

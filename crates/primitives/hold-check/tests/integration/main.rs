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

    this ends the class-2 way back of generation 2 (prod-1), whose hold would run for another (time); no older generation has work left that this would strand
    ");
}

/// A cutover of `targets`, an hour ago.
fn cut_over(postgres: &Postgres, tag: &str, targets: &str) {
    let sql = format!(
        "insert into core.deployments (reference, tag, sha, targets, run_id, intent_at, cut_over_at)
         select 'refs/tags/{tag}', '{tag}', repeat('b', 40), '{{{targets}}}', 10 + count(*), now() - interval '1 hour',
            now() - interval '1 hour' from core.deployments"
    );
    postgres.execute(&sql).unwrap();
}

#[tokio::test]
async fn what_the_workers_that_serve_have_left_is_live_work_and_refuses_nothing() {
    let postgres = Postgres::with_ledger().unwrap();
    // Of two estates: the dashboard had a generation of its own from the beginning, or came with the first.
    for first in ["api,workers", "api,workers,dashboard"] {
        postgres.execute("truncate core.outbox; truncate core.deployments restart identity").unwrap();
        cut_over(&postgres, "prod-1", first);
        cut_over(&postgres, "prod-2", "dashboard");
        for status in ["pending", "in_flight"] {
            work(&postgres, 1, status);
        }
        let run = check(&postgres, r#"["dashboard"]"#, &[]).await;
        assert_eq!((run.output("result"), run.output("ends")), ("success", "2"), "{first}: {}", run.stderr);
        // Nothing serves a target of that name, so nobody's work is known to be live.
        let run = check(&postgres, r#"["dashboard"]"#, &[("worker-target", "jobs")]).await;
        assert_eq!(run.output("result"), "refused", "{first}: {}", run.stderr);
    }
}

#[tokio::test]
async fn work_of_workers_that_were_replaced_counts_even_while_their_generation_serves_something_else() {
    let postgres = Postgres::with_ledger().unwrap();
    cut_over(&postgres, "prod-1", "api,workers,dashboard");
    cut_over(&postgres, "prod-2", "api,workers");
    work(&postgres, 1, "pending");
    let run = check(&postgres, r#"["api","workers"]"#, &[]).await;
    assert_eq!(run.output("result"), "refused", "{}", run.stderr);
    // Generation 2 was put back: generation 1 serves again.
    postgres.execute("update core.deployments set rolled_back_at = now() where generation = 2").unwrap();
    cut_over(&postgres, "prod-3", "dashboard");
    let run = check(&postgres, r#"["api","workers","dashboard"]"#, &[]).await;
    assert_eq!((run.output("result"), run.output("ends")), ("success", "3\n1"), "{}", run.stderr);
}

#[tokio::test]
async fn every_hold_of_the_targets_is_looked_at_and_named() {
    let postgres = ledger("1 hour");
    cut_over(&postgres, "prod-2", "dashboard");
    let both = r#"["api","dashboard"]"#;
    let run = check(&postgres, both, &[]).await;
    assert_eq!((run.output("result"), run.output("ends")), ("success", "3\n2"), "{}", run.stderr);
    for told in ["way back of generation 3 (prod-2), whose", "and of generation 2 (prod-1), whose"] {
        assert!(run.summary.contains(told), "{}", run.summary);
    }
    for (targets, ends) in [(r#"["dashboard"]"#, "3"), (r#"["workers"]"#, "2"), (r#"["operations"]"#, "")] {
        let run = check(&postgres, targets, &[]).await;
        assert_eq!((run.output("result"), run.output("ends")), ("success", ends), "{}", run.stderr);
    }
    work(&postgres, 1, "pending");
    let error = check(&postgres, both, &[]).await.error();
    for told in ["the hold of generation 3 (prod-2)", "the hold of generation 2 (prod-1)"] {
        assert!(error.contains(told), "{error}");
    }
    postgres.execute("truncate core.outbox").unwrap();
    // It took the workers over, and the way back of generation 2 with them; of api it did not.
    cut_over(&postgres, "prod-3", "workers");
    let run = check(&postgres, r#"["workers"]"#, &[]).await;
    assert_eq!(run.output("ends"), "4", "{}", run.stderr);
    let run = check(&postgres, r#"["api","workers"]"#, &[]).await;
    assert_eq!(run.output("ends"), "4\n2", "{}", run.stderr);
}

#[tokio::test]
async fn without_a_hold_older_work_refuses_nothing() {
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
async fn without_a_hold_older_work_is_warned_of_with_the_line_that_drains_it() {
    let postgres = ledger("25 hours");
    for (generation, status) in [(1, "pending"), (1, "in_flight"), (1, "done"), (2, "pending")] {
        work(&postgres, generation, status);
    }
    let run = check(&postgres, r#"["api"]"#, &[]).await;
    assert_eq!(run.output("result"), "success", "{}", run.stderr);
    insta::assert_snapshot!(run.summary, @"
    ### Work without workers

    generation 1 has work left (1 pending, 1 in flight), and no hold keeps the workers that do it: a deploy onto what stands by takes their place; drain it once they are gone

    ```text
    gh workflow run drain-legacy-generation.yml -f target_generation=1
    ```
    ");
    assert_eq!(run.stderr.matches("::warning").count(), 1, "{}", run.stderr);
    // A hold that runs says so itself, and refuses.
    let held = check(&postgres, r#"["api"]"#, &[("hold", "26h")]).await;
    assert_eq!((held.output("result"), held.summary.contains("without workers")), ("refused", false));
    // So does that of the workers, for another target.
    let other = check(&postgres, r#"["dashboard"]"#, &[("hold", "26h")]).await;
    assert_eq!((other.output("result"), other.summary.as_str()), ("success", ""), "{}", other.stderr);
    let other = check(&postgres, r#"["dashboard"]"#, &[]).await;
    assert!(other.summary.contains("generation 1 has work left"), "{}", other.summary);
    // The standby is synced: its workers are gone, and the work is still there.
    postgres.execute("update core.deployments set synced_at = now() where generation = 2").unwrap();
    let synced = check(&postgres, r#"["api"]"#, &[]).await;
    assert!(synced.summary.contains("generation 1 has work left"), "{}", synced.summary);
    // Generation 1 serves again, or nobody knows whose workers serve: nothing is old.
    let unknown = check(&postgres, r#"["api"]"#, &[("worker-target", "jobs")]).await;
    postgres.execute("update core.deployments set rolled_back_at = now() where generation = 2").unwrap();
    let again = check(&postgres, r#"["api"]"#, &[]).await;
    for run in [unknown, again] {
        assert_eq!((run.output("result"), run.summary.as_str()), ("success", ""), "{}", run.stderr);
    }
    postgres
        .execute("update core.deployments set rolled_back_at = null; update core.outbox set status = 'done'")
        .unwrap();
    assert_eq!(check(&postgres, r#"["api"]"#, &[]).await.summary, "");
}

#[tokio::test]
async fn a_flip_without_an_end_is_warned_of_once_it_is_older_than_the_hold() {
    let postgres = ledger("3 days");
    let sql = "insert into core.deployments (reference, tag, sha, targets, run_id, intent_at, previous_cnames)
        values ('refs/tags/prod-2', 'prod-2', repeat('c', 40), '{dashboard}', 7, now() - interval '25 hours', '{}')";
    postgres.execute(sql).unwrap();
    let run = check(&postgres, r#"["api"]"#, &[]).await;
    assert_eq!((run.output("result"), run.output("ends")), ("success", ""), "{}", run.stderr);
    insta::assert_snapshot!(without_seconds(&run.summary), @"
    ### Flips without an end

    the flip of generation 3 (prod-2) was announced 1day 1h ago, and nobody confirmed or undid it: run 7 again to finish it, or undo it: the first line says how its names go back, the second records that they are back

    ```text
    cutover-record --mode way-back --generation 3
    cutover-record --mode rolled-back --generation 3
    ```
    ");
    assert_eq!(run.stderr.matches("::warning").count(), 1, "{}", run.stderr);
    // One that is at it may well end by itself.
    let longer = check(&postgres, r#"["api"]"#, &[("hold", "26h")]).await;
    assert_eq!((longer.output("result"), longer.summary.as_str()), ("success", ""), "{}", longer.stderr);
    for column in ["cut_over_at", "rolled_back_at"] {
        let set = |value: &str| {
            let sql = format!("update core.deployments set {column} = {value} where generation = 3");
            postgres.execute(&sql).unwrap();
        };
        set("now() - interval '25 hours'");
        assert_eq!(check(&postgres, r#"["api"]"#, &[]).await.summary, "", "{column}");
        set("null");
    }
}

/// `1day 1h 2s ago` says how long the test took.
fn without_seconds(text: &str) -> String {
    let (before, after) = text.split_once(" ago").unwrap();
    let kept = before.trim_end_matches(|c: char| c.is_ascii_digit() || c == 's' || c == ' ');
    format!("{kept} ago{after}")
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

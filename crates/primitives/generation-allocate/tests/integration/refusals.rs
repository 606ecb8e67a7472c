//! Wrong inputs, and a run that asks for something else.

use std::sync::Arc;

use action::{Ending, SimClock};
use rehearsal::in_process::Invocation;
use rehearsal::postgres::Postgres;

use crate::world::{SHA, ask, rows, run};

#[tokio::test]
async fn wrong_inputs_are_named_and_nothing_is_asked() {
    let nowhere = "postgres://u:p@127.0.0.1:1/d";
    for (input, value, told) in [
        ("sha", "3fc271e", "not a full commit SHA"),
        ("sha", "", "sha"),
        ("reference", "refs/heads/a b", "without blanks"),
        ("tag", "prod-8", "another tag than that of the reference `refs/tags/prod-7`"),
        ("tag", "prod\n7", "without blanks"),
        ("targets", "api, workers", "is no JSON list of names"),
        ("targets", r#"["api", 7]"#, "is no JSON list of names"),
        ("targets", r#"{"api": 1}"#, "is no JSON list of names"),
        ("targets", r#"["api","api"]"#, "names `api` twice"),
        ("targets", r#"[""]"#, "no name of a target"),
        ("run-id", "0", "at least 1"),
        ("run-id", "-1", "-1"),
        ("run-id", "18446744073709551616", "18446744073709551616"),
    ] {
        let run = run(ask(nowhere).with(input, value)).await;
        assert_eq!(run.ending, Ending::Invalid, "{input}={value}: {}", run.stderr);
        assert!(run.error().contains(told), "{input}={value}: {}", run.error());
    }
}

#[tokio::test]
async fn a_run_must_be_known() {
    for (value, told) in [("", "GITHUB_RUN_ID is not set"), ("seven", "GITHUB_RUN_ID is no whole number")] {
        let run = run(ask("postgres://u:p@127.0.0.1:1/d").variable("GITHUB_RUN_ID", value)).await;
        assert_eq!(run.ending, Ending::Invalid);
        assert!(run.error().contains(told) && run.error().contains("hint:"), "{}", run.error());
    }
}

#[tokio::test]
async fn without_an_address_nothing_is_done() {
    let bare = Invocation::new(Arc::new(SimClock::default())).variable("GITHUB_RUN_ID", "7");
    let run = run(bare.with("reference", "main").with("sha", SHA).with("targets", "[]")).await;
    assert_eq!(run.ending, Ending::Invalid);
    assert!(run.error().contains("`DATABASE_URL` is not set"), "{}", run.error());
}

#[tokio::test]
async fn the_same_run_for_something_else_is_stale() {
    let postgres = Postgres::with_ledger().unwrap();
    run(ask(&postgres.dsn())).await;
    for (input, value, told) in [
        ("sha", "0123456789abcdef0123456789abcdef01234567", "run 77 holds generation 1 for another commit"),
        ("targets", r#"["api"]"#, "another set of targets: [api, workers] instead of [api]"),
        ("reference", "refs/tags/prod-8", "another reference"),
    ] {
        let run = run(ask(&postgres.dsn()).with(input, value)).await;
        assert_eq!((run.ending, run.output("result")), (Ending::Stale, "stale"), "{}", run.stderr);
        assert!(run.error().contains(told) && run.error().contains("start a new run"), "{}", run.error());
    }
    assert_eq!(rows(&postgres), "1");
}

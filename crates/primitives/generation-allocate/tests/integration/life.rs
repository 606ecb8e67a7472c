//! One run, one number.

use action::{Done, Ending};
use rehearsal::postgres::{Postgres, Strike};

use crate::world::{SHA, ask, rows, run};

#[tokio::test]
async fn a_run_gets_a_number_and_the_same_one_again() {
    let postgres = Postgres::with_ledger().unwrap();
    let first = run(ask(&postgres.dsn())).await;
    assert_eq!(first.ending, Ending::Done(Done::Success), "{}", first.stderr);
    assert_eq!((first.output("generation"), first.output("result")), ("1", "success"));
    insta::assert_snapshot!(first.summary, @r"
    ### Generation 1

    | What | Value |
    | --- | --- |
    | Generation | <code>1</code> |
    | Reference | <code>refs/tags/prod-7</code> |
    | Commit | <code>3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90</code> |
    | Targets | api, workers |
    | Run | <code>77</code> |
    ");

    let again = run(ask(&postgres.dsn())).await;
    assert_eq!(again.ending, Ending::Done(Done::Unchanged), "{}", again.stderr);
    assert_eq!((again.output("generation"), again.output("result")), ("1", "unchanged"));
    assert_eq!(again.summary, first.summary);

    let other = run(ask(&postgres.dsn()).with("run-id", "78").with("targets", "[]")).await;
    assert_eq!((other.output("generation"), other.output("result")), ("2", "success"));
    let row = "select reference || ' ' || tag || ' ' || sha || ' ' || targets::text || ' ' || run_id from core.deployments";
    assert_eq!(postgres.value(row).unwrap(), format!("refs/tags/prod-7 prod-7 {SHA} {{api,workers}} 77"));

    postgres
        .execute("update core.deployments set intent_at = now(), cut_over_at = now() where generation = 1")
        .unwrap();
    let used = run(ask(&postgres.dsn())).await;
    assert_eq!((used.output("generation"), used.output("result")), ("3", "success"));
}

#[tokio::test]
async fn a_dry_run_says_what_it_would_do_and_uses_up_no_number() {
    let postgres = Postgres::with_ledger().unwrap();
    let dry = run(ask(&postgres.dsn()).with("dry-run", "true")).await;
    assert_eq!(dry.ending, Ending::Planned, "{}", dry.stderr);
    assert!(
        dry.summary.contains("generation of run 77") && dry.summary.contains("the next, for api, workers"),
        "{}",
        dry.summary
    );
    assert_eq!(dry.output("generation"), "");
    assert!(!postgres.log().to_ascii_lowercase().contains("insert into"), "nothing that writes was sent");
    assert_eq!(
        run(ask(&postgres.dsn())).await.output("generation"),
        "1",
        "a sequence remembers what a dry run took"
    );
    let known = run(ask(&postgres.dsn()).with("dry-run", "true")).await;
    assert_eq!((known.output("result"), known.output("generation")), ("unchanged", "1"));
}

#[tokio::test]
async fn a_branch_has_no_tag() {
    let postgres = Postgres::with_ledger().unwrap();
    let branch = run(ask(&postgres.dsn()).with("reference", "refs/heads/main")).await;
    assert_eq!(branch.output("result"), "success", "{}", branch.stderr);
    assert_eq!(postgres.value("select coalesce(tag, 'none') from core.deployments").unwrap(), "none");
}

#[tokio::test]
async fn a_lost_answer_to_any_statement_costs_no_number() {
    let postgres = Postgres::with_ledger().unwrap();
    let relay = postgres.relay().unwrap();
    run(ask(&relay.dsn())).await;
    let statements = relay.statements();
    assert_eq!(statements.iter().filter(|told| *told == "COMMIT").count(), 2, "{statements:#?}");
    for strike in [Strike::Before, Strike::After] {
        for (index, statement) in statements.iter().enumerate() {
            postgres.execute("truncate core.deployments").unwrap();
            relay.clear();
            relay.strike_at(index + 1, strike);
            let run = run(ask(&relay.dsn())).await;
            assert_eq!(rows(&postgres), "1", "{statement}, {strike:?}: {}", run.stderr);
            assert_eq!(relay.pending(), 0, "{statement}: the strike never came");
            assert_eq!(run.ending, Ending::Done(Done::Success), "{statement}, {strike:?}: {}", run.stderr);
            assert_eq!(
                postgres.value("select generation from core.deployments").unwrap(),
                run.output("generation")
            );
        }
    }
}

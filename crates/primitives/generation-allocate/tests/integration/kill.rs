//! Killed before and after each statement, and run again: one row, and its number.

use std::process::{Command, Output, Stdio};

use rehearsal::postgres::{PASSWORD, Postgres, Relay, Strike};

use crate::world::{SHA, rows};

fn program(relay: &Relay) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_generation-allocate"));
    command
        .env_clear()
        .env("DATABASE_URL", relay.dsn())
        .env("GITHUB_RUN_ID", "77")
        .env("INPUT_REFERENCE", "refs/tags/prod-7")
        .env("INPUT_SHA", SHA)
        .env("INPUT_TARGETS", r#"["api"]"#)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The end, and the generation that was told.
fn told(output: &Output) -> (Option<i32>, String) {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!stdout.contains(PASSWORD) && !stderr.contains(PASSWORD), "{stderr}");
    let generation = stdout.lines().find_map(|line| line.strip_prefix("generation="));
    (output.status.code(), generation.unwrap_or_default().to_owned())
}

#[test]
fn killed_at_any_statement_the_next_run_ends_with_one_row() {
    let postgres = Postgres::with_ledger().unwrap();
    let relay = postgres.relay().unwrap();
    assert_eq!(told(&program(&relay).output().unwrap()), (Some(0), "1".to_owned()));
    let statements = relay.statements();
    assert!(statements.iter().any(|told| told.starts_with("run insert into")), "{statements:#?}");
    for (index, statement) in statements.iter().enumerate() {
        for strike in [Strike::Hold, Strike::Silence] {
            let name = format!("{strike:?} at {statement}");
            postgres.execute("truncate core.deployments").unwrap();
            relay.clear();
            relay.strike_at(index + 1, strike);
            let struck = relay.kill_when_struck(program(&relay).spawn().unwrap()).unwrap();
            assert!(struck, "it never came to the statement");
            let second = told(&program(&relay).output().unwrap());
            assert_eq!((second.0, rows(&postgres)), (Some(0), "1".to_owned()), "{name}");
            let kept = postgres.value("select generation from core.deployments").unwrap();
            assert_eq!(second.1, kept, "{name}");
            assert_eq!(told(&program(&relay).output().unwrap()), (Some(0), kept), "{name}");
            assert_eq!(rows(&postgres), "1", "{name}");
        }
    }
}

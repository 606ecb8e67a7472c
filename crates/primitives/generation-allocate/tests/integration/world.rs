//! A database with a ledger, and runs that ask it.

use std::sync::Arc;

use action::SimClock;
use generation_allocate::GenerationAllocate;
use rehearsal::in_process::{Invocation, Run};
use rehearsal::postgres::{PASSWORD, Postgres};

pub const SHA: &str = "3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90";

/// A run with good inputs, for the database at `dsn`.
pub fn ask(dsn: &str) -> Invocation {
    Invocation::new(Arc::new(SimClock::default()))
        .canary(PASSWORD)
        .variable("DATABASE_URL", dsn)
        .variable("GITHUB_RUN_ID", "77")
        .with("reference", "refs/tags/prod-7")
        .with("sha", SHA)
        .with("targets", r#"["api","workers"]"#)
}

/// Runs it; what it printed shows no secret.
pub async fn run(invocation: Invocation) -> Run {
    let run = invocation.run::<GenerationAllocate>().await.unwrap();
    assert_eq!(run.leaks(), Vec::<String>::new());
    run
}

pub fn rows(postgres: &Postgres) -> String {
    postgres.value("select count(*) from core.deployments").unwrap()
}

//! A server with a ledger, and a client of it.

use std::sync::Arc;

use action::{Context, Environment, Failure, Permit, Plan, SimClock};
use postgres::Ledger;
use postgres::ledger::{Allocated, NewDeployment};
use rehearsal::postgres::{PASSWORD, Postgres};

pub const SHA: &str = "3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90";
pub const OTHER: &str = "0123456789abcdef0123456789abcdef01234567";

/// A context in which `DATABASE_URL` is `dsn`.
pub fn context(dsn: &str) -> Context {
    let environment: Environment = [("DATABASE_URL", dsn)].into_iter().collect();
    Context::detached(environment, Arc::new(SimClock::default()))
}

pub fn ledger(dsn: &str) -> Ledger {
    Ledger::open(&context(dsn)).unwrap()
}

pub fn permit() -> Permit {
    context("").approve(&Plan::new()).unwrap()
}

pub fn new(run_id: u64) -> NewDeployment {
    NewDeployment {
        reference: format!("refs/tags/prod-{run_id}"),
        tag: Some(format!("prod-{run_id}")),
        sha: SHA.to_owned(),
        targets: vec!["api".to_owned(), "workers".to_owned()],
        run_id,
    }
}

/// A generation of its own run, for `targets` at `sha`.
pub async fn allocate(ledger: &Ledger, run_id: u64, sha: &str, targets: &[&str]) -> u64 {
    let targets = targets.iter().map(|&target| target.to_owned()).collect();
    let new = NewDeployment { sha: sha.to_owned(), targets, ..new(run_id) };
    let allocated = ledger.allocate(&permit(), &new).await.unwrap().unwrap();
    assert!(matches!(allocated, Allocated::New(_)));
    allocated.generation()
}

/// The same, cut over.
pub async fn cut_over(ledger: &Ledger, run_id: u64, sha: &str, targets: &[&str]) -> u64 {
    let generation = allocate(ledger, run_id, sha, targets).await;
    ledger.record_intent(&permit(), generation, &serde_json::json!([])).await.unwrap();
    ledger.record_cut_over(&permit(), generation).await.unwrap();
    generation
}

/// A failure as a person reads it; it holds no secret.
pub fn told(failure: impl Into<Failure>) -> String {
    let failure = failure.into();
    let told = format!("{:?} {failure}", failure.ending());
    assert!(!told.contains(PASSWORD) && !told.contains("postgresql://postgres"), "{told}");
    told
}

pub fn count(postgres: &Postgres) -> String {
    postgres.value("select count(*) from core.deployments").unwrap()
}

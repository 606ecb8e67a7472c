//! The primitives that talk to the ledger, under every fault of every statement.

use super::harness::color_resolve::ColorWorld;
use super::harness::cutover_record::RecordWorld;
use super::harness::database::Databases;
use super::harness::generation_allocate::GenerationWorld;
use super::harness::ledger_readers::ReaderWorld;
use super::harness::world::World;
use super::singles::{dry_matrix, matrix, nothing_more};

/// The matrix of worlds that borrow a database each.
fn ledger_matrix<W: World>(name: &str, world: impl Fn(&Databases) -> W + Sync, routes: &[&str]) {
    let databases = Databases::default();
    matrix(
        name,
        || world(&databases),
        routes,
        |recording| {
            assert!(recording.statements.len() >= 6, "{:#?}", recording.statements);
            nothing_more(recording)
        },
    );
}

#[test]
fn generation_allocate() {
    ledger_matrix("generation-allocate", GenerationWorld::new, &[]);
}

#[test]
fn cutover_record() {
    ledger_matrix("cutover-record, intent", RecordWorld::intent, &[]);
    ledger_matrix("cutover-record, cut-over", RecordWorld::cut_over, &[]);
    ledger_matrix("cutover-record, publish", RecordWorld::publish, &[]);
    ledger_matrix("cutover-record, rolled-back", RecordWorld::rolled_back, &[]);
}

#[test]
fn deployed_base() {
    ledger_matrix("deployed-base", ReaderWorld::bases, &[]);
}

#[test]
fn hold_check() {
    ledger_matrix("hold-check", ReaderWorld::hold, &[]);
    ledger_matrix("hold-check, held", ReaderWorld::held, &[]);
}

#[test]
fn workers_heartbeat() {
    ledger_matrix("workers-heartbeat", ReaderWorld::heartbeat, &[]);
}

#[test]
fn color_resolve() {
    let routes = ["GET /client/v4/zones/{id}/dns_records"];
    ledger_matrix("color-resolve", ColorWorld::own, &routes);
    ledger_matrix("color-resolve, unfinished", ColorWorld::unfinished, &routes);
}

#[test]
fn dry_runs_record_nothing() {
    let databases = Databases::default();
    dry_matrix("generation-allocate, dry", || GenerationWorld::new(&databases));
    dry_matrix("cutover-record intent, dry", || RecordWorld::intent(&databases));
    dry_matrix("cutover-record publish, dry", || RecordWorld::publish(&databases));
}

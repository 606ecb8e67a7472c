//! The way back, under every fault at every call and every statement.

use super::harness::database::Databases;
use super::harness::rollback::RollbackWorld;
use super::singles::{dry_matrix, matrix, nothing_more};

const ROUTES: [&str; 5] = [
    "GET /client/v4/zones/{id}/dns_records",
    "GET /v1/services/{id}",
    "GET /v1/services/{id}/deploys",
    "GET /v1/services/{id}/custom-domains",
    "POST /client/v4/zones/{id}/dns_records/batch",
];

#[test]
fn rollback_of_names() {
    let databases = Databases::default();
    matrix("rollback, flip-back", || RollbackWorld::new(&databases), &ROUTES, nothing_more);
}

#[test]
fn rollback_of_names_dry() {
    let databases = Databases::default();
    dry_matrix("rollback, flip-back, dry", || RollbackWorld::new(&databases));
}

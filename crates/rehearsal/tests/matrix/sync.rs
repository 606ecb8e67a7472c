//! The sync after the hold, under every fault at every call and every statement.

use super::harness::blue_sync::SyncWorld;
use super::harness::database::Databases;
use super::singles::{dry_matrix, matrix, nothing_more};

const ROUTES: [&str; 7] = [
    "GET /client/v4/zones/{id}/dns_records",
    "GET /v1/services/{id}",
    "GET /v1/services/{id}/env-vars",
    "PUT /v1/services/{id}/env-vars/SPECTRAL_GENERATION",
    "POST /v1/services/{id}/deploys",
    "GET /v1/services/{id}/deploys/{id}",
    "DELETE /v1/services/{id}/env-vars/GREENROOM_PENDING",
];

#[test]
fn blue_sync() {
    let databases = Databases::default();
    matrix("blue-sync", || SyncWorld::new(&databases), &ROUTES, nothing_more);
}

#[test]
fn blue_sync_dry() {
    let databases = Databases::default();
    dry_matrix("blue-sync, dry", || SyncWorld::new(&databases));
}

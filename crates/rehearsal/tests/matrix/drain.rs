//! The drain of a stranded generation, under every fault at every call and every statement.

use super::harness::database::Databases;
use super::harness::legacy_drain::DrainWorld;
use super::singles::{dry_matrix, matrix, nothing_more};

const ROUTES: [&str; 11] = [
    "GET /v1/services",
    "POST /v1/services",
    "GET /v1/services/{id}/deploys",
    "POST /v1/services/{id}/deploys/{id}/cancel",
    "POST /v1/env-groups/{id}/services/{id}",
    "PUT /v1/services/{id}/env-vars/SPECTRAL_GENERATION",
    "PUT /v1/services/{id}/env-vars/PASSWORD",
    "POST /v1/services/{id}/deploys",
    "GET /v1/services/{id}/deploys/{id}",
    "GET /v1/logs",
    "DELETE /v1/services/{id}",
];

#[test]
fn legacy_drain() {
    let databases = Databases::default();
    matrix("legacy-drain", || DrainWorld::new(&databases), &ROUTES, nothing_more);
}

#[test]
fn legacy_drain_dry() {
    let databases = Databases::default();
    dry_matrix("legacy-drain, dry", || DrainWorld::new(&databases));
}

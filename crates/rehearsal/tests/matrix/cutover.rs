//! The gates of a cutover that ask vendors and services, under every fault at every call.

use super::harness::blue_quiet::QuietWorld;
use super::harness::env_group_lint::LintWorld;
use super::harness::staging_marker::MarkerWorld;
use super::harness::version_contract::ContractWorld;
use super::singles::{dry_matrix, matrix, nothing_more};

const STATUSES: &str = "GET /repos/acme/api/commits/{id}/statuses";

#[test]
fn staging_marker_recorded() {
    let routes = [
        "GET /repos/acme/api/git/ref/tags/v1.0.0",
        "GET /repos/acme/api/git/tags/{id}",
        STATUSES,
        "POST /repos/acme/api/statuses/{id}",
    ];
    matrix("staging-marker, record", MarkerWorld::record, &routes, nothing_more);
}

#[test]
fn staging_marker_verified() {
    let routes = ["GET /repos/acme/api/git/ref/heads/main", "GET /repos/acme/api/compare/{id}", STATUSES];
    matrix("staging-marker, verify", MarkerWorld::verify, &routes, nothing_more);
    matrix("staging-marker, forged", MarkerWorld::forged, &routes, nothing_more);
    matrix("staging-marker, stale", MarkerWorld::stale, &routes, nothing_more);
}

#[test]
fn staging_marker_found() {
    let routes = ["GET /repos/acme/api/commits/{id}", STATUSES];
    matrix("staging-marker, last", MarkerWorld::last, &routes, nothing_more);
}

#[test]
fn staging_marker_recorded_dry() {
    dry_matrix("staging-marker, dry", MarkerWorld::record);
}

#[test]
fn blue_quiet() {
    let routes = ["GET /v1/services/{id}", "GET /v1/services/{id}/deploys"];
    matrix("blue-quiet", QuietWorld::quiet, &routes, nothing_more);
    matrix("blue-quiet, disturbed", QuietWorld::disturbed, &routes, nothing_more);
}

#[test]
fn env_group_lint() {
    let routes = [
        "GET /v1/services/{id}",
        "GET /v1/services/{id}/env-vars",
        "GET /v1/env-groups",
        "GET /v1/env-groups/{id}",
    ];
    matrix("env-group-lint", LintWorld::in_order, &routes, nothing_more);
    matrix("env-group-lint, a finding", LintWorld::out_of_order, &routes, nothing_more);
}

#[test]
fn version_contract() {
    let routes = ["GET /version", "GET /version/detail"];
    matrix("version-contract", ContractWorld::agreed, &routes, nothing_more);
    matrix("version-contract, a finding", ContractWorld::odd, &routes, nothing_more);
}

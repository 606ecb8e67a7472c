//! The gates of the schema, under every fault at every call and every statement.

use super::harness::database::Databases;
use super::harness::schema_merge::MergeWorld;
use super::harness::schema_rehearse::RehearseWorld;
use super::singles::{dry_matrix, matrix, nothing_more};

const REHEARSE: [&str; 7] = [
    "POST /v1/projects/{id}/database/query/read-only",
    "GET /v1/projects/{id}/branches",
    "POST /v1/projects/{id}/branches",
    "GET /v1/branches/{id}",
    "GET /v1/projects/{id}/config/database/pooler",
    "DELETE /v1/branches/{id}",
    "GET /v1/projects/{id}/branches",
];

const MERGE: [&str; 4] = [
    "GET /v1/projects/{id}/branches",
    "POST /v1/projects/{id}/database/query/read-only",
    "POST /v1/branches/{id}/merge",
    "GET /v1/projects/{id}/actions/{id}",
];

#[test]
fn schema_rehearse() {
    let databases = Databases::default();
    matrix("schema-rehearse", || RehearseWorld::new(&databases), &REHEARSE, nothing_more);
}

#[test]
fn schema_merge() {
    let databases = Databases::default();
    matrix("schema-merge", || MergeWorld::new(&databases), &MERGE, nothing_more);
}

#[test]
fn schema_gates_dry() {
    let databases = Databases::default();
    dry_matrix("schema-rehearse, dry", || RehearseWorld::new(&databases));
    dry_matrix("schema-merge, dry", || MergeWorld::new(&databases));
}

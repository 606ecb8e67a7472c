//! Every single fault at every call.

use super::cell::{self, Recording};
use super::crew;
use super::disturbance::{Disturbance, Fault};
use super::harness::cname_flip::CnameWorld;
use super::harness::kv_bind::KvWorld;
use super::harness::render_deploy::RenderWorld;
use super::harness::version_poll::VersionWorld;
use super::harness::world::World;
use super::names::of_names;

/// What a world's run does without faults. `routes` must be among its calls: a
/// recording that shrinks would shrink the matrix unseen.
pub(crate) fn recording<W: World>(world: impl Fn() -> W, routes: &[&str]) -> Recording {
    let recorded = crew::attempt(&(), async |()| cell::record(&world()).await);
    let recording = recorded.unwrap_or_else(|why| panic!("{why}"));
    for route in routes {
        let is_called = recording.calls.iter().any(|call| call.route == *route);
        assert!(is_called, "{route} is not called: {:#?}", recording.calls);
    }
    recording
}

/// Runs the matrix of one world; `more` makes disturbances besides those of calls.
pub(crate) fn matrix<W: World>(
    name: &str,
    world: impl Fn() -> W + Sync,
    routes: &[&str],
    more: impl FnOnce(&Recording) -> Vec<Disturbance>,
) {
    let recording = recording(&world, routes);
    let mut disturbances = Disturbance::of_calls(&recording.calls);
    let least = recording.calls.len() * Fault::EVERYWHERE.len();
    disturbances.extend(Disturbance::of_statements(&recording.statements));
    disturbances.extend(more(&recording));
    let cells = crew::run(&disturbances, ToString::to_string, async |disturbance| {
        cell::single(&world(), disturbance, &recording).await
    });
    let (calls, statements) = (recording.calls.len(), recording.statements.len());
    eprintln!("{name}: {calls} calls, {statements} statements, {} cells", cells.len());
    assert_eq!(cells.len(), disturbances.len());
    assert!(cells.len() >= least, "{} cells for {least} faults at calls", cells.len());
}

pub(crate) fn nothing_more(_: &Recording) -> Vec<Disturbance> {
    Vec::new()
}

pub(crate) const RENDER_ROUTES: [&str; 8] = [
    "GET /v1/services/{id}",
    "GET /v1/services/{id}/deploys",
    "GET /v1/services/{id}/env-vars",
    "PUT /v1/services/{id}/env-vars/GREENROOM_PENDING",
    "PUT /v1/services/{id}/env-vars/PASSWORD",
    "POST /v1/services/{id}/deploys",
    "GET /v1/services/{id}/deploys/{id}",
    "DELETE /v1/services/{id}/env-vars/GREENROOM_PENDING",
];

#[test]
fn render_deploy() {
    matrix("render-deploy", RenderWorld::new, &RENDER_ROUTES, nothing_more);
}

#[test]
fn render_deploy_of_the_same_commit() {
    matrix("render-deploy, same commit", RenderWorld::same_commit, &RENDER_ROUTES, nothing_more);
}

#[test]
fn render_deploy_accepted_without_a_name() {
    matrix("render-deploy, 202", RenderWorld::accepting, &RENDER_ROUTES, nothing_more);
}

#[test]
fn render_deploy_of_a_build_that_fails() {
    let routes = ["POST /v1/services/{id}/deploys", "GET /v1/services/{id}/deploys/{id}", "GET /v1/logs"];
    matrix("render-deploy, failing", RenderWorld::failing, &routes, nothing_more);
}

#[test]
fn render_deploy_attached() {
    let routes = ["GET /v1/services/{id}/deploys", "GET /v1/services/{id}/deploys/{id}"];
    matrix("render-deploy, attached", RenderWorld::under_way, &routes, nothing_more);
}

#[test]
fn version_poll() {
    matrix("version-poll", VersionWorld::new, &["GET /version"], nothing_more);
}

pub(crate) const CNAME_ROUTES: [&str; 5] = [
    "GET /client/v4/zones/{id}",
    "GET /client/v4/zones/{id}/dns_records",
    "POST /client/v4/zones/{id}/dns_records/batch",
    "GET /v1/services/{id}/custom-domains",
    "GET /version",
];

#[test]
fn cname_flip() {
    matrix("cname-flip", CnameWorld::flip, &CNAME_ROUTES, of_names);
}

#[test]
fn cname_flip_taken_back() {
    matrix("cname-flip, taken back", CnameWorld::unverifiable, &CNAME_ROUTES, nothing_more);
}

#[test]
fn cname_flip_restoring() {
    matrix("cname-flip, restore", CnameWorld::restore, &CNAME_ROUTES, of_names);
}

pub(crate) const PAGES_ROUTES: [&str; 4] = [
    "GET /client/v4/accounts/{id}/storage/kv/namespaces",
    "POST /client/v4/accounts/{id}/storage/kv/namespaces",
    "GET /client/v4/accounts/{id}/pages/projects/docs",
    "PATCH /client/v4/accounts/{id}/pages/projects/docs",
];

#[test]
fn kv_bind_to_pages() {
    matrix("kv-bind, Pages", KvWorld::pages, &PAGES_ROUTES, nothing_more);
}

pub(crate) const WORKER_ROUTES: [&str; 3] = [
    "GET /client/v4/accounts/{id}/storage/kv/namespaces",
    "GET /client/v4/accounts/{id}/workers/scripts/edge/settings",
    "PATCH /client/v4/accounts/{id}/workers/scripts/edge/settings",
];

#[test]
fn kv_bind_to_a_worker() {
    matrix("kv-bind, Worker", KvWorld::worker, &WORKER_ROUTES, nothing_more);
}

/// The matrix of a dry run: whatever fails, nothing is written.
pub(crate) fn dry_matrix<W: World>(name: &str, world: impl Fn() -> W + Sync) {
    let recorded = crew::attempt(&(), async |()| cell::dry(&world(), None).await);
    let (calls, statements) = recorded.unwrap_or_else(|why| panic!("{why}"));
    let mut disturbances = Disturbance::of_calls(&calls);
    disturbances.extend(Disturbance::of_statements(&statements));
    let cells = crew::run(&disturbances, ToString::to_string, async |disturbance| {
        cell::dry(&world(), Some(disturbance)).await
    });
    eprintln!("{name}: {} calls, {} statements, {} cells", calls.len(), statements.len(), cells.len());
    assert!(!calls.is_empty() || !statements.is_empty());
    assert!(cells.len() >= calls.len() * Fault::EVERYWHERE.len());
}

#[test]
fn dry_runs_write_nothing() {
    dry_matrix("render-deploy, dry", RenderWorld::new);
    dry_matrix("render-deploy attached, dry", RenderWorld::under_way);
    dry_matrix("cname-flip, dry", CnameWorld::flip);
    dry_matrix("cname-flip restore, dry", CnameWorld::restore);
    dry_matrix("kv-bind to Pages, dry", KvWorld::pages);
    dry_matrix("kv-bind to a Worker, dry", KvWorld::worker);
}

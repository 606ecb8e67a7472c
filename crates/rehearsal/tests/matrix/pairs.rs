//! Two faults in one run, picked by seed.

use fastrand::Rng;

use super::cell;
use super::crew;
use super::disturbance::Disturbance;
use super::harness::blue_quiet::QuietWorld;
use super::harness::cname_flip::CnameWorld;
use super::harness::cutover_record::RecordWorld;
use super::harness::database::Databases;
use super::harness::generation_allocate::GenerationWorld;
use super::harness::kv_bind::KvWorld;
use super::harness::ledger_readers::ReaderWorld;
use super::harness::render_deploy::RenderWorld;
use super::harness::staging_marker::MarkerWorld;
use super::harness::version_poll::VersionWorld;
use super::harness::world::World;
use super::singles::{CNAME_ROUTES, PAGES_ROUTES, RENDER_ROUTES, WORKER_ROUTES, recording};

/// How many pairs each world meets.
const PAIRS: u64 = 30;

fn pairs<W: World>(name: &str, world: impl Fn() -> W + Sync, routes: &[&str]) {
    let recording = recording(&world, routes);
    let mut all = Disturbance::of_calls(&recording.calls);
    all.extend(Disturbance::of_statements(&recording.statements));
    let pick = |seed: u64| {
        let mut random = Rng::with_seed(seed);
        [random.usize(..all.len()), random.usize(..all.len())].map(|index| &all[index])
    };
    let picked: Vec<[&Disturbance; 2]> = (0..PAIRS).map(pick).collect();
    let describe = |pair: &[&Disturbance; 2]| format!("{}, and {}", pair[0], pair[1]);
    let struck = crew::run(&picked, describe, async |pair| cell::several(&world(), pair).await);
    let both = struck.iter().filter(|struck| **struck == 2).count();
    eprintln!("{name}: {} pairs, both struck in {both}", struck.len());
    assert!(both > 0, "no run met both faults of its pair");
}

#[test]
fn pairs_of_faults() {
    pairs("render-deploy", RenderWorld::new, &RENDER_ROUTES);
    pairs("render-deploy, same commit", RenderWorld::same_commit, &RENDER_ROUTES);
    pairs("render-deploy, 202", RenderWorld::accepting, &RENDER_ROUTES);
    pairs("version-poll", VersionWorld::new, &["GET /version"]);
    pairs("cname-flip", CnameWorld::flip, &CNAME_ROUTES);
    pairs("cname-flip, taken back", CnameWorld::unverifiable, &CNAME_ROUTES);
    pairs("kv-bind, Pages", KvWorld::pages, &PAGES_ROUTES);
    pairs("kv-bind, Worker", KvWorld::worker, &WORKER_ROUTES);
}

#[test]
fn pairs_of_faults_of_a_cutover() {
    pairs("staging-marker", MarkerWorld::record, &["POST /repos/acme/api/statuses/{id}"]);
    pairs("staging-marker, forged", MarkerWorld::forged, &[]);
    pairs("blue-quiet, disturbed", QuietWorld::disturbed, &[]);
    let databases = Databases::default();
    pairs("generation-allocate", || GenerationWorld::new(&databases), &[]);
    pairs("cutover-record, intent", || RecordWorld::intent(&databases), &[]);
    pairs("cutover-record, cut-over", || RecordWorld::cut_over(&databases), &[]);
    pairs("hold-check, held", || ReaderWorld::held(&databases), &[]);
}

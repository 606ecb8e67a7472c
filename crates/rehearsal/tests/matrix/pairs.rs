//! Two faults in one run, picked by seed.

use fastrand::Rng;

use super::cell;
use super::crew;
use super::disturbance::Disturbance;
use super::harness::cname_flip::CnameWorld;
use super::harness::kv_bind::KvWorld;
use super::harness::render_deploy::RenderWorld;
use super::harness::version_poll::VersionWorld;
use super::harness::world::World;
use super::singles::{CNAME_ROUTES, PAGES_ROUTES, RENDER_ROUTES, WORKER_ROUTES, recording};

/// How many pairs each world meets.
const PAIRS: u64 = 30;

fn pairs<W: World>(name: &str, world: impl Fn() -> W + Sync, routes: &[&str]) {
    let recording = recording(&world, routes);
    let all = Disturbance::of_calls(&recording.calls);
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

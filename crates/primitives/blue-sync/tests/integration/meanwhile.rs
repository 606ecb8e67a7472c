//! Names and ledger that change while a sync deploys: it takes minutes, and an operator at a shell waits in no queue.

use serde_json::json;

use crate::world::{NEW, OLD, World, end};

/// Somebody points a name elsewhere while `service` is deployed.
fn moved(world: &World, service: &str, host: &'static str, origin: &'static str) {
    let (cloudflare, zone) = (world.cloudflare.clone(), world.zone.clone());
    world.while_deploying(service, move || {
        cloudflare.edit_records(&zone, host, &json!({ "content": origin })).unwrap();
    });
}

/// The ledger changes while `service` is deployed.
fn told(world: &World, service: &str, sql: &'static str) {
    let postgres = world.postgres.clone();
    world.while_deploying(service, move || postgres.execute(sql).unwrap());
}

/// The sync stops behind `deployed`, says why and what is done, and records nothing.
#[track_caller]
fn assert_stopped(world: &World, deployed: &[&str], why: &str) -> String {
    let run = world.sync();
    assert!(world.is_calm(), "nothing happened meanwhile");
    assert_eq!(end(&run), (6, "stale"), "{}", run.stderr);
    assert_eq!((world.deployed(), world.synced().as_str()), (deployed.to_vec(), ""));
    let error = run.error().to_owned();
    assert!(error.contains(why), "{why}: {error}");
    assert!(error.contains("nothing is recorded"), "{error}");
    for service in deployed {
        assert!(error.contains(&format!("({}) runs generation 2 already", world.id(service))), "{error}");
    }
    assert!(run.output("synced").contains("api"), "{}", run.output("synced"));
    error
}

#[test]
fn names_that_are_put_back_stop_it_before_the_next_service() {
    let world = World::new("25 hours");
    moved(&world, "api-blue", "app.example.com", "dash-blue.onrender.com");
    let why = "app.example.com is where it was before the flip of generation 2 (prod-2)";
    let error = assert_stopped(&world, &["api-blue"], why);
    assert!(error.contains("cutover-record --mode rolled-back --generation 2"), "{error}");
    assert!(error.contains("redeploy its commit"), "{error}");
    // What serves now is what served before the flip, untouched.
    world.assert_runs(&["dashboard-blue", "workers-blue"], OLD, "1");
    world.assert_runs(&["api-blue"], NEW, "2");
}

#[test]
fn names_that_are_put_back_during_the_last_service_stop_it_before_the_record() {
    let world = World::new("25 hours");
    moved(&world, "workers-blue", "api.example.com", "api-blue.onrender.com");
    let why = "api.example.com is where it was before the flip of generation 2 (prod-2)";
    assert_stopped(&world, &["api-blue", "dashboard-blue", "workers-blue"], why);
}

#[test]
fn names_that_are_moved_elsewhere_stop_it_too() {
    let world = World::new("25 hours");
    moved(&world, "api-blue", "app.example.com", "maintenance.example.net");
    let why = "app.example.com points at maintenance.example.net, and pointed at dash-green.onrender.com";
    assert_stopped(&world, &["api-blue"], why);
}

#[test]
fn a_rollback_in_the_ledger_stops_it() {
    let world = World::new("25 hours");
    told(&world, "api-blue", "update core.deployments set rolled_back_at = now() where generation = 2");
    let why = "the ledger has changed since this run began: generation 2 (prod-2) of api, workers was due, and now \
               generation 2 (prod-2) was rolled back";
    assert_stopped(&world, &["api-blue"], why);
}

#[test]
fn a_newer_flip_in_the_ledger_stops_it_before_the_record() {
    let world = World::new("25 hours");
    told(
        &world,
        "workers-blue",
        "insert into core.deployments (reference, tag, sha, targets, run_id, intent_at)
         values ('refs/tags/prod-3', 'prod-3', repeat('3', 40), '{dashboard}', 3, now())",
    );
    let why = "and now the flip of generation 3 (prod-3) by run 3 is unfinished";
    assert_stopped(&world, &["api-blue", "dashboard-blue", "workers-blue"], why);
}

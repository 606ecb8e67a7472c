//! What is refused: with the right exit code, a hint, and nothing changed.

use rehearsal::twins::render::{AutoDeploy, NewService};

use crate::world::{OLD, World, end};

const STALE: (u8, &str) = (6, "stale");
const API: &[(&str, &str)] = &[("targets", r#"["api"]"#)];

#[track_caller]
fn assert_refused(world: &World, inputs: &[(&str, &str)], wanted: (u8, &str), told: &str) {
    let synced = world.synced();
    let run = world.sync_with(inputs);
    assert_eq!(end(&run), wanted, "{}", run.stderr);
    let error = run.error();
    assert!(error.contains(told), "{told}: {error}");
    assert!(error.contains("hint: "), "{error}");
    assert_eq!((world.render.effects().len(), world.synced()), (0, synced));
}

/// Without names the same is no error: nothing is due.
#[track_caller]
fn assert_passed_over(world: &World, told: &str) {
    let run = world.sync();
    assert_eq!(end(&run), (0, "unchanged"), "{}", run.stderr);
    assert!(run.summary.contains(told), "{told}: {}", run.summary);
    assert_eq!(world.render.effects().len(), 0);
}

#[test]
fn a_hold_that_has_not_ended() {
    let world = World::new("23 hours");
    assert_refused(
        &world,
        API,
        STALE,
        "api is not due: the hold of generation 2 (prod-2) runs for another 59m",
    );
}

#[test]
fn after_a_rollback() {
    let world = World::new("25 hours");
    world.sql("update core.deployments set rolled_back_at = now() where generation = 2");
    assert_refused(&world, API, STALE, "api is not due: generation 2 (prod-2) was rolled back");
    assert_passed_over(&world, "was rolled back");
}

#[test]
fn in_an_unfinished_flip() {
    let world = World::new("25 hours");
    world.row(3, OLD, "{api,workers}", "1 minute");
    world.sql("update core.deployments set cut_over_at = null where generation = 3");
    assert_refused(
        &world,
        API,
        STALE,
        "api is not due: the flip of generation 3 (prod-3) by run 3 is unfinished",
    );
    // The dashboard is a group of its own; but what it shares with the row is synced with it.
    world.sql("update core.deployments set synced_at = now() where generation = 2");
    assert_passed_over(&world, "is unfinished");
}

#[test]
fn while_older_generations_have_work() {
    let world = World::new("25 hours");
    for status in ["pending", "in_flight"] {
        world.sql(&format!(
            "truncate core.outbox; insert into core.outbox (generation, status) values (1, '{status}')"
        ));
        assert_refused(&world, &[], STALE, "generations below generation 2 (prod-2) still have work: ");
    }
    world.sql("update core.outbox set status = 'done'; insert into core.outbox (generation) values (2)");
    let run = world.sync();
    assert_eq!(end(&run), (0, "success"), "the live generation's own work is no reason: {}", run.stderr);
}

#[test]
fn the_work_of_live_workers_is_no_reason_to_keep_another_target_waiting() {
    let world = World::new("26 hours");
    world.row(3, OLD, "{dashboard}", "25 hours");
    world.sql("update core.deployments set synced_at = now() where generation = 2");
    world.sql("insert into core.outbox (generation) values (2)");
    let told = "generations below generation 3 (prod-3) still have work: 1 pending";
    assert_refused(&world, &[("worker-target", "jobs")], STALE, told);
    let run = world.sync();
    assert_eq!(end(&run), (0, "success"), "{}", run.stderr);
    assert_eq!(world.synced(), "2,3");
}

#[test]
fn names_that_were_put_back_behind_the_ledgers_back() {
    let world = World::with_dashboard_at("25 hours", "dash-blue.onrender.com");
    assert_refused(&world, &[], STALE, "app.example.com is where it was before the flip of generation 2");
}

#[test]
fn names_that_lead_nowhere_known() {
    let world = World::with_dashboard_at("25 hours", "elsewhere.example.net");
    assert_refused(&world, &[], (1, "refused"), "app.example.com");
}

#[test]
fn a_service_that_must_not_be_deployed_stops_all_of_them_before_any_is_changed() {
    let world = World::new("25 hours");
    let other = NewService::web("dashboard-3").auto_deploy(AutoDeploy::Commit).live(OLD);
    let other = world.render.add_service(&other);
    let manifest = world.folder.path().join(".github/deploy-manifest.yml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("${{ vars.DASHBOARD_BLUE }}", &other)).unwrap();
    assert_refused(&world, &[], (1, "refused"), "deploys by itself");
}

#[test]
fn targets_that_mean_nothing() {
    let world = World::new("25 hours");
    for (targets, told) in [
        (r#"["app"]"#, "the manifest has no target \"app\""),
        (r#"["docs"]"#, "docs has no two colours"),
        ("[]", "names no target"),
        ("api", "input `targets`"),
    ] {
        assert_refused(&world, &[("targets", targets)], (2, "invalid"), told);
    }
    assert_refused(&world, &[("zone-id", "example.com")], (2, "invalid"), "is not a zone id");
    assert_refused(&world, &[("timeout", "0s")], (2, "invalid"), "longer than nothing");
}

#[test]
fn a_ledger_that_cannot_be_read_is_never_nothing_due() {
    let world = World::new("25 hours");
    world.sql("alter table core.outbox rename to outbox_2");
    assert_refused(&world, &[], (4, "denied"), "core.outbox");
}

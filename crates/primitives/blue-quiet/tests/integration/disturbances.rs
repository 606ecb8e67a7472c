//! Any deploy of what serves is found: before the watch, within it, between looks.

use rehearsal::twins::render::{End, Plan, Trigger};

use crate::world::{World, seconds, sha};

#[test]
fn a_deploy_shortly_before_the_watch_counts_and_an_older_one_does_not() {
    for ago in [0, 1, 15, 29, 30] {
        let world = World::new();
        let id = world.deployed_ago(&world.workers, Plan::at_once(), seconds(ago));
        let report = world.run();
        report.assert_refused(&format!(
            "{} (workers-blue): deploy {id} (trigger service_updated, live) began at ",
            world.workers
        ));
        assert_eq!(report.run.output("deploys"), format!("{} {id}", world.workers));
        assert!(report.error().contains("do NOT flip"), "{}", report.error());
        assert!(report.error().contains("env groups"), "{}", report.error());
        assert_eq!(world.slept(), seconds(0), "found by the first look");
    }
    let world = World::new();
    world.deployed_ago(&world.workers, Plan::at_once(), seconds(36));
    world.run().assert_quiet();
}

#[test]
fn however_it_ends_it_counts() {
    for end in [End::Live, End::BuildFailed, End::PreDeployFailed, End::UpdateFailed, End::Canceled] {
        let world = World::new();
        let id = world.deployed_ago(&world.api, Plan::at_once().end(end), seconds(3));
        world.run().assert_refused(&id);
    }
}

#[test]
fn whoever_began_it_it_counts() {
    for trigger in [Trigger::Api, Trigger::DeployHook, Trigger::Manual, Trigger::NewCommit, Trigger::Other] {
        let world = World::new();
        let id = world.deploy(&world.api, trigger);
        world.run().assert_refused(&id);
    }
}

#[test]
fn one_that_is_under_way_since_long_counts() {
    let world = World::new();
    let id = world.deployed_ago(&world.api, Plan::live().build(seconds(7_200)), seconds(3_600));
    world.run().assert_refused(&format!(
        "deploy {id} (trigger service_updated, build_in_progress) is under way since 2026-11-20T10:00:00Z"
    ));
}

#[test]
fn one_that_began_long_ago_and_ended_just_now_counts() {
    let world = World::new();
    let id = world.deployed_ago(&world.api, Plan::live().build(seconds(100)), seconds(110));
    world.run().assert_refused(&format!(
        "deploy {id} (trigger service_updated, live) ended at 2026-11-20T10:01:40Z"
    ));
}

#[test]
fn one_that_begins_while_we_look_counts_although_it_ends_between_two_looks() {
    for after in [1, 2, 7, 13, 22, 28, 29] {
        let world = World::new();
        world.twin.trigger_after(&world.workers, seconds(after), &sha('c')).unwrap();
        let report = world.run();
        report.assert_refused("(trigger manual, live) began at ");
        assert!(world.slept() >= seconds(after));
    }
    let world = World::new();
    world.twin.trigger_after(&world.workers, seconds(60), &sha('c')).unwrap();
    world.run().assert_quiet();
}

#[test]
fn all_of_them_are_named() {
    let world = World::new();
    for _ in 0..4 {
        world.deployed_ago(&world.api, Plan::at_once(), seconds(1));
        world.deployed_ago(&world.workers, Plan::at_once(), seconds(1));
    }
    let report = world.run();
    report.assert_refused("and 3 more, see the summary");
    assert_eq!(report.run.output("deploys").lines().count(), 8);
    assert_eq!(report.run.summary.matches("| service\\_updated |").count(), 8, "{}", report.run.summary);
}

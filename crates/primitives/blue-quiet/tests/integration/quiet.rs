//! Nothing happens, and that is shown for as long as was asked.

use rehearsal::twins::render::{NewService, Plan, ServiceType, Skew};

use crate::world::{DEPLOYS, SERVICE, World, run, seconds, sha};

#[test]
fn half_a_minute_of_quiet_is_watched_to_its_end() {
    let world = World::new();
    let report = world.run();
    report.assert_quiet();
    let slept = world.slept();
    assert!(slept >= seconds(30) && slept < seconds(33), "{slept:?}");
    let looks: usize = report.run.output("looks").parse().unwrap();
    assert!((7..=12).contains(&looks), "{looks}");
    assert_eq!(world.asked(DEPLOYS), 2 * looks);
    assert_eq!(world.asked(SERVICE), 4, "settings are read by the first look and by the last");
    assert!(world.server.journal().writes().is_empty());
    let watched: u64 = report.run.output("watched-seconds").parse().unwrap();
    assert!((30..=33).contains(&watched), "{watched}");
}

#[test]
fn another_window_takes_another_time() {
    for (window, least, most) in [("2m", 120, 125), ("1500ms", 1, 4)] {
        let world = World::new();
        world.run_with(&[("window", window)]).assert_quiet();
        let slept = world.slept();
        assert!(slept >= seconds(least) && slept <= seconds(most), "{window}: {slept:?}");
    }
}

#[test]
fn a_clock_of_renders_that_is_off_changes_nothing() {
    for skew in [Skew::Ahead(seconds(3_600)), Skew::Behind(seconds(3_600))] {
        let world = World::new();
        world.twin.set_skew(skew);
        // Two minutes ago, which a clock that is an hour off shows as of another hour.
        world.deployed_ago(&world.api, Plan::at_once(), seconds(120));
        world.run().assert_quiet();
        // And of now.
        let id = world.deployed_ago(&world.api, Plan::at_once(), seconds(10));
        world.run().assert_refused(&id);
    }
}

#[test]
fn services_of_every_kind_are_watched() {
    let world = World::new();
    let mut services = world.services();
    for (name, kind) in [("w", ServiceType::Worker), ("p", ServiceType::Private), ("c", ServiceType::Cron)] {
        services.push_str(&world.twin.add_service(&NewService::new(name, kind).live(&sha('a'))));
        services.push('\n');
    }
    services.push_str(
        &world.twin.add_service(&NewService::web("old").without_auto_deploy_trigger().live(&sha('a'))),
    );
    run(world.watch().with("services", services.replace('\n', "\r\n"))).assert_quiet();
}

#[test]
fn a_long_history_needs_one_page() {
    let world = World::new();
    for _ in 0..150 {
        world.deployed_ago(&world.api, Plan::at_once(), seconds(60));
    }
    world.run().assert_quiet();
    world.twin.plan_deploys(&world.api, [Plan::at_once()]).unwrap();
    world.deployed_ago(&world.api, Plan::at_once(), seconds(1));
    world.run().assert_refused("dep-");
}

#[test]
fn the_summary() {
    let world = World::new();
    let report = world.run();
    let newest = |service: &str| world.twin.deploys(service).unwrap().pop().unwrap().id;
    let summary =
        report.run.summary.replace(&newest(&world.api), "dep-1").replace(&newest(&world.workers), "dep-2");
    let summary = summary.replace(&world.api, "srv-1").replace(&world.workers, "srv-2");
    insta::assert_snapshot!(summary, @r"
    ### Serving services

    | Service | Newest deploy | Status | Began |
    | --- | --- | --- | --- |
    | srv-1 (api-blue) | <code>dep-1</code> | live | 2026-11-19T10:00:00Z |
    | srv-2 (workers-blue) | <code>dep-2</code> | live | 2026-11-19T10:00:00Z |

    Since 2026-11-20T09:59:25Z by Render's clock. 9 complete looks, the last one 30s after the first.
    ");
}

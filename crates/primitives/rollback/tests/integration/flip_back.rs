//! `mode: flip-back`: the names go back, and the ledger says so.

use rehearsal::dns::Fault;
use rehearsal::fault::{What, When};
use rehearsal::postgres::Strike;

use crate::world::{Assert as _, NAMES, World, run};

const BATCH: &str = "POST /client/v4/zones/{zone}/dns_records/batch";

#[tokio::test]
async fn names_go_back_and_a_second_run_changes_nothing() {
    let world = World::new();
    let run = world.flip_back().await;
    run.assert("success");
    world.is_back();
    assert_eq!((run.output("class"), run.output("commit")), ("2", world.commits[0].as_str()));
    // Only the target: TTL and comment are as they were, so that the next cutover may flip at once.
    let record = &world.cloudflare.records_named(&world.zone, NAMES[0])[0];
    assert_eq!((record.ttl, record.comment.as_deref()), (60, Some("of the web team")));
    assert_eq!(world.writes(), 1);
    let again = world.flip_back().await;
    again.assert("unchanged");
    // Without its number the newest is meant, which is the same.
    crate::world::run(world.invoke("flip-back", "behaviour")).await.assert("unchanged");
    assert_eq!(world.writes(), 1);
    world.is_back();
}

#[tokio::test]
async fn a_flip_that_was_never_confirmed_goes_back_whatever_the_symptom() {
    for symptom in ["behaviour", "data"] {
        let world = World::new();
        world.set("cut_over_at = null");
        run(world.invoke("flip-back", symptom)).await.assert("success");
        world.is_back();
        assert_eq!(world.writes(), 1);
    }
}

#[tokio::test]
async fn names_that_are_back_or_half_way_need_only_what_is_missing() {
    for (moved, writes) in [(&NAMES[..1], 1), (&NAMES[..], 0)] {
        for set in ["cut_over_at = now() - interval '1 hour'", "cut_over_at = null"] {
            let world = World::new();
            world.set(set);
            moved.iter().for_each(|host| world.point(host, &world.blue()));
            let run = world.flip_back().await;
            // Nobody can tell whether a flip that was never confirmed led any name there at all.
            if writes == 0 && set.ends_with("null") {
                run.refuses("stale", "no name of generation 2 was led back");
                assert!(run.error().contains("-f generation=1 -f flip-back=true"), "{}", run.error());
            } else {
                run.assert("success");
            }
            world.is_back();
            assert_eq!(world.writes(), writes);
        }
    }
}

#[tokio::test]
async fn a_flip_that_may_be_about_to_take_place_is_not_recorded_as_undone() {
    let announced = |world: &World, ago: &str| {
        world.set(&format!("cut_over_at = null, intent_at = now() - interval '{ago}'"));
    };
    for (ago, limit) in [("10 minutes", None), ("40 minutes", Some("41m"))] {
        let world = World::new();
        announced(&world, ago);
        NAMES.iter().for_each(|host| world.point(host, &world.blue()));
        let ask = || {
            let asked = world.invoke("flip-back", "behaviour");
            limit.map_or_else(
                || world.invoke("flip-back", "behaviour"),
                |limit| asked.with("flip-limit", limit),
            )
        };
        let refused = run(ask()).await;
        refused.refuses("stale", "this is class 1, in which the names are not to go back");
        for told in ["run 2 may be about to move them", "cancel it or see it end, then ask again"] {
            assert!(refused.error().contains(told), "{}", refused.error());
        }
        assert_eq!((world.rolled_back().as_str(), world.writes()), ("f", 0));
        // Its job cannot be at work any more.
        announced(&world, "42 minutes");
        run(ask()).await.refuses("stale", "that its flip is undone is recorded now");
        world.is_back();
    }
    // Where its names have moved, they go back at once.
    let world = World::new();
    announced(&world, "10 seconds");
    world.flip_back().await.assert("success");
    world.is_back();
}

#[tokio::test]
async fn a_name_that_somebody_moves_meanwhile_stops_all_of_them() {
    let world = World::new();
    let somebody = async {
        while world.render_api.journal().lines().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        world.point(NAMES[1], "other.example.com");
    };
    let (run, ()) = tokio::join!(world.flip_back(), somebody);
    run.refuses("stale", "www.example.localhost points at other.example.com, not at");
    assert_eq!(world.targets(), [world.green(), "other.example.com".to_owned()]);
    assert_eq!(world.rolled_back(), "f");
}

#[tokio::test]
async fn a_dry_run_shows_all_of_it_and_changes_nothing() {
    let world = World::new();
    let run = run(world.invoke("flip-back", "behaviour").with("dry-run", "true")).await;
    run.assert("planned");
    for told in [NAMES[0], NAMES[1], "generation 2 in the ledger", "rolled back"] {
        assert!(run.summary.contains(told), "{told}: {}", run.summary);
    }
    world.is_untouched();
}

#[tokio::test]
async fn name_servers_that_do_not_follow_leave_it_unrecorded_until_they_do() {
    let world = World::new();
    // The first question comes before the names go back.
    NAMES.iter().for_each(|host| world.dns.faults().on(host, When::From(2), Fault::Stale));
    let run = world.flip_back().await;
    run.refuses("failed", "is left as it is");
    assert_eq!((world.targets(), world.rolled_back()), ([world.blue(), world.blue()], "f".to_owned()));
    world.dns.faults().clear();
    world.flip_back().await.assert("success");
    world.is_back();
    assert_eq!(world.writes(), 1);
}

#[tokio::test]
async fn what_speaks_against_a_target_does_not_stop_it() {
    let world = World::new();
    world.render.detach(&world.services["api-blue"], NAMES[0]).unwrap();
    let run = world.flip_back().await;
    run.assert("success");
    assert!(run.stderr.contains("restoring all the same"), "{}", run.stderr);
    world.is_back();
}

#[tokio::test]
async fn an_answer_that_got_lost_is_looked_for() {
    let world = World::new();
    world.api.faults().on(BATCH, When::Nth(1), What::ApplyThenLose);
    let relay = world.postgres.relay().unwrap();
    relay.strike("update core.deployments", Strike::After);
    run(world.invoke("flip-back", "behaviour").variable("DATABASE_URL", relay.dsn())).await.assert("success");
    world.is_back();
    assert_eq!(world.api.journal().count(BATCH), 1);
}

//! Lists that lag behind: a deploy that is on its way and does not show yet.

use std::time::Duration;

use rehearsal::fault::{Answer, What, When};
use rehearsal::twins::render::Status;

use crate::world::{World, end};

/// Longer than a drain waits for a deploy that it was not told of.
const LAG: Duration = Duration::from_secs(60);

#[test]
fn the_first_deploy_is_cancelled_though_no_list_shows_it() {
    let world = World::new();
    world.twin.set_list_lag_of_new_services(LAG);
    world.twin.set_build_of_first_deploys(Duration::from_secs(300));
    world.kill_at("POST /v1/env-groups/{id}/services/{id}", 1);
    let service = world.temporary().unwrap();
    let first = &world.twin.deploys(&service).unwrap()[0];
    assert_eq!(first.status, Status::Canceled, "it would have been built with the generation and its group");
    let run = world.drain();
    assert_eq!(end(&run), (0, "success"), "{}", run.stderr);
    world.assert_drained();
    assert_eq!((world.count("create"), world.count("cancel"), world.count("deploy")), (1, 1, 1));
}

#[test]
fn one_that_was_told_of_is_looked_for_until_it_shows() {
    let world = World::new();
    world.twin.set_list_lag_of_new_services(LAG);
    world.twin.set_build_of_first_deploys(Duration::from_secs(300));
    let look = "GET /v1/services/{id}/deploys/{deploy}";
    let missing = Answer::json(404, r#"{"message":"not found"}"#);
    let rule = world.faults().on(look, When::First(8), What::Answer(missing));
    let run = world.drain();
    assert_eq!((rule.fired(), end(&run)), (8, (0, "success")), "{}", run.stderr);
    world.assert_drained();
    assert_eq!((world.count("cancel"), world.count("deploy")), (1, 1));
}

/// Its own worker reports as running: without the list that looks like somebody else's.
#[test]
fn a_drain_that_was_begun_is_gone_on_with_though_no_list_shows_its_deploy() {
    let world = World::new();
    world.twin.set_list_lag_of_new_services(Duration::from_secs(10));
    world.kill_at("GET /v1/logs", 1);
    // The first deploy shows by now, the one that drains does not.
    let running = "update core.workers set state = 'running', last_heartbeat = now() where generation = 2";
    world.postgres.execute(running).unwrap();
    let run = world.drain();
    assert_eq!(end(&run), (0, "success"), "{}", run.stderr);
    world.assert_drained();
    assert_eq!(world.count("deploy"), 1);
}

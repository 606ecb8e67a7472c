//! Killed at any moment, or failing half way, and run again: the same end, no second deploy.

use rehearsal::fault::{Answer, What, When};
use rehearsal::twins::render::{End, Plan};

use crate::world::{NEW, OLD, World, end};

const SET: &str = "PUT /v1/services/{id}/env-vars/{key}";
const ASK: &str = "POST /v1/services/{id}/deploys";
const LOOK: &str = "GET /v1/services/{id}/deploys/{deploy}";
const UNMARK: &str = "DELETE /v1/services/{id}/env-vars/{key}";

/// Requests that come after another one's effect, of the first, second and last service.
const MOMENTS: [(&str, u64); 12] = [
    (SET, 1),
    (SET, 2),
    (SET, 3),
    (ASK, 1),
    (LOOK, 1),
    (UNMARK, 1),
    (SET, 4),
    (ASK, 2),
    (UNMARK, 2),
    (SET, 7),
    (ASK, 3),
    (UNMARK, 3),
];

#[track_caller]
fn assert_synced(world: &World, what: &str) {
    world.assert_runs(&["api-blue", "workers-blue", "dashboard-blue"], NEW, "2");
    assert_eq!(world.deployed(), ["api-blue", "dashboard-blue", "workers-blue"], "{what}");
    assert_eq!(world.synced(), "2");
    world.assert_settled();
}

#[test]
fn killed_anywhere_the_next_run_ends_the_same() {
    for (route, nth) in MOMENTS {
        let world = World::new("25 hours");
        world.kill_at(route, nth);
        assert_eq!(world.synced(), "", "{route} {nth}: recorded too early");
        let run = world.sync();
        assert_eq!(end(&run), (0, "success"), "{route} {nth}: {}", run.stderr);
        assert_synced(&world, route);
    }
}

#[test]
fn lost_answers_are_looked_after() {
    for (route, nth) in [(SET, 2), (ASK, 1), (ASK, 3), (UNMARK, 2)] {
        let world = World::new("25 hours");
        let rule = world.server.faults().on(route, When::Nth(nth), What::ApplyThenLose);
        let run = world.sync();
        assert_eq!((rule.fired(), end(&run)), (1, (0, "success")), "{route} {nth}: {}", run.stderr);
        assert_synced(&world, route);
    }
}

#[test]
fn one_that_fails_leaves_the_row_open_and_the_next_run_does_the_rest() {
    let world = World::new("25 hours");
    let dashboard = world.id("dashboard-blue");
    world.render.plan_deploys(&dashboard, [Plan::live().end(End::BuildFailed)]).unwrap();
    let run = world.sync();
    assert_eq!(end(&run), (1, "failed"), "{}", run.stderr);
    assert!(run.error().contains("nothing is recorded yet: run again"), "{}", run.error());
    assert_eq!((run.output("synced"), world.synced().as_str()), (r#"["api"]"#, ""));
    world.assert_runs(&["api-blue"], NEW, "2");
    world.assert_runs(&["workers-blue"], OLD, "1");
    let run = world.sync();
    assert_eq!(end(&run), (0, "success"), "{}", run.stderr);
    assert_eq!(world.deployed(), ["api-blue", "dashboard-blue", "dashboard-blue", "workers-blue"]);
    assert_eq!(world.synced(), "2");
}

#[test]
fn a_mark_that_could_not_be_removed_is_removed_before_the_record() {
    let world = World::new("25 hours");
    let denied = What::Answer(Answer::json(403, r#"{"message":"forbidden"}"#));
    let rule = world.server.faults().on(UNMARK, When::Nth(1), denied);
    let run = world.sync();
    assert_eq!((rule.fired(), end(&run)), (1, (0, "success")), "{}", run.stderr);
    assert_synced(&world, UNMARK);
}

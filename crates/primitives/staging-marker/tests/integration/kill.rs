//! Killed before and after each request, and run again: one marker.

use std::process::Command;

use rehearsal::fault::{Rule, What, When};
use rehearsal::own_process::Running;

use crate::world::{PROGRAM, RECORDER, STATUS, STATUSES, World};

fn start(world: &World) -> Running {
    Running::start(
        Command::new(PROGRAM)
            .args(["--mode", "record", "--commit", world.head()])
            .env_clear()
            .envs(world.variables(RECORDER)),
    )
}

/// Runs until the rule strikes, then is gone.
fn kill_at(world: &World, rule: &Rule) {
    let mut running = start(world);
    running.until(|| rule.fired() > 0);
    assert_eq!(running.kill().code, -9);
    rule.cancel();
}

/// The word that a whole run ends with.
fn run(world: &World) -> String {
    let run = start(world).finish();
    assert_eq!((run.code, run.output("found")), (0, "true"), "{run:?}");
    run.output("result").to_owned()
}

#[test]
fn killed_before_any_request_the_next_run_marks_once() {
    let world = World::new();
    assert_eq!(run(&world), "success");
    let asked = world.api.journal().lines();
    assert_eq!(asked.len(), 3, "every request has its place below: {asked:?}");
    for (route, nth) in [(STATUSES, 1), (STATUSES, 2), (STATUS, 1)] {
        let world = World::new();
        kill_at(&world, &world.faults().on(route, When::Nth(nth), What::Hang));
        assert_eq!(world.states(world.head()), [""; 0], "{route} {nth}");
        assert_eq!(
            (run(&world), run(&world)),
            ("success".to_owned(), "unchanged".to_owned()),
            "{route} {nth}"
        );
        assert_eq!(world.states(world.head()), ["success"], "{route} {nth}");
    }
}

#[test]
fn killed_after_the_marker_was_set_the_next_run_finds_it() {
    let world = World::new();
    // Its answer is lost, and the search for it hangs: the marker is there, and nobody knows.
    let lost = world.faults().on(STATUS, When::First(1), What::ApplyThenLose);
    kill_at(&world, &world.faults().on(STATUSES, When::Nth(3), What::Hang));
    assert_eq!((lost.fired(), world.states(world.head())), (1, vec!["success".to_owned()]));
    assert_eq!(run(&world), "unchanged");
    assert_eq!(world.states(world.head()), ["success"]);
}

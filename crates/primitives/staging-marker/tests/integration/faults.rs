//! Passing faults are ridden out; a write that may have been applied is looked for.

use action::{Done, Ending};
use rehearsal::fault::{Garble, What, When};

use crate::world::{STATUS, STATUSES, World, run};

fn passing() -> Vec<What> {
    vec![
        What::Refuse,
        What::Reset,
        What::status(502),
        What::too_many_requests(7),
        What::CutBody,
        What::Garble(Garble::Html),
        What::Garble(Garble::WrongTypes),
        What::Garble(Garble::Truncated),
    ]
}

#[tokio::test]
async fn every_read_of_every_mode_rides_out_a_passing_fault() {
    let routes = [
        "GET /repos/acme/api/commits/{sha}",
        "GET /repos/acme/api/git/ref/heads/main",
        "GET /repos/acme/api/compare/{both}",
        STATUSES,
    ];
    for (what, route) in passing().into_iter().flat_map(|what| routes.map(|route| (what.clone(), route))) {
        let world = World::new();
        world.passed(world.head());
        let name = format!("{what:?} at {route}");
        world.faults().on(route, When::First(1), what);
        let run = run(world.job("verify", world.head())).await;
        assert_eq!(run.ending, Ending::Done(Done::Success), "{name}: {}", run.stderr);
        assert_eq!(world.faults().unfired(), Vec::<String>::new(), "{name}");
    }
}

#[tokio::test]
async fn a_gate_that_cannot_read_does_not_open() {
    for what in passing() {
        let world = World::new();
        world.passed(world.head());
        let name = format!("{what:?}");
        world.faults().on(STATUSES, When::Always, what);
        let run = run(world.job("verify", world.head())).await;
        assert_eq!(run.ending, Ending::Unreachable, "{name}: {}", run.stderr);
        assert_eq!(run.outputs.get("found"), None, "{name}");
    }
}

#[tokio::test]
async fn a_mark_whose_answer_is_lost_is_found_and_not_made_again() {
    for what in [What::ApplyThenLose, What::CutBody, What::Garble(Garble::WrongTypes)] {
        let world = World::new();
        let name = format!("{what:?}");
        world.faults().on(STATUS, When::First(1), what);
        let run = run(world.job("record", world.head())).await;
        assert_eq!(run.ending, Ending::Done(Done::Success), "{name}: {}", run.stderr);
        assert_eq!(world.states(world.head()), ["success"], "{name}");
    }
}

#[tokio::test]
async fn a_mark_that_was_not_made_is_not_claimed_and_the_next_run_makes_it() {
    for what in [What::Reset, What::status(500), What::Garble(Garble::Html)] {
        let world = World::new();
        let name = format!("{what:?}");
        let rule = world.faults().on(STATUS, When::First(1), what);
        let first = run(world.job("record", world.head())).await;
        rule.cancel();
        let made = world.states(world.head()).len();
        let fits = if made == 0 { Ending::Unreachable } else { Ending::Done(Done::Success) };
        assert_eq!(first.ending, fits, "{name}: {}", first.stderr);
        let second = run(world.job("record", world.head())).await;
        assert!(matches!(second.ending, Ending::Done(_)), "{name}: {}", second.stderr);
        assert_eq!(world.states(world.head()), ["success"], "{name}");
    }
}

#[tokio::test]
async fn a_used_up_limit_is_told_as_such() {
    let world = World::new();
    world.twin.set_rate_limit(0);
    let run = run(world.job("verify", world.head())).await;
    assert_eq!(run.ending, Ending::Unreachable, "{}", run.stderr);
    assert!(run.error().contains("rate limit"), "{}", run.error());
    assert!(!run.error().contains("under `permissions`"), "{}", run.error());
}

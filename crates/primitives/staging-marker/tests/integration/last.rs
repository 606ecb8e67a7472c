//! The newest marked commit, by first parents.

use action::{Done, Ending};
use rehearsal::fault::{What, When};
use rehearsal::twins::github::ACTIONS;

use crate::world::{REPOSITORY, STATUSES, World, run};

#[tokio::test]
async fn the_nearest_good_marker_counts_and_void_ones_are_passed_over() {
    let world = World::new();
    world.passed(&world.commits[0]);
    world.passed(&world.commits[1]);
    world.mark(&world.commits[2], "success", "mallory");
    world.passed(world.head());
    world.mark(world.head(), "failure", ACTIONS);
    let found = run(world.job("last", world.head())).await;
    assert_eq!(found.ending, Ending::Done(Done::Success), "{}", found.stderr);
    assert_eq!((found.output("commit"), found.output("found")), (world.commits[1].as_str(), "true"));
    world.passed(world.head());
    assert_eq!(run(world.job("last", world.head())).await.output("commit"), world.head(), "itself, too");
}

#[tokio::test]
async fn a_merged_branch_is_not_walked() {
    let world = World::new();
    let side = world.twin.add_commit(REPOSITORY, "side", &[&world.commits[2]]);
    world.passed(&side);
    world.passed(&world.commits[2]);
    let merge = world.twin.add_commit(REPOSITORY, "merge", &[world.head(), &side]);
    assert_eq!(run(world.job("last", &merge)).await.output("commit"), world.commits[2]);
}

#[tokio::test]
async fn none_at_all_is_no_error_and_is_said() {
    let world = World::new();
    world.passed(&world.commits[0]);
    let none = run(world.job("last", world.head()).with("depth", "3")).await;
    assert_eq!(none.ending, Ending::Done(Done::Success), "{}", none.stderr);
    assert_eq!(none.outputs.get("commit").map(String::as_str), Some(""), "set, and empty");
    assert_eq!(none.output("found"), "false");
    assert!(none.stderr.contains("none of the newest 3 commits is marked"), "{}", none.stderr);
    world.mark(&world.commits[0], "pending", ACTIONS);
    let none = run(world.job("last", world.head())).await;
    assert_eq!(none.output("found"), "false");
    assert!(none.stderr.contains("none of the 4 commits up to the root is marked"), "{}", none.stderr);
}

#[tokio::test]
async fn a_read_that_fails_is_never_none() {
    let world = World::new();
    world.passed(&world.commits[1]);
    for (route, nth) in [(STATUSES, 2), ("GET /repos/acme/api/commits/{sha}", 2)] {
        let rule = world.faults().on(route, When::From(nth), What::status(503));
        let run = run(world.job("last", world.head())).await;
        rule.cancel();
        assert_eq!(run.ending, Ending::Unreachable, "{route}: {}", run.stderr);
        assert_eq!((run.output("commit"), run.outputs.get("found")), ("", None), "{route}");
    }
}

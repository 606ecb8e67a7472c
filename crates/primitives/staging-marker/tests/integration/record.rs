//! Marking: once, whatever happens, and never in a dry run.

use action::{Done, Ending};
use rehearsal::twins::github::{ACTIONS, Level, Token};

use crate::world::{CONTEXT, REPOSITORY, STATUS, World, run};

#[tokio::test]
async fn a_commit_is_marked_once() {
    let world = World::new();
    world.mark(world.head(), "pending", ACTIONS);
    let job = || world.job("record", world.head()).with("description", "generation 42");
    let first = run(job()).await;
    assert_eq!(first.ending, Ending::Done(Done::Success), "{}", first.stderr);
    let page = "https://github.example.com/acme/api/actions/runs/77";
    assert_eq!((first.output("commit"), first.output("target-url")), (world.head(), page));
    let second = run(job()).await;
    assert_eq!(second.ending, Ending::Done(Done::Unchanged), "{}", second.stderr);
    assert_eq!(second.output("created-at"), first.output("created-at"));
    let statuses = world.twin.statuses(REPOSITORY, world.head());
    assert_eq!((statuses.len(), statuses[1].context.as_str()), (2, CONTEXT));
    assert_eq!(statuses[1].description.as_deref(), Some("generation 42"));
    assert_eq!(run(world.job("verify", world.head())).await.ending, Ending::Done(Done::Success));
}

#[tokio::test]
async fn what_makes_a_marker_void_is_put_right() {
    let world = World::new();
    for (state, creator) in [("failure", ACTIONS), ("success", "mallory"), ("error", "")] {
        world.mark(world.head(), state, creator);
        let run = run(world.job("record", world.head())).await;
        assert_eq!(run.ending, Ending::Done(Done::Success), "{state} by {creator}: {}", run.stderr);
    }
    assert_eq!(world.states(world.head()).len(), 6);
}

#[tokio::test]
async fn a_later_run_closes_the_gate_until_it_passes() {
    let world = World::new();
    let record = async |state: &str| {
        let run = run(world.job("record", world.head()).with("state", state)).await;
        assert_eq!(run.output("state"), state, "{}", run.stderr);
        (run.ending, run.output("found").to_owned())
    };
    let verify = async || run(world.job("verify", world.head())).await.ending;
    let (made, unchanged) = (Ending::Done(Done::Success), Ending::Done(Done::Unchanged));
    for (state, found) in
        [("success", "true"), ("pending", "false"), ("failure", "false"), ("success", "true")]
    {
        assert_eq!(record(state).await, (made, found.to_owned()), "{state}");
        assert_eq!(record(state).await, (unchanged, found.to_owned()), "{state} once");
        let gate = if state == "success" { made } else { Ending::Refused };
        assert_eq!(verify().await, gate, "{state}");
    }
    assert_eq!(world.states(world.head()), ["success", "pending", "failure", "success"]);
    // What somebody else calls pending is no word of ours.
    world.mark(world.head(), "pending", "mallory");
    assert_eq!(record("pending").await, (made, "false".to_owned()));
}

#[tokio::test]
async fn a_dry_run_says_what_it_would_do() {
    let world = World::new();
    world.mark(world.head(), "failure", ACTIONS);
    let run = run(world.job("record", world.head()).with("dry-run", "true")).await;
    assert_eq!(run.ending, Ending::Planned, "{}", run.stderr);
    assert!(
        run.summary.contains("failure by github-actions") && run.summary.contains("Would become"),
        "{}",
        run.summary
    );
    assert!(world.api.journal().writes().is_empty());
    // What is there already would not be changed, and that is said too.
    world.passed(world.head());
    let marked = crate::world::run(world.job("record", world.head()).with("dry-run", "true")).await;
    assert_eq!(marked.ending, Ending::Done(Done::Unchanged), "{}", marked.stderr);
    assert_eq!((marked.output("found"), marked.output("state")), ("true", "success"));
    assert!(world.api.journal().writes().is_empty());
}

#[tokio::test]
async fn a_token_of_another_account_is_told_at_once() {
    let world = World::new();
    world.twin.add_token("ghp_octocat", Token::of("octocat", &[("statuses", Level::Write)]));
    let job = || world.job("record", world.head()).variable("GITHUB_TOKEN", "ghp_octocat");
    let refused = run(job()).await;
    assert_eq!(refused.ending, Ending::Failed, "{}", refused.stderr);
    assert!(refused.error().contains("was set by `octocat`, and only one by `github-actions[bot]` counts"));
    let named = run(job().with("creator", "octocat")).await;
    assert_eq!(named.ending, Ending::Done(Done::Unchanged), "{}", named.stderr);
}

#[tokio::test]
async fn refusals_of_the_write_name_the_fix() {
    let world = World::new();
    world.twin.add_token("ghs_reads", Token::of_a_job(&[("statuses", Level::Read)]));
    let weak = run(world.job("record", world.head()).variable("GITHUB_TOKEN", "ghs_reads")).await;
    assert_eq!(weak.ending, Ending::Denied, "{}", weak.stderr);
    assert!(weak.error().contains("the job needs `statuses: write` under `permissions`"), "{}", weak.error());
    for _ in 0..1_000 {
        world.mark(world.head(), "pending", ACTIONS);
    }
    let full = run(world.job("record", world.head())).await;
    assert_eq!(full.ending, Ending::Denied, "{}", full.stderr);
    assert!(full.error().contains("fewer than 1,000 statuses of this context"), "{}", full.error());
    let nowhere = run(world.job("record", &"f".repeat(40))).await;
    assert_eq!(nowhere.ending, Ending::Denied, "{}", nowhere.stderr);
    assert_eq!(world.api.journal().count(STATUS), 2, "none was repeated");
}

//! The gate: what passes, and every way in which a commit does not.

use action::{Done, Ending};
use rehearsal::twins::github::ACTIONS;

use crate::world::{RECORDER, REPOSITORY, World, run};

#[tokio::test]
async fn a_marked_commit_passes_by_its_sha_and_by_its_tags() {
    let world = World::new();
    let commit = world.commits[1].clone();
    world.mark(&commit, "pending", ACTIONS);
    world.passed(&commit);
    world.twin.set_reference(REPOSITORY, "tags/prod-1", &commit);
    let inner = world.twin.add_tag(REPOSITORY, "v1.0.0", &commit);
    let outer = world.twin.add_tag(REPOSITORY, "signed", &inner);
    let upper = commit.to_uppercase();
    for name in [commit.as_str(), &upper, "prod-1", "v1.0.0", "refs/tags/v1.0.0", "signed", &inner, &outer] {
        let run = run(world.job("verify", name)).await;
        assert_eq!(run.ending, Ending::Done(Done::Success), "{name}: {}", run.stderr);
        assert_eq!((run.output("commit"), run.output("found")), (commit.as_str(), "true"), "{name}");
        assert_eq!((run.output("state"), run.output("creator")), ("success", ACTIONS));
        assert!(run.output("created-at").ends_with('Z'), "{:?}", run.outputs);
        assert!(run.summary.contains("success by github-actions"), "{}", run.summary);
    }
    assert!(world.api.journal().writes().is_empty());
}

#[tokio::test]
async fn every_other_commit_is_refused_with_what_to_do() {
    let world = World::new();
    let [missing, stale, failed, forged] = [0, 1, 2, 3].map(|index| world.commits[index].clone());
    world.passed(&stale);
    world.mark(&stale, "pending", ACTIONS);
    world.passed(&failed);
    world.mark(&failed, "failure", ACTIONS);
    world.passed(&forged);
    world.mark(&forged, "success", "mallory");
    let refusals = [
        (&missing, "has no status `staging-success`", "does not count, neither a parent's", "false"),
        (&stale, "is no success: pending by github-actions[bot], 2", "wait until the run", "false"),
        (&failed, "is no success: failure by github-actions[bot], 2", "see why staging failed", "false"),
        (
            &forged,
            "was not set by `github-actions[bot]`: success by mallory, 2",
            "find out who set it",
            "false",
        ),
    ];
    for (commit, told, hint, found) in refusals {
        let run = run(world.job("verify", commit)).await;
        assert_eq!(run.ending, Ending::Refused, "{told}: {}", run.stderr);
        assert!(run.error().contains(told) && run.error().contains(commit.as_str()), "{}", run.error());
        assert!(
            run.error().contains(hint) && run.error().contains("nothing has been deployed"),
            "{}",
            run.error()
        );
        assert_eq!(run.output("found"), found);
    }
    world.mark(&forged, "success", "");
    let run = run(world.job("verify", &forged)).await;
    assert!(run.error().contains("success by an account that is gone"), "{}", run.error());
}

#[tokio::test]
async fn a_marker_of_another_context_or_creator_counts_when_it_is_asked_for() {
    let world = World::new();
    world.twin.add_status(REPOSITORY, world.head(), ("success", "Canary-OK"), "Acme-Bot").unwrap();
    let job = || world.job("verify", world.head()).with("context", "canary-ok");
    assert_eq!(run(job()).await.ending, Ending::Refused);
    let run = run(job().with("creator", "acme-bot")).await;
    assert_eq!(run.ending, Ending::Done(Done::Success), "{}", run.stderr);
}

#[tokio::test]
async fn a_commit_that_is_not_on_the_branch_is_refused_though_it_is_marked() {
    let world = World::new();
    let side = world.twin.add_commit(REPOSITORY, "side", &[&world.commits[1]]);
    world.twin.set_reference(REPOSITORY, "heads/side", &side);
    // A tag that has the branch's name and leads to the commit.
    world.twin.set_reference(REPOSITORY, "tags/main", &side);
    let apart = world.twin.add_commit(REPOSITORY, "of another root", &[]);
    for commit in [&side, &apart] {
        world.passed(commit);
        let run = run(world.job("verify", commit)).await;
        assert_eq!(run.ending, Ending::Refused, "{}", run.stderr);
        assert!(run.error().contains(&format!("{commit} is not on `main`, which is at {}", world.head())));
    }
    let by_branch = run(world.job("verify", &side).with("branch", "side")).await;
    assert_eq!(by_branch.ending, Ending::Done(Done::Success), "{}", by_branch.stderr);
    let merge = world.twin.add_commit(REPOSITORY, "merge", &[world.head(), &side]);
    world.twin.set_reference(REPOSITORY, "heads/main", &merge);
    assert_eq!(run(world.job("verify", &side)).await.ending, Ending::Done(Done::Success), "merged");
}

#[tokio::test]
async fn what_is_not_there_is_an_invalid_input() {
    let world = World::new();
    let tree = world.twin.add_tag(REPOSITORY, "of-a-tree", &"e".repeat(40));
    let nowhere = "f".repeat(40);
    for (commit, told) in [
        (nowhere.as_str(), format!("has no commit {nowhere}")),
        ("v9", "has no tag `v9` of a commit".to_owned()),
        ("of-a-tree", "has no tag `of-a-tree` of a commit".to_owned()),
        (&tree, format!("has no commit {tree}")),
    ] {
        let run = run(world.job("verify", commit)).await;
        assert_eq!(run.ending, Ending::Invalid, "{commit}: {}", run.stderr);
        assert!(run.error().contains(&told), "{}", run.error());
    }
    let run = run(world.job("verify", world.head()).with("branch", "trunk")).await;
    assert_eq!(run.ending, Ending::Invalid);
    assert!(run.error().contains("has no branch `trunk`"), "{}", run.error());
}

#[tokio::test]
async fn a_missing_right_is_named() {
    let world = World::new();
    let run = run(world.job("verify", world.head()).variable("GITHUB_TOKEN", RECORDER)).await;
    assert_eq!(run.ending, Ending::Denied, "{}", run.stderr);
    assert!(
        run.error().contains("`contents: read` and `statuses: read` under `permissions`"),
        "{}",
        run.error()
    );
}

/// The run must be refused with these words, and the marker must not be found.
async fn refused(world: &World, commit: &str, told: &str) {
    let run = run(world.job("verify", commit)).await;
    assert_eq!((run.ending, run.output("result")), (Ending::Refused, "refused"), "{commit}: {}", run.stderr);
    assert!(run.error().contains(told), "{told}: {}", run.error());
    assert_ne!(run.output("found"), "true");
    assert!(world.api.journal().writes().is_empty());
}

#[tokio::test]
async fn a_forged_marker_is_refused_though_a_true_one_is_older() {
    let world = World::new();
    world.passed(world.head());
    for creator in ["mallory", "github-actions", "github-actions[bot]x", ""] {
        world.mark(world.head(), "success", creator);
        refused(&world, world.head(), "was not set by `github-actions[bot]`").await;
    }
    world.passed(world.head());
    let mended = run(world.job("verify", world.head())).await;
    assert_eq!(mended.ending, Ending::Done(Done::Success), "{}", mended.stderr);
}

#[tokio::test]
async fn a_stale_marker_is_refused_until_staging_succeeds_again() {
    for state in ["failure", "error", "pending"] {
        let world = World::new();
        world.passed(world.head());
        world.mark(world.head(), state, ACTIONS);
        refused(&world, world.head(), &format!("is no success: {state} by github-actions[bot]")).await;
        world.passed(world.head());
        let again = run(world.job("verify", world.head())).await;
        assert_eq!(again.ending, Ending::Done(Done::Success), "{state}: {}", again.stderr);
    }
}

#[tokio::test]
async fn a_marker_on_another_commit_never_counts() {
    let world = World::new();
    // On the parent, on the child, and on a merge of it.
    world.passed(&world.commits[1]);
    world.passed(&world.commits[3]);
    let merge = world.twin.add_commit(REPOSITORY, "merge", &[world.head(), &world.commits[2]]);
    world.twin.set_reference(REPOSITORY, "heads/main", &merge);
    world.passed(&merge);
    refused(&world, &world.commits[2], "has no status `staging-success`").await;
}

#[tokio::test]
async fn a_tag_that_is_not_on_main_is_refused_before_its_marker_is_looked_at() {
    let world = World::new();
    let side = world.twin.add_commit(REPOSITORY, "hotfix", &[&world.commits[1]]);
    world.passed(&side);
    world.twin.set_reference(REPOSITORY, "tags/light", &side);
    let _ = world.twin.add_tag(REPOSITORY, "v2.0.0", &side);
    for tag in ["light", "v2.0.0", "refs/tags/v2.0.0"] {
        refused(&world, tag, &format!("{side} is not on `main`, which is at {}", world.head())).await;
    }
    assert_eq!(world.api.journal().count(crate::world::STATUSES), 0);
}

#[tokio::test]
async fn an_annotated_tag_is_peeled_to_its_commit_however_deep() {
    let world = World::new();
    world.passed(world.head());
    let mut target = world.head().to_owned();
    for depth in 1..=3 {
        let name = format!("nested-{depth}");
        target = world.twin.add_tag(REPOSITORY, &name, &target);
        let run = run(world.job("verify", &name)).await;
        assert_eq!(run.ending, Ending::Done(Done::Success), "{name}: {}", run.stderr);
        assert_eq!(run.output("commit"), world.head(), "{name}");
    }
    // It is the commit's own marker that is looked for behind it.
    let other = World::new();
    let inner = other.twin.add_tag(REPOSITORY, "inner", other.head());
    let _ = other.twin.add_tag(REPOSITORY, "outer", &inner);
    refused(&other, "outer", &format!("{} has no status", other.head())).await;
}

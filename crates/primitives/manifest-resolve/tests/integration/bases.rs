//! What is compared with, and what happens when it cannot be had.

use crate::world::{Run, World};

const ALL: [&str; 3] = ["api", "web", "workers"];

#[test]
fn without_a_base_every_target_is_affected() {
    let world = World::usual();
    let zeros = "0".repeat(40);
    for words in [&[][..], &["--base="], &["--base", &zeros], &["--base", &zeros, "--on-missing-base=fail"]] {
        let run = world.run(words);
        assert_eq!(run.targets(), ALL, "{words:?}");
        assert!(!run.outputs.contains_key("base"), "{run:?}");
        assert!(!run.stderr.contains("warning"), "{run:?}");
        assert!(run.summary.contains("nothing to compare with"), "{run:?}");
    }
}

#[test]
fn the_first_commit_of_all() {
    let world = World::usual();
    assert_eq!(world.git(&["rev-list", "--count", "HEAD"]), "1");
    assert_eq!(world.run(&[]).targets(), ALL);
    assert_eq!(world.affected("HEAD").len(), 0);
}

/// A clone with one commit, and the id of the commit before that.
fn shallow() -> (World, String) {
    let world = World::usual();
    world.change("docs/b");
    let base = world.change("docs/c");
    world.change("web/b");
    world.shallow_clone();
    (world, base)
}

#[test]
fn a_missing_base_is_fetched() {
    let (world, base) = shallow();
    let run = world.run_in("s", &["--base", &base]);
    assert_eq!(run.targets(), ["web"], "{run:?}");
    assert_eq!(run.outputs["base"], base);
    assert_eq!(world.git_in("s", &["rev-parse", "--is-shallow-repository"]), "true");
    let (world, base) = shallow();
    assert_eq!(world.run_in("s", &["--base", &base, "--on-missing-base=fail", "--fetch"]).targets(), ["web"]);
}

#[test]
fn a_missing_base_counts_as_every_target() {
    let (world, base) = shallow();
    let run = world.run_in("s", &["--base", &base, "--fetch=false"]);
    assert_eq!(run.targets(), ALL);
    assert!(!run.outputs.contains_key("base"));
    let warning =
        format!("every target counts as affected: this clone has no commit {base:?}, and `fetch` is off");
    assert!(run.stderr.contains(&warning), "{run:?}");
    assert!(run.summary.contains("is missing"), "{run:?}");
}

#[test]
fn a_missing_base_is_refused() {
    let (world, base) = shallow();
    let run = world.run_in("s", &["--base", &base, "--fetch=false", "--on-missing-base=fail"]);
    run.failed(1, "refused", "and `fetch` is off");
    assert!(run.stderr.contains("hint: let `actions/checkout` take more history"), "{run:?}");
    assert_eq!(run.outputs["head"], world.head());
}

#[test]
fn a_base_that_nobody_has() {
    let (world, _) = shallow();
    let nowhere = "1".repeat(40);
    let run = world.run_in("s", &["--base", &nowhere]);
    assert_eq!(run.targets(), ALL);
    assert!(run.stderr.contains("fetching it did not help: the remote does not have commit"), "{run:?}");
    let run = world.run_in("s", &["--base", &nowhere, "--on-missing-base=fail"]);
    run.failed(1, "refused", "the remote does not have commit");
    // A repository without any remote.
    let run = world.run(&["--base", &nowhere]);
    assert_eq!(run.targets(), ALL);
    assert!(run.stderr.contains("the repository has no remote called `origin`"), "{run:?}");
}

#[test]
fn a_name_that_is_not_in_the_clone() {
    let (world, _) = shallow();
    let run = world.run_in("s", &["--base", "production"]);
    assert_eq!(run.targets(), ALL);
    assert!(run.stderr.contains("only a full SHA can be fetched"), "{run:?}");
    world.run_in("s", &["--base", "production", "--on-missing-base=fail"]).failed(
        1,
        "refused",
        "this clone has no commit \"production\"",
    );
}

#[test]
fn a_base_that_was_forced_away_is_fetched_into_a_full_clone() {
    let world = World::usual();
    world.git_in(".", &["clone", "--quiet", "r", "s"]);
    world.git(&["switch", "--quiet", "--detach"]);
    let base = world.change("web/b");
    let run = world.run_in("s", &["--base", &base]);
    assert_eq!(run.targets(), ["web"], "{run:?}");
    assert_eq!(world.git_in("s", &["rev-parse", "--is-shallow-repository"]), "false");
}

#[test]
fn things_that_are_no_commit() {
    let world = World::usual();
    let tree = world.git(&["rev-parse", "HEAD^{tree}"]);
    world.run(&["--base", &tree]).failed(2, "invalid", "is not a commit");
    world.run(&["--head", &tree]).failed(2, "invalid", "is not a commit");
    world.run(&["--head", "gone"]).failed(2, "invalid", "input `head`: this clone has no commit \"gone\"");
    for (input, value) in [("base", "a..b"), ("base", "--upload-pack=x"), ("head", "a b"), ("base", "^main")]
    {
        let word = format!("--{input}={value}");
        let message = format!("input `{input}`: {value:?} does not name one commit");
        world.run(&[&word]).failed(2, "invalid", &message);
    }
}

#[test]
fn a_repository_without_commits() {
    let world = World::empty();
    world.run(&[]).failed(2, "invalid", "this clone has no commit \"HEAD\"");
}

#[test]
fn a_damaged_repository_is_an_error_and_no_missing_base() {
    let world = World::usual();
    let base = world.head();
    world.change("web/b");
    let tree = world.git(&["rev-parse", &format!("{base}^{{tree}}")]);
    let (folder, file) = tree.split_at(2);
    std::fs::remove_file(world.path("r/.git/objects").join(folder).join(file)).unwrap();
    let run: Run = world.run(&["--base", &base]);
    run.failed(1, "failed", "git diff-tree failed");
}

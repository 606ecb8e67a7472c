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
    world.shallow_clone("r", "s");
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
fn each_target_is_compared_with_its_own_base() {
    let world = World::usual();
    fn all(commit: &str) -> [(&str, &str); 3] {
        ALL.map(|name| (name, commit))
    }
    let first = world.head();
    let second = world.change("web/b");
    let third = world.change("api/b");
    world.change("docs/b");
    let run = |lines: &[(&str, &str)]| {
        let lines: Vec<String> = lines.iter().map(|(name, commit)| format!("{name} {commit}")).collect();
        world.run(&["--bases", &lines.join("\n")])
    };
    assert_eq!(run(&all(&first)).targets(), ALL);
    assert_eq!(run(&all(&second)).targets(), world.affected(&second));
    assert!(run(&all(&third)).targets().is_empty());

    let mixed = run(&[("api", &third), ("web", &first), ("workers", &third)]);
    assert_eq!(mixed.targets(), ["web"], "{mixed:?}");
    assert!(!mixed.outputs.contains_key("base"), "{mixed:?}");
    for (name, commit) in [("api", &third), ("web", &first), ("workers", &third)] {
        let row = format!("| <code>{name}</code> | <code>{}</code> |", &commit[..12]);
        assert!(mixed.summary.contains(&row), "{row}: {}", mixed.summary);
    }
    // Its own diff does not hit it, that of its partner does.
    assert_eq!(run(&[("api", &second), ("web", &third), ("workers", &third)]).targets(), ["api", "workers"]);
}

#[test]
fn a_target_without_a_base_of_its_own_is_affected() {
    let world = World::usual();
    let head = world.head();
    let zeros = "0".repeat(40);
    for lines in [format!("api {head}\nworkers {head}"), format!("api {head}\nworkers {head}\nweb {zeros}\n")]
    {
        let run = world.run(&["--bases", &lines]);
        assert_eq!(run.targets(), ["web"], "{run:?}");
        assert!(run.summary.contains("| <code>web</code> | nothing: never deployed |"), "{}", run.summary);
    }
    assert_eq!(world.run(&["--bases", &format!("api {zeros}")]).targets(), ALL);
    for nothing in ["", "\n"] {
        let bases = format!("--bases={nothing}");
        assert_eq!(world.run(&[&bases]).targets(), ALL);
        assert!(world.run(&[&bases, "--base", &head]).targets().is_empty(), "an empty input is absent");
    }
}

#[test]
fn bases_are_fetched_or_missing_like_a_base() {
    let (world, base) = shallow();
    let head = world.head();
    let lines = format!("api {head}\nweb {base}\nworkers {head}");
    let run = world.run_in("s", &["--bases", &lines, "--fetch=false"]);
    assert_eq!(run.targets(), ["web"], "{run:?}");
    assert!(run.stderr.contains("target `web` counts as affected: this clone has no commit"), "{run:?}");
    let run = world.run_in("s", &["--bases", &lines, "--fetch=false", "--on-missing-base=fail"]);
    run.failed(1, "refused", "and `fetch` is off");
    let run = world.run_in("s", &["--bases", &lines, "--on-missing-base=fail"]);
    assert_eq!(run.targets(), ["web"], "{run:?}");
    assert!(!run.stderr.contains("warning"), "{run:?}");
}

#[test]
fn bases_that_cannot_be_used() {
    let world = World::usual();
    let head = world.head();
    for (lines, message) in [
        (format!("db {head}"), "the manifest has no target `db`"),
        (format!("db {}", "0".repeat(40)), "the manifest has no target `db`"),
        ("api".to_owned(), "not two words"),
        (format!("api {head} x"), "not two words"),
        (format!("API {head}"), "no name of a target"),
        (format!("api {head}\napi {head}"), "has a line already"),
        ("api a..b".to_owned(), "does not name one commit"),
        (format!("api {}", world.git(&["rev-parse", "HEAD^{tree}"])), "is not a commit"),
    ] {
        world.run(&["--bases", &lines]).failed(2, "invalid", message);
    }
    let both = world.run(&["--base", &head, "--bases", &format!("api {head}")]);
    both.failed(2, "invalid", "input `bases`: `base` is given, too");
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

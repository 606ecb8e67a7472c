//! From where the executable is run, and which manifest it takes.

use std::fs;

use crate::world::{AT, MANIFEST, World};

/// The usual manifest with its target `web` called `site`.
fn renamed() -> String {
    MANIFEST.replace("web:", "site:")
}

#[test]
fn from_any_folder_of_the_repository() {
    let world = World::usual();
    let base = world.head();
    world.change("web/deep/er/b");
    for folder in ["r", "r/web", "r/web/deep/er", "r/.github"] {
        let run = world.run_in(folder, &["--base", &base]);
        assert_eq!(run.targets(), ["web"], "{folder}");
        assert!(run.summary.contains("web/deep/er/b"), "{folder}");
    }
}

#[test]
fn the_checked_out_manifest_counts_for_the_checked_out_commit() {
    let world = World::usual();
    let base = world.head();
    world.change("web/b");
    world.write(AT, &renamed());
    let run = world.run(&["--base", &base]);
    assert_eq!(run.targets(), ["site"], "an edit can be tried before it is committed");
    assert!(run.summary.contains("as it is on disk"), "{run:?}");
}

#[test]
fn another_commit_brings_its_own_manifest() {
    let world = World::usual();
    let base = world.head();
    let head = world.change("web/b");
    world.write(AT, &renamed());
    world.commit();
    let run = world.run(&["--base", &base, "--head", &head]);
    assert_eq!(run.targets(), ["web"]);
    assert!(run.summary.contains("as it is in the commit"), "{run:?}");
    // One without a manifest is not judged by somebody else's.
    world.remove(AT);
    let without = world.commit();
    world.write(AT, MANIFEST);
    world.commit();
    let message = format!("there is no manifest at {AT} in commit {without}");
    world.run(&["--base", &base, "--head", &without]).failed(2, "invalid", &message);
}

#[test]
fn a_manifest_that_is_not_checked_out_is_taken_from_the_commit() {
    let world = World::usual();
    let base = world.head();
    world.change("web/b");
    world.git(&["sparse-checkout", "set", "--no-cone", "/web/"]);
    assert!(!world.path("r").join(AT).exists());
    assert_eq!(world.affected(&base), ["web"]);
    world.git_in(".", &["clone", "--quiet", "--bare", "r", "bare"]);
    assert_eq!(world.run_in("bare", &["--base", &base]).targets(), ["web"]);
}

/// Clones that get trees and files when they need them.
#[test]
fn partial_clones() {
    let world = World::usual();
    world.git(&["config", "uploadpack.allowFilter", "true"]);
    let base = world.head();
    let middle = world.change("web/deep/b");
    world.change("docs/b");
    let from = format!("file://{}", world.path("r").display());
    for filter in ["tree:0", "blob:none"] {
        for checkout in ["--checkout", "--no-checkout"] {
            let name = format!("{}{checkout}", filter.replace(':', "-"));
            let filter = format!("--filter={filter}");
            let checkout = if checkout == "--checkout" { "--quiet" } else { checkout };
            world.git_in(".", &["clone", "--quiet", checkout, &filter, &from, &name]);
            assert_eq!(world.run_in(&name, &["--base", &base]).targets(), ["web"], "{name}");
            assert_eq!(
                world.run_in(&name, &["--base", &base, "--head", &middle]).targets(),
                ["web"],
                "{name}"
            );
        }
    }
}

#[test]
fn another_place_in_the_repository() {
    let world = World::usual();
    world.write("ops/[deploy] plan.yml", &renamed());
    let base = world.commit();
    world.change("web/b");
    let words = ["--base", &base, "--manifest", "./ops/[deploy] plan.yml"];
    assert_eq!(world.run(&words).targets(), ["site"]);
    world.write("ops/[deploy] plan.yml", &format!("{}\n# more\n", renamed()));
    world.commit();
    assert_eq!(world.run(&words).targets(), ["api", "site", "workers"], "it affects every target");
    world.change(AT);
    let base = world.head();
    world.write(AT, MANIFEST);
    world.commit();
    let run = world.run(&["--base", &base, "--manifest", "ops/[deploy] plan.yml"]);
    assert_eq!(run.targets().len(), 0, "the one in the usual place is a file like any other");
}

#[test]
fn an_absolute_path_is_the_file_on_disk() {
    let world = World::usual();
    let base = world.head();
    let head = world.change("web/b");
    world.change("docs/b");
    let outside = world.path("manifest.yml");
    fs::write(&outside, renamed()).unwrap();
    let outside = outside.to_str().unwrap();
    assert_eq!(world.run(&["--base", &base, "--manifest", outside]).targets(), ["site"]);
    assert_eq!(world.run(&["--base", &base, "--head", &head, "--manifest", outside]).targets(), ["site"]);
    world.run(&["--manifest", "/nonexistent/m.yml"]).failed(
        2,
        "invalid",
        "there is no file /nonexistent/m.yml",
    );

    let inside = world.path("r").join(AT);
    let base = world.head();
    world.write(AT, &format!("{MANIFEST}# more\n"));
    world.commit();
    let run = world.run(&["--base", &base, "--manifest", inside.to_str().unwrap()]);
    assert_eq!(run.targets(), ["api", "web", "workers"], "it is still the manifest");
}

/// `actions/checkout` with a `path`: the step runs in the folder above.
#[test]
fn a_repository_below_the_working_directory() {
    let world = World::usual();
    let base = world.head();
    world.change("web/b");
    let manifest = format!("r/{AT}");
    assert_eq!(world.run_in(".", &["--base", &base, "--manifest", &manifest]).targets(), ["web"]);
    let base = world.head();
    world.write(AT, &format!("{MANIFEST}# more\n"));
    world.commit();
    let run = world.run_in(".", &["--base", &base, "--manifest", &manifest]);
    assert_eq!(run.targets(), ["api", "web", "workers"]);
    let run = world.run_in(".", &["--base", &base]);
    run.failed(1, "failed", "is not in a git repository");
    assert!(run.stderr.contains("hint: put an `actions/checkout` step before this one"), "{run:?}");
}

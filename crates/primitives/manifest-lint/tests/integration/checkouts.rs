//! Where the tree comes from: git's index, whatever is on disk and wherever the step runs.

use std::fs;

use crate::world::{AT, World};

#[test]
fn what_git_does_not_track_raises_no_alarm() {
    let world = World::usual();
    world.write(".gitignore", "apps/ignored/\n");
    world.write("apps/ignored/x", "1\n");
    world.write("apps/untracked/x", "1\n");
    fs::create_dir_all(world.path("r/apps/empty")).unwrap();
    world.run(&["--strict"]).ended(0, "success", Some("clean"));
}

#[test]
fn what_was_just_added_counts() {
    let world = World::usual();
    world.write("apps/new/x", "1\n");
    world.git(&["add", "apps/new"]);
    let run = world.run(&[]);
    run.ended(1, "refused", Some("error"));
    assert_eq!(run.rules(), ["uncovered-directory"]);
    world.git(&["rm", "--quiet", "-r", "--cached", "apps/new"]);
    world.run(&[]).ended(0, "success", Some("clean"));
}

#[test]
fn a_submodule_counts_as_a_directory() {
    let world = World::usual();
    fs::create_dir_all(world.path("r/apps/sub")).unwrap();
    world.git_in("r/apps/sub", &["init", "--quiet"]);
    world.git_in("r/apps/sub", &["commit", "--quiet", "--allow-empty", "--message=x"]);
    world.git(&["-c", "advice.addEmbeddedRepo=false", "add", "apps/sub"]);
    let run = world.run(&[]);
    run.ended(1, "refused", Some("error"));
    assert!(run.stderr.contains("directory \"apps/sub\" (1 file)"), "{run:?}");
}

#[test]
fn a_conflict_is_one_path() {
    let world = World::usual();
    for (branch, text) in [("one", "x\n"), ("other", "y\n")] {
        world.git(&["checkout", "--quiet", "-b", branch, "main"]);
        world.write("apps/api/a", text);
        world.commit();
    }
    let merge = || world.git(&["merge", "--quiet", "one"]);
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(merge)).is_err());
    let run = world.run(&[]);
    run.ended(0, "success", Some("clean"));
    assert!(run.stderr.ends_with("5 tracked paths\n"), "{run:?}");
}

#[test]
fn shallow_partial_and_sparse_checkouts_are_enough() {
    let world = World::usual();
    world.git(&["config", "uploadpack.allowFilter", "true"]);
    world.write("apps/new/x", "1\n");
    world.commit();
    let from = format!("file://{}", world.path("r").display());
    world.git_in(".", &["clone", "--quiet", "--depth=1", &from, "shallow"]);
    world.git_in(".", &["clone", "--quiet", "--depth=1", "--filter=tree:0", "--sparse", &from, "sparse"]);
    world.git_in("sparse", &["sparse-checkout", "set", "--sparse-index", ".github"]);
    assert!(!world.path("sparse/apps").exists());
    for clone in ["shallow", "sparse"] {
        let run = world.run_in(clone, &[]);
        run.ended(1, "refused", Some("error"));
        assert!(run.stderr.contains("\"apps/new\" (1 file)"), "{clone} {run:?}");
    }
}

#[test]
fn it_runs_from_any_folder() {
    let world = World::usual();
    world.run_in("r/apps/api", &["--strict"]).ended(0, "success", Some("clean"));
    // Beside the repository, as after `actions/checkout` with a `path`.
    let beside = format!("--manifest=r/{AT}");
    world.run_in(".", &[&beside, "--strict"]).ended(0, "success", Some("clean"));
    let absolute = format!("--manifest={}", world.path("r").join(AT).display());
    world.run(&[&absolute, "--strict"]).ended(0, "success", Some("clean"));
    world.write("apps/new/x", "1\n");
    world.git(&["add", "--all"]);
    for (folder, words) in [(".", &beside), ("r/apps", &absolute)] {
        let run = world.run_in(folder, &[words]);
        run.ended(1, "refused", Some("error"));
        assert!(
            run.stderr.contains("\n.github/deploy-manifest.yml:") || run.stderr.starts_with(".github/"),
            "{run:?}"
        );
    }
}

#[test]
fn a_manifest_outside_keeps_its_name() {
    let world = World::usual();
    fs::write(world.path("other.yml"), "version: 1\ntargets:\n  a: { paths: [apps/**] }\n").unwrap();
    let name = world.path("other.yml").display().to_string();
    world.run(&["--manifest", &name]).ended(0, "success", Some("clean"));
    fs::write(world.path("other.yml"), "version: 1\ntargets:\n  a: { paths: [apps/api/**] }\n").unwrap();
    let run = world.run(&["--manifest", &name]);
    run.ended(1, "refused", Some("error"));
    assert!(run.stderr.contains(&format!("{name}:3:16: error [uncovered-directory]")), "{run:?}");
}

#[test]
fn no_repository_no_success() {
    let world = World::usual();
    fs::create_dir(world.path("plain")).unwrap();
    let run = world.run_in("plain", &[]);
    run.ended(1, "failed", None);
    assert!(run.stderr.contains("actions/checkout"), "{run:?}");
    let from = format!("file://{}", world.path("r").display());
    world.git_in(".", &["clone", "--quiet", "--bare", &from, "bare"]);
    let run = world.run_in("bare", &[]);
    run.ended(2, "invalid", None);
    assert!(run.stderr.contains("no checked-out files"), "{run:?}");
    let empty = World::empty();
    empty.write(AT, "version: 1\ntargets:\n  a: { paths: [a] }\n");
    let run = empty.run(&[]);
    run.ended(1, "failed", None);
    assert!(run.stderr.contains("git tracks no file"), "{run:?}");
}

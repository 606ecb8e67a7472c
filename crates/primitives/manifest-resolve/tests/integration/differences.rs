//! Every way in which a path can differ between two commits.

use std::fs;

use crate::world::World;

#[test]
fn targets_are_sorted_and_coupled_ones_added() {
    let world = World::usual();
    let base = world.head();
    world.change("web/b");
    world.change("api/b");
    let run = world.run(&["--base", &base]);
    assert_eq!(run.outputs["targets"], r#"["api","web","workers"]"#);
    assert_eq!(run.outputs["any"], "true");
    assert_eq!(run.outputs["base"], base);
    assert_eq!(run.outputs["head"], world.head());
    assert_eq!(run.outputs["result"], "success");
    assert_eq!(run.stdout, "");
}

#[test]
fn nothing_changed() {
    let world = World::usual();
    let base = world.head();
    let run = world.run(&["--base", &base]);
    assert_eq!((run.outputs["targets"].as_str(), run.outputs["any"].as_str()), ("[]", "false"));
    world.commit();
    assert_eq!(world.affected(&base), [""; 0], "an empty commit");
    world.change("web/a");
    world.write("web/a", "1\n");
    world.commit();
    assert_eq!(world.affected(&base), [""; 0], "there and back");
}

#[test]
fn paths_that_affect_nothing() {
    let world = World::usual();
    let base = world.head();
    world.change("docs/b");
    world.change("README.md");
    assert_eq!(world.affected(&base), [""; 0]);
    world.change("api/b.md");
    assert_eq!(world.affected(&base), [""; 0], "a pattern with a ! takes it away");
}

#[test]
fn everything_and_the_manifest_itself() {
    let world = World::usual();
    let base = world.head();
    world.change("lock");
    assert_eq!(world.affected(&base), ["api", "web", "workers"]);

    let world = World::usual();
    let base = world.head();
    let manifest = fs::read_to_string(world.path("r").join(crate::world::AT)).unwrap();
    world.write(crate::world::AT, &format!("{manifest}# a comment\n"));
    world.commit();
    assert_eq!(world.affected(&base), ["api", "web", "workers"]);
}

#[test]
fn a_deleted_path_counts() {
    let world = World::usual();
    let base = world.head();
    world.remove("web/a");
    world.commit();
    assert_eq!(world.affected(&base), ["web"]);
}

#[test]
fn a_rename_counts_where_it_came_from_and_where_it_went() {
    let world = World::usual();
    world.write("web/long", &"a line that does not change\n".repeat(50));
    let base = world.commit();
    fs::rename(world.path("r/web/long"), world.path("r/api/long")).unwrap();
    world.commit();
    assert_eq!(world.affected(&base), ["api", "web", "workers"]);

    let base = world.head();
    fs::rename(world.path("r/api/long"), world.path("r/docs/long")).unwrap();
    world.commit();
    assert_eq!(world.affected(&base), ["api", "workers"], "moved out");
}

#[test]
fn a_change_of_mode_or_type_counts() {
    let world = World::usual();
    let base = world.head();
    world.script("r/web/a", "");
    world.write("web/a", "1\n");
    world.commit();
    assert_eq!(world.git(&["diff", "--stat", &base, "HEAD"]).lines().count(), 2);
    assert_eq!(world.affected(&base), ["web"], "mode");

    let base = world.head();
    world.remove("web/a");
    std::os::unix::fs::symlink("../docs/a", world.path("r/web/a")).unwrap();
    world.commit();
    assert_eq!(world.affected(&base), ["web"], "a file became a link");

    let base = world.head();
    fs::remove_dir_all(world.path("r/web")).unwrap();
    world.write("web", "now a file\n");
    world.commit();
    assert_eq!(world.affected(&base), ["web"], "a directory became a file");
}

#[test]
fn a_submodule_counts_when_it_moves() {
    let world = World::with(
        "version: 1\ntargets:\n  web: { paths: [\"web/**\"] }\n  sub: { paths: [\"libs/sub/**\"] }\n",
        &["web/a"],
    );
    world.init("sub");
    world.git_in("sub", &["commit", "--quiet", "--allow-empty", "--message=x"]);
    let pin = |commit: &str| {
        let entry = format!("160000,{commit},libs/sub");
        world.git(&["update-index", "--add", "--cacheinfo", &entry]);
        world.git(&["commit", "--quiet", "--message=x"]);
    };
    // The very settings that hide submodules from `git diff`.
    world.write(".gitmodules", "[submodule \"sub\"]\n\tpath = libs/sub\n\turl = ../sub\n\tignore = all\n");
    world.git(&["add", ".gitmodules"]);
    pin(&world.git_in("sub", &["rev-parse", "HEAD"]));
    world.git(&["config", "submodule.sub.ignore", "all"]);
    world.git(&["config", "diff.ignoreSubmodules", "all"]);
    let base = world.head();
    pin(&"1".repeat(40));
    assert_eq!(world.affected(&base), ["sub"]);
}

#[test]
fn names_of_any_bytes() {
    let names: [&[u8]; 6] = [
        b"web/\xff\xfe",
        b"web/new\nline",
        b"web/ta\tb\"quote\\",
        "web/é".as_bytes(),
        b"web/ space ",
        b"web/:(glob)**",
    ];
    for name in names {
        let world = World::usual();
        let base = world.head();
        world.change(name);
        assert_eq!(world.affected(&base), ["web"], "{}", String::from_utf8_lossy(name));
    }
}

#[test]
fn a_merge_is_compared_as_a_whole() {
    let world = World::usual();
    let base = world.head();
    world.git(&["switch", "--quiet", "--create", "side"]);
    world.change("api/side");
    world.git(&["switch", "--quiet", "main"]);
    let before = world.change("web/main");
    world.git(&["merge", "--quiet", "--no-edit", "side"]);
    assert_eq!(world.affected(&base), ["api", "web", "workers"]);
    assert_eq!(world.affected(&before), ["api", "workers"], "against the first parent");
    assert_eq!(world.affected("side"), ["web"], "against the second");
}

#[test]
fn any_two_commits_in_any_order() {
    let world = World::usual();
    let first = world.head();
    let second = world.change("web/b");
    world.git(&["tag", "--annotate", "--message=x", "v1", &first]);
    for (base, head) in [
        ("v1", "main"),
        (first.as_str(), second.as_str()),
        (&second, &first),
        ("HEAD~1", "HEAD"),
        (&first[..10], "HEAD"),
    ] {
        let run = world.run(&["--base", base, "--head", head]);
        assert_eq!(run.targets(), ["web"], "{base} {head}");
    }
    let run = world.run(&["--base", "v1", "--head", "v1"]);
    assert_eq!((run.targets().len(), &run.outputs["head"]), (0, &first));
}

#[test]
fn commits_without_a_common_history() {
    let world = World::usual();
    let base = world.head();
    world.git(&["switch", "--quiet", "--orphan", "other"]);
    world.write(crate::world::AT, crate::world::MANIFEST);
    world.write("web/a", "1\n");
    world.write("docs/a", "1\n");
    world.write("lock", "1\n");
    world.commit();
    assert_eq!(world.affected(&base), ["api", "workers"], "api/a and workers/a are not there any more");
}

#[test]
fn a_repository_with_sha_256() {
    let world = World::empty();
    fs::remove_dir_all(world.path("r/.git")).unwrap();
    world.git(&["init", "--quiet", "--initial-branch=main", "--object-format=sha256"]);
    world.write(crate::world::AT, crate::world::MANIFEST);
    let base = world.commit();
    assert_eq!(base.len(), 64);
    world.change("web/a");
    assert_eq!(world.affected(&base), ["web"]);
    assert_eq!(world.affected(&"0".repeat(64)), ["api", "web", "workers"]);
}

#[test]
fn a_thousand_paths_in_deep_folders() {
    let world = World::usual();
    let base = world.head();
    for index in 0..1000 {
        world.write(format!("web/{}/{}/{index}", index % 10, index % 7), "x");
    }
    world.commit();
    let run = world.run(&["--base", &base]);
    assert_eq!(run.targets(), ["web"]);
    assert!(run.summary.contains("| 1000 files |"), "{}", run.summary);
}

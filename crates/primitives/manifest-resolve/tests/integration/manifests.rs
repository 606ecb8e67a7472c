//! Manifests that are refused: each with its place, and never with an empty list.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::world::{AT, MANIFEST, World};

#[test]
fn every_refusal_names_file_line_and_column() {
    let world = World::usual();
    let base = world.head();
    world.change("web/b");
    for (text, wanted) in [
        ("", "1:1: `version` is missing"),
        ("version: 2\n", "1:10: version 2 is not supported, only version 1 is"),
        ("version: 1\ntargets: {}\n", "2:10: `targets` has no target"),
        (
            "version: 1\ntargets:\n  a: {paths: []}\n",
            "3:14: target `a` has no paths, so nothing could ever affect it",
        ),
        ("version: 1\ntargets:\n  a: {paths: [x]}\n  a: {paths: [y]}\n", "4:3: duplicate key `a`"),
        (
            "version: 1\ntargets:\n  a: {paths: [x], colour: blue}\n",
            "3:19: targets.a: unknown field `colour`",
        ),
        (
            "version: 1\ntargets:\n  a: {paths: [x]}\ncoupling: [[a, b]]\n",
            "4:16: unknown target \"b\" in `coupling`",
        ),
        (
            "version: 1\ntargets:\n  a:\n    paths:\n    - x\n    - a/**b\n",
            "6:7: pattern \"a/**b\": `**` inside a segment",
        ),
        (
            "version: 1\ntargets:\n  a: {paths: ['@(a|b)']}\n",
            "3:15: pattern \"@(a|b)\": extglobs are not supported",
        ),
        (
            "version: 1\ntargets:\n  A: {paths: [x]}\n",
            "3:3: target name \"A\" does not match [a-z][a-z0-9-]*",
        ),
        ("version: 1\ntargets: [\n", "3:1: "),
        ("version: 1\ntargets:\n  a: {paths: [!x ]}\n", "3:15: `x` is a YAML tag here, not text"),
    ] {
        world.write(AT, text);
        let run = world.run(&["--base", &base]);
        run.failed(2, "invalid", &format!("{AT}:{wanted}"));
    }
}

#[test]
fn hints_stand_below_the_error() {
    let world = World::usual();
    world.write(AT, "version: 1\ntargets:\n  a: {paths: [/x, 'a**']}\n");
    let run = world.run(&[]);
    run.failed(2, "invalid", "error: .github/deploy-manifest.yml:3:15: pattern \"/x\": a leading `/`\n");
    assert!(
        run.stderr.contains("\n.github/deploy-manifest.yml:3:19: pattern \"a**\": `**` inside a segment\n")
    );
    assert!(run.stderr.contains("\nhint: paths start at the top of the repository"), "{run:?}");
    assert!(run.stderr.contains("\nhint: `**` stands alone"), "{run:?}");
}

#[test]
fn files_that_cannot_be_read() {
    let world = World::usual();
    let on_disk = world.path("r").join(AT);
    fs::write(&on_disk, b"version: 1 # \xff\n").unwrap();
    world.run(&[]).failed(2, "invalid", ":1:14: the file is not UTF-8 text");
    fs::write(&on_disk, "#".repeat(2 << 20)).unwrap();
    world.run(&[]).failed(2, "invalid", ":1:1: the file is larger than 1048576 bytes");
    fs::remove_file(&on_disk).unwrap();
    fs::create_dir(&on_disk).unwrap();
    world.run(&[]).failed(2, "invalid", "cannot be read: it is not a file");
    fs::remove_dir(&on_disk).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&on_disk).status().unwrap();
    assert!(made.success());
    world.run(&[]).failed(2, "invalid", "cannot be read: it is not a file");
}

#[test]
fn a_file_that_must_not_be_read() {
    let world = World::usual();
    let on_disk = world.path("r").join(AT);
    fs::set_permissions(&on_disk, fs::Permissions::from_mode(0o000)).unwrap();
    let run = world.run(&[]);
    if fs::read(&on_disk).is_ok() {
        // A superuser may read everything.
        assert_eq!(run.code, 0, "{run:?}");
    } else {
        run.failed(2, "invalid", "cannot be read: Permission denied");
    }
}

#[test]
fn in_a_commit_too() {
    let world = World::usual();
    let base = world.head();
    world.write(AT, "version: 3\n");
    let broken = world.commit();
    world.remove(AT);
    std::os::unix::fs::symlink("../m.yml", world.path("r").join(AT)).unwrap();
    world.write("m.yml", MANIFEST);
    let link = world.commit();
    world.remove("m.yml");
    let dangling = world.commit();
    world.remove(AT);
    world.write(format!("{AT}/x"), "");
    let folder = world.commit();
    world.change("docs/b");
    let refused = |head: &str, message: &str| {
        world.run(&["--base", &base, "--head", head]).failed(2, "invalid", message);
    };
    refused(&broken, &format!("{AT}:1:10: version 3 is not supported"));
    assert_eq!(world.run(&["--base", &link, "--head", &link]).code, 0, "a link is followed");
    refused(&dangling, "is a symbolic link that leads nowhere in commit");
    refused(&folder, "is a directory in commit");
}

#[test]
fn inputs_that_are_wrong() {
    let world = World::usual();
    for (word, message) in [
        ("--manifest=../m.yml", "input `manifest`: \"../m.yml\" is not the path of a file in the repository"),
        ("--on-missing-base=none", "invalid value 'none' for '--on-missing-base"),
        ("--unowned=maybe", "invalid value 'maybe' for '--unowned"),
        ("--fetch=yes", "expected true or false"),
        ("--basis=x", "unexpected argument '--basis'"),
        ("x", "a word without a flag"),
    ] {
        world.run(&[word]).failed(2, "invalid", message);
    }
}

#[test]
fn inputs_come_from_the_environment_as_well() {
    let mut world = World::usual();
    let base = world.head();
    world.change("web/b");
    world.change("new/b");
    world.set("INPUT_BASE", &base);
    world.set("INPUT_HEAD", "");
    world.set("INPUT_FETCH", "");
    world.set("INPUT_UNOWNED", "error");
    world.run(&[]).failed(1, "refused", "1 changed path belongs to no target");
    assert_eq!(world.run(&["--unowned=ignore"]).targets(), ["web"]);
}

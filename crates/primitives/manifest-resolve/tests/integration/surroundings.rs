//! What must not change the answer.

use std::fs;

use crate::world::World;

/// A repository in which each of git's conveniences would hide a change.
fn tempting() -> (World, String) {
    let world = World::usual();
    world.write("web/long", &"the same line\n".repeat(40));
    world.write("api/long.txt", "1\n");
    let base = world.commit();
    fs::rename(world.path("r/web/long"), world.path("r/docs/long")).unwrap();
    world.write("workers/a", "1 \n");
    world.write("api/é.bin", "x");
    world.commit();
    (world, base)
}

const WANTED: [&str; 3] = ["api", "web", "workers"];

#[test]
fn configuration() {
    let (world, base) = tempting();
    assert_eq!(world.affected(&base), WANTED);
    for (key, value) in [
        ("diff.renames", "copies"),
        ("diff.relative", "true"),
        ("diff.ignoreSubmodules", "all"),
        ("diff.external", "false"),
        ("diff.noprefix", "true"),
        ("diff.orderFile", "/nonexistent"),
        ("diff.wsErrorHighlight", "all"),
        ("diff.x.textconv", "true"),
        ("core.quotePath", "true"),
        ("core.abbrev", "4"),
        ("core.ignoreCase", "true"),
        ("core.fileMode", "false"),
        ("core.pager", "false"),
        ("core.whitespace", "-trailing-space"),
        ("core.fsmonitor", "false-program"),
        ("color.ui", "always"),
        ("format.pretty", "oneline"),
        ("log.showSignature", "true"),
        ("pager.diff-tree", "true"),
        ("alias.diff-tree", "!false"),
        ("submodule.recurse", "true"),
    ] {
        world.git(&["config", key, value]);
    }
    fs::copy(world.path("r/.git/config"), world.path("home/.gitconfig")).unwrap();
    assert_eq!(world.affected(&base), WANTED);
    assert_eq!(world.run_in("r/web/../docs", &["--base", &base]).targets(), WANTED, "in a folder of it");
}

#[test]
fn attributes() {
    let (world, base) = tempting();
    fs::create_dir_all(world.path("r/.git/info")).unwrap();
    fs::write(
        world.path("r/.git/info/attributes"),
        "* -diff -text diff=x export-ignore linguist-generated\n",
    )
    .unwrap();
    world.git(&["config", "diff.x.command", "false"]);
    assert_eq!(world.affected(&base), WANTED);
}

#[test]
fn the_environment() {
    let (mut world, base) = tempting();
    world.init("other");
    for (name, value) in [
        ("GIT_DIR", world.path("other/.git").display().to_string()),
        ("GIT_WORK_TREE", world.path("other").display().to_string()),
        ("GIT_INDEX_FILE", world.path("other/index").display().to_string()),
        ("GIT_OBJECT_DIRECTORY", world.path("other/.git/objects").display().to_string()),
        ("GIT_CEILING_DIRECTORIES", world.path("").display().to_string()),
        ("GIT_EXTERNAL_DIFF", "false".to_owned()),
        ("GIT_DIFF_OPTS", "--unified=0".to_owned()),
        ("GIT_GLOB_PATHSPECS", "1".to_owned()),
        ("GIT_ICASE_PATHSPECS", "1".to_owned()),
        ("GIT_PAGER", "false".to_owned()),
        ("GIT_TRACE", "1".to_owned()),
        ("GIT_FLUSH", "0".to_owned()),
        ("GIT_CONFIG_COUNT", "2".to_owned()),
        ("GIT_CONFIG_KEY_0", "diff.renames".to_owned()),
        ("GIT_CONFIG_VALUE_0", "true".to_owned()),
        ("GIT_CONFIG_KEY_1", "diff.ignoreSubmodules".to_owned()),
        ("GIT_CONFIG_VALUE_1", "all".to_owned()),
        ("LC_ALL", "de_DE.UTF-8".to_owned()),
        ("LANGUAGE", "de".to_owned()),
        ("PAGER", "false".to_owned()),
    ] {
        world.set(name, &value);
    }
    assert_eq!(world.affected(&base), WANTED);
}

#[test]
fn replaced_objects() {
    let (world, base) = tempting();
    let head = world.head();
    world.git(&["replace", &head, &base]);
    assert_eq!(world.affected(&base), WANTED);
}

#[test]
fn the_index_and_uncommitted_changes() {
    let (world, base) = tempting();
    world.write("web/uncommitted", "x");
    world.write("lock", "staged");
    world.git(&["add", "lock"]);
    fs::write(world.path("r/.git/index.lock"), "").unwrap();
    let run = world.run(&["--base", &base]);
    assert_eq!(run.targets(), WANTED);
    assert!(!run.summary.contains("lock"), "{run:?}");
    fs::write(world.path("r/.git/index"), "rubbish").unwrap();
    assert_eq!(world.affected(&base), WANTED);
}

#[test]
fn names_that_differ_in_case_only() {
    let world = World::usual();
    let base = world.head();
    world.change("Web/a");
    world.change("API/a");
    let run = world.run(&["--base", &base]);
    assert_eq!(run.targets().len(), 0);
    assert!(run.stderr.contains("2 changed paths belong to no target"), "{run:?}");
}

#[test]
fn git_that_is_missing_or_distrusts() {
    let mut world = World::usual();
    let path = world.variables()["PATH"].clone();
    world.set("PATH", "/nonexistent");
    world.run(&[]).failed(1, "failed", "git is not installed");
    let real =
        std::env::split_paths(&path).map(|folder| folder.join("git")).find(|git| git.is_file()).unwrap();
    let shim =
        world.script("bin/git", &format!("GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {} \"$@\"", real.display()));
    world.set("PATH", &format!("{}:/usr/bin:/bin", shim.parent().unwrap().display()));
    let run = world.run(&[]);
    run.failed(1, "failed", "belongs to another user");
    assert!(run.stderr.contains("git config --global --add safe.directory"), "{run:?}");
}

#[test]
fn a_git_that_answers_nonsense_or_breaks_off() {
    let mut world = World::usual();
    let base = world.head();
    world.change("web/b");
    let path = world.variables()["PATH"].clone();
    let real =
        std::env::split_paths(&path).map(|folder| folder.join("git")).find(|git| git.is_file()).unwrap();
    let zero = "0".repeat(40);
    for (answer, code, word) in [
        (format!("printf ':100644 100644 {zero} {zero} M\\0web/a\\0'; exit 128"), 1, "failed"),
        (format!("printf ':100644 100644 {zero} {zero} M\\0web'"), 70, "bug"),
        ("echo hello".to_owned(), 70, "bug"),
        ("echo 'fatal: out of memory ::error::x' >&2; exit 128".to_owned(), 1, "failed"),
        ("kill -9 $$".to_owned(), 1, "failed"),
    ] {
        let text = format!(
            "for word; do if [ \"$word\" = diff-tree ]; then {answer}; exit; fi; done\nexec {} \"$@\"",
            real.display()
        );
        let shim = world.script("bin/git", &text);
        world.set("PATH", &format!("{}:{path}", shim.parent().unwrap().display()));
        world.run(&["--base", &base]).failed(code, word, "git diff-tree");
    }
}

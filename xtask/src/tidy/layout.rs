//! Where things are.

use std::collections::BTreeSet;

use super::Finding;
use super::tree::Tree;
use crate::codegen::HEADER;

/// What may stand in the workspace's top folder.
const TOP_LEVEL: [&str; 19] = [
    ".cargo",
    ".ci",
    ".gitattributes",
    ".github",
    ".gitignore",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "actions",
    "clippy.toml",
    "crates",
    "docs",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "xtask",
];

/// The top folder stays small enough to be understood at a glance.
pub(super) fn known_top_level(tree: &Tree) -> Vec<Finding> {
    let entries: BTreeSet<&str> = tree.files.keys().filter_map(|path| path.split('/').next()).collect();
    entries
        .into_iter()
        .filter(|entry| !TOP_LEVEL.contains(entry))
        .map(|entry| {
            Finding::new(entry, "is new in the top folder: put it where it belongs, or name it in tidy")
        })
        .collect()
}

/// A primitive without an action cannot be used, an action without a primitive cannot run. The launcher is no
/// primitive.
pub(super) fn primitives_and_actions_match(tree: &Tree) -> Vec<Finding> {
    let primitives: BTreeSet<&str> = tree.folders_with("crates/primitives/", "Cargo.toml").collect();
    let actions: BTreeSet<&str> = tree.folders_with("actions/", "action.yml").collect();
    let lonely = |name: &&str, here: &str, there: &str| {
        Finding::new(format!("{here}/{name}"), format!("has no counterpart in {there}"))
    };
    let missing = primitives.difference(&actions).map(|name| lonely(name, "crates/primitives", "actions"));
    let extra = actions.difference(&primitives).map(|name| lonely(name, "actions", "crates/primitives"));
    missing.chain(extra).collect()
}

/// A primitive's `main.rs` only names the primitive.
pub(super) fn mains_are_short(tree: &Tree) -> Vec<Finding> {
    long(tree, "/src/main.rs", 14).into_iter().filter(|f| f.place.starts_with("crates/primitives/")).collect()
}

/// A file holds one idea.
pub(super) fn files_are_short(tree: &Tree) -> Vec<Finding> {
    [".rs", ".sh", ".py", ".mjs"].iter().flat_map(|end| long(tree, end, 700)).collect()
}

fn long(tree: &Tree, end: &str, most: usize) -> Vec<Finding> {
    tree.ending(end)
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > most)
        .map(|(path, lines)| Finding::new(path, format!("has {lines} lines, at most {most} are allowed")))
        .collect()
}

/// `foo.rs` beside `foo/`, so that no two tabs of an editor are called `mod.rs`.
pub(super) fn modules_are_modern(tree: &Tree) -> Vec<Finding> {
    tree.ending("/mod.rs")
        .map(|(path, _)| Finding::new(path, "is called `foo.rs` beside `foo/` here"))
        .collect()
}

/// The one test binary beside `integration`: every fault at every call takes long, and is run by itself.
const MATRIX: &str = "crates/rehearsal/tests/matrix/main.rs";

/// One integration binary a crate links once and starts once.
pub(super) fn tests_are_one_binary(tree: &Tree) -> Vec<Finding> {
    tree.ending(".rs")
        .filter(|(path, _)| {
            let mut folders = path.rsplit('/').skip(1);
            let direct = folders.next() == Some("tests") && !path.contains("/src/");
            direct || path.ends_with("/main.rs") && path != &MATRIX && is_second_test(path)
        })
        .map(|(path, _)| Finding::new(path, "belongs into `tests/integration/`, the crate's one test binary"))
        .collect()
}

fn is_second_test(path: &str) -> bool {
    path.rsplit_once("/tests/")
        .is_some_and(|(_, rest)| rest != "integration/main.rs" && rest.matches('/').count() == 1)
}

/// What a tool leaves behind for a person to look at is no part of the project.
pub(super) fn no_leftovers(tree: &Tree) -> Vec<Finding> {
    const LEFTOVERS: [&str; 5] = [".pending-snap", ".snap.new", ".orig", ".rej", ".DS_Store"];
    let leftover = |path: &&String| LEFTOVERS.iter().any(|end| path.ends_with(end));
    tree.files
        .keys()
        .filter(leftover)
        .map(|path| Finding::new(path, "is a tool's leftover: remove it"))
        .collect()
}

/// A generated file says what made it, in its first line.
pub(super) fn generated_files_say_so(tree: &Tree) -> Vec<Finding> {
    let generated = |path: &str| {
        let file = path.strip_prefix("actions/").and_then(|rest| rest.split_once('/'));
        file.is_some_and(|(action, file)| action != "launch" && matches!(file, "action.yml" | "README.md"))
    };
    tree.files
        .iter()
        .filter(|(path, text)| {
            generated(path) && !text.lines().next().is_some_and(|line| line.contains(HEADER))
        })
        .map(|(path, _)| Finding::new(path, format!("must begin with `{HEADER}`: run `cargo xtask codegen`")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::planted;
    use super::*;

    fn places(rule: super::super::Rule, files: &[(&str, &str)]) -> Vec<String> {
        rule(&planted(files)).into_iter().map(|finding| finding.place).collect()
    }

    #[test]
    fn a_new_top_level_entry_is_refused() {
        let files = [("README.md", ""), ("xtask/src/main.rs", ""), ("notes.txt", ""), ("scripts/a.sh", "")];
        assert_eq!(places(known_top_level, &files), ["notes.txt", "scripts"]);
    }

    #[test]
    fn a_primitive_and_its_action_come_together() {
        let files = [
            ("crates/primitives/kv-bind/Cargo.toml", ""),
            ("crates/primitives/cname-flip/Cargo.toml", ""),
            ("actions/kv-bind/action.yml", ""),
            ("actions/old/action.yml", ""),
            ("actions/launch/launch.sh", ""),
        ];
        assert_eq!(
            places(primitives_and_actions_match, &files),
            ["crates/primitives/cname-flip", "actions/old"]
        );
    }

    #[test]
    fn a_long_main_is_refused() {
        let files = [
            ("crates/primitives/a/src/main.rs", &*"x\n".repeat(14)),
            ("crates/primitives/b/src/main.rs", &*"x\n".repeat(15)),
            ("xtask/src/main.rs", &*"x\n".repeat(15)),
        ];
        assert_eq!(places(mains_are_short, &files), ["crates/primitives/b/src/main.rs"]);
    }

    #[test]
    fn a_long_file_is_refused() {
        let files = [
            ("a.rs", &*"x\n".repeat(700)),
            ("b.rs", &*"x\n".repeat(701)),
            ("data.json", &*"x\n".repeat(9000)),
        ];
        assert_eq!(places(files_are_short, &files), ["b.rs"]);
    }

    #[test]
    fn old_module_files_are_refused() {
        assert_eq!(places(modules_are_modern, &[("a/mod.rs", ""), ("a/b.rs", "")]), ["a/mod.rs"]);
    }

    #[test]
    fn a_second_test_binary_is_refused() {
        let files = [
            ("crates/base/a/tests/integration/main.rs", ""),
            ("crates/base/a/tests/integration/topic.rs", ""),
            ("crates/base/a/src/message/tests.rs", ""),
            ("crates/base/a/tests/other.rs", ""),
            ("crates/base/a/tests/more/main.rs", ""),
            ("crates/rehearsal/tests/matrix/main.rs", ""),
        ];
        assert_eq!(
            places(tests_are_one_binary, &files),
            ["crates/base/a/tests/more/main.rs", "crates/base/a/tests/other.rs"]
        );
    }

    #[test]
    fn leftovers_are_refused() {
        let files = [("a/.life.rs.pending-snap", ""), ("a/b.snap.new", ""), ("a/b.snap", "")];
        assert_eq!(places(no_leftovers, &files), ["a/.life.rs.pending-snap", "a/b.snap.new"]);
    }

    #[test]
    fn a_generated_file_without_its_header_is_refused() {
        let headed = format!("# {HEADER}\nname: a\n");
        let files = [
            ("actions/a/action.yml", headed.as_str()),
            ("actions/b/action.yml", "name: b\n"),
            ("actions/b/README.md", "# b\n"),
            ("actions/launch/README.md", "# launch\n"),
        ];
        assert_eq!(places(generated_files_say_so, &files), ["actions/b/README.md", "actions/b/action.yml"]);
    }
}

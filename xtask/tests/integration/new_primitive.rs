//! A new primitive, made in a copy of this workspace, compiles, passes its own tests and keeps the rules.

use std::fs;
use std::path::Path;
use std::process::Command;

use rehearsal::executables;

use super::{own_root, printed, xtask};

const NAME: &str = "sample-primitive";

#[test]
fn a_new_primitive_works_at_once() {
    // Always the same place and one build folder of its own, so that only the first run compiles what it needs. The
    // other primitives come from this workspace's build.
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-primitive");
    let root = scratch.join("workspace");
    copy_workspace(&root);
    let build = scratch.join("target");

    let made = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("--root")
        .arg(&root)
        .args(["new-primitive", NAME])
        .env("CARGO_TARGET_DIR", &build)
        .env(executables::BIN_DIR, executables::executables().unwrap().dir())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", printed(&made));

    let tested = Command::new(env!("CARGO"))
        .current_dir(&root)
        .args(["test", "--offline", "--package", NAME])
        .env("CARGO_TARGET_DIR", &build)
        .output()
        .unwrap();
    assert!(tested.status.success(), "{}", printed(&tested));
    assert!(printed(&tested).contains("2 passed"), "{}", printed(&tested));

    let formatted =
        Command::new(env!("CARGO")).current_dir(&root).args(["fmt", "--check", "-p", NAME]).output().unwrap();
    assert!(formatted.status.success(), "{}", printed(&formatted));

    let action = fs::read_to_string(root.join("actions").join(NAME).join("action.yml")).unwrap();
    assert!(action.contains("INPUT_TEXT: ${{ inputs.text }}"), "{action}");
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    assert!(readme.contains("| [sample-primitive](actions/sample-primitive/README.md) |"), "{readme}");

    let tidied = printed(&xtask(&root, &["tidy"]));
    assert!(!tidied.contains(NAME), "{tidied}");

    let again = xtask(&root, &["new-primitive", NAME]);
    assert!(
        !again.status.success() && printed(&again).contains("in Cargo.lock already"),
        "{}",
        printed(&again)
    );
}

/// The files that git knows or would add, as a repository of their own.
fn copy_workspace(root: &Path) {
    if root.exists() {
        fs::remove_dir_all(root).unwrap();
    }
    fs::create_dir_all(root).unwrap();
    let git = |folder: &Path, words: &[&str]| {
        let output = Command::new("git").current_dir(folder).args(words).output().unwrap();
        assert!(output.status.success(), "{}", printed(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let list = git(own_root(), &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    for path in list.split_terminator('\0').filter(|path| own_root().join(path).is_file()) {
        let to = root.join(path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(own_root().join(path), to).unwrap();
    }
    git(root, &["init", "--quiet"]);
}

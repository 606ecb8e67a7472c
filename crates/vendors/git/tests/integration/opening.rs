//! Finding the repository.

use git::GitError;

use crate::sandbox::Sandbox;

#[tokio::test]
async fn from_any_folder_of_it() {
    let sandbox = Sandbox::new();
    sandbox.init("r");
    sandbox.commit("r", &[("a/b/c", "1")]);
    let top = sandbox.open("r").await.unwrap();
    assert_eq!(top.work_tree().unwrap(), sandbox.path("r"));
    assert!(!top.is_shallow());
    let below = sandbox.open("r/a/b").await.unwrap();
    assert_eq!(below.work_tree().unwrap().canonicalize().unwrap(), sandbox.path("r").canonicalize().unwrap());
}

#[tokio::test]
async fn bare_and_shallow_ones() {
    let sandbox = Sandbox::new();
    sandbox.init("r");
    sandbox.commit("r", &[("a", "1")]);
    sandbox.commit("r", &[("a", "2")]);
    sandbox.git(".", &["clone", "--quiet", "--bare", "r", "bare"]);
    assert_eq!(sandbox.open("bare").await.unwrap().work_tree(), None);
    sandbox.shallow_clone("r", "s");
    assert!(sandbox.open("s").await.unwrap().is_shallow());
}

#[tokio::test]
async fn none_at_all() {
    let mut sandbox = Sandbox::new();
    sandbox.init("r");
    assert!(matches!(sandbox.open("home").await.unwrap_err(), GitError::NotARepository(_)));
    assert!(matches!(sandbox.open("gone").await.unwrap_err(), GitError::NotARepository(_)));
    sandbox.script("r/git", "exit 0");
    sandbox.script("r/folder/git/x", "exit 0");
    for path in ["/nonexistent", "", ".", sandbox.path("r/folder").to_str().unwrap()] {
        sandbox.set("PATH", path);
        assert!(matches!(sandbox.open("r").await.unwrap_err(), GitError::NotInstalled), "{path:?}");
    }
}

#[tokio::test]
async fn of_another_user() {
    let mut sandbox = Sandbox::new();
    sandbox.init("r");
    let real = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|folder| folder.join("git"))
        .find(|git| git.is_file())
        .unwrap();
    // git's own switch for this test; it must not pass through our environment.
    let stranger = format!("GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {} \"$@\"", real.display());
    let shim = sandbox.script("bin/git", &stranger);
    sandbox.set("PATH", &format!("{}:/usr/bin:/bin", shim.parent().unwrap().display()));
    assert!(matches!(sandbox.open("r").await.unwrap_err(), GitError::NotTrusted(_)));

    // What the hint says helps: the configuration of the user counts.
    let config = format!("[safe]\n\tdirectory = {}\n", sandbox.path("r").canonicalize().unwrap().display());
    std::fs::write(sandbox.path("home/.gitconfig"), config).unwrap();
    sandbox.open("r").await.unwrap();
}

#[tokio::test]
async fn the_environment_does_not_lead_elsewhere() {
    let mut sandbox = Sandbox::new();
    sandbox.init("r");
    let head = sandbox.commit("r", &[("a", "1")]);
    sandbox.init("other");
    sandbox.commit("other", &[("b", "1")]);
    for (name, value) in [
        ("GIT_DIR", sandbox.path("other/.git")),
        ("GIT_WORK_TREE", sandbox.path("other")),
        ("GIT_COMMON_DIR", sandbox.path("other/.git")),
        ("GIT_OBJECT_DIRECTORY", sandbox.path("other/.git/objects")),
        ("GIT_CEILING_DIRECTORIES", sandbox.path("r")),
        ("GIT_NAMESPACE", sandbox.path("x")),
        ("GIT_PREFIX", sandbox.path("x")),
        ("GIT_SHALLOW_FILE", sandbox.path("x")),
        ("GIT_TRACE", sandbox.path("trace")),
    ] {
        sandbox.set(name, value.to_str().unwrap());
    }
    let repository = sandbox.open("r").await.unwrap();
    assert_eq!(repository.work_tree().unwrap(), sandbox.path("r"));
    assert_eq!(repository.commit("HEAD").await.unwrap(), Some(head));
    assert!(!sandbox.path("trace").exists());
}

//! The files of a commit at any depth.

use std::fs;
use std::os::unix::fs::symlink;

use bstr::{BStr, ByteSlice as _};
use git::{CommitId, GitError, Repository};

use crate::sandbox::Sandbox;

/// What a commit has below a folder, as `path=content`.
async fn below(repository: &Repository, commit: &CommitId, folder: &str) -> Option<Vec<String>> {
    let sql = |path: &BStr| path.ends_with(b".sql");
    let found = repository.files_below(commit, BStr::new(folder), 1000, sql).await.unwrap();
    found.map(|files| {
        files.iter().map(|(path, content)| format!("{path}={}", content.to_str_lossy())).collect()
    })
}

#[tokio::test]
async fn files_at_any_depth_and_behind_links() {
    let sandbox = Sandbox::new();
    sandbox.init("r");
    let at = |name: &str| sandbox.path("r").join(name);
    fs::create_dir_all(at("m")).unwrap();
    symlink("../x/c.sql", at("m/c.sql")).unwrap();
    symlink("m", at("link")).unwrap();
    symlink("nowhere", at("broken")).unwrap();
    let head = sandbox.commit(
        "r",
        &[("m/b.sql", "b"), ("m/d/a.sql", "a"), ("m/README.md", "r"), ("x/c.sql", "c"), ("t.sql", "t")],
    );
    let repository = sandbox.open("r/m").await.unwrap();
    let wanted = ["m/b.sql=b", "m/c.sql=c", "m/d/a.sql=a"];
    assert_eq!(below(&repository, &head, "m").await.unwrap(), wanted);
    let linked = below(&repository, &head, "link").await.unwrap();
    assert_eq!(linked, ["link/b.sql=b", "link/c.sql=c", "link/d/a.sql=a"]);
    assert_eq!(below(&repository, &head, "").await.unwrap().len(), 5);
    for absent in ["gone", "m/b.sql", "broken", "m/gone", "a\nb"] {
        assert_eq!(below(&repository, &head, absent).await, None, "{absent}");
    }
    let paths = repository.paths(&head, |path| path.ends_with(b"c.sql")).await.unwrap();
    assert_eq!(paths, ["m/c.sql", "x/c.sql"]);
    let error = repository.files_below(&head, BStr::new("m"), 2, |_| true).await.unwrap_err();
    assert!(matches!(error, GitError::TooLarge { limit: 2, .. }), "{error}");
}

#[tokio::test]
async fn what_is_no_file_and_what_is_damaged_is_told() {
    let sandbox = Sandbox::new();
    sandbox.init("r");
    fs::create_dir_all(sandbox.path("r/m")).unwrap();
    symlink("gone", sandbox.path("r/m/a.sql")).unwrap();
    let head = sandbox.commit("r", &[("m/b.sql", "b")]);
    let repository = sandbox.open("r").await.unwrap();
    let error = repository.files_below(&head, BStr::new("m"), 100, |_| true).await.unwrap_err();
    assert!(error.to_string().contains("leads nowhere"), "{error}");

    let tree = sandbox.git("r", &["rev-parse", "HEAD:m"]);
    let (folder, file) = tree.split_at(2);
    fs::remove_file(sandbox.path("r/.git/objects").join(folder).join(file)).unwrap();
    let error = repository.paths(&head, |_| true).await.unwrap_err();
    assert!(matches!(error, GitError::Failed { .. }), "{error}");
}

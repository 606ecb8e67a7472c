//! Commits, differences and files.

use std::fs;

use bstr::{B, BStr, BString};
use git::{GitError, Kind};

use crate::sandbox::{Sandbox, changed};

#[tokio::test]
async fn what_a_name_means() {
    let sandbox = Sandbox::new();
    sandbox.init("r");
    let first = sandbox.commit("r", &[("a", "1")]);
    let second = sandbox.commit("r", &[("a", "2")]);
    sandbox.git("r", &["tag", "--annotate", "--message=x", "v1", first.as_str()]);
    let repository = sandbox.open("r").await.unwrap();
    for (name, wanted) in [
        ("HEAD", Some(&second)),
        ("HEAD~1", Some(&first)),
        ("main", Some(&second)),
        ("v1", Some(&first)),
        (&first.as_str()[..12], Some(&first)),
        (&first.as_str().to_uppercase(), Some(&first)),
        ("gone", None),
        ("--help", None),
        ("0123456789012345678901234567890123456789", None),
        ("HEAD~2", None),
    ] {
        assert_eq!(repository.commit(name).await.unwrap().as_ref(), wanted, "{name}");
    }
    let tree = sandbox.git("r", &["rev-parse", "HEAD^{tree}"]);
    assert!(
        matches!(repository.commit(&tree).await.unwrap_err(), GitError::NotACommit(name) if name == tree)
    );
}

#[tokio::test]
async fn a_damaged_repository_is_no_missing_commit() {
    let sandbox = Sandbox::new();
    sandbox.init("r");
    let head = sandbox.commit("r", &[("a", "1")]);
    let (folder, file) = head.as_str().split_at(2);
    let object = sandbox.path("r/.git/objects").join(folder).join(file);
    fs::remove_file(&object).unwrap();
    fs::write(&object, "rubbish").unwrap();
    let repository = sandbox.open("r").await.unwrap();
    assert!(matches!(repository.commit("HEAD").await, Err(GitError::Failed { .. })));
}

#[tokio::test]
async fn every_kind_of_difference() {
    let sandbox = Sandbox::new();
    sandbox.init("r");
    let base = sandbox.commit(
        "r",
        &[
            ("gone", "1"),
            ("moved", "long enough to be similar"),
            ("mode", "1"),
            ("type", "1"),
            ("same", "1"),
            ("dir/x", "1"),
        ],
    );
    let repository = sandbox.open("r").await.unwrap();
    let top = sandbox.path("r");
    fs::remove_file(top.join("gone")).unwrap();
    fs::rename(top.join("moved"), top.join("moved-here")).unwrap();
    sandbox.git("r", &["update-index", "--chmod=+x", "mode"]);
    sandbox.script("r/mode", "");
    fs::write(top.join("mode"), "1").unwrap();
    fs::remove_file(top.join("type")).unwrap();
    std::os::unix::fs::symlink("same", top.join("type")).unwrap();
    fs::remove_dir_all(top.join("dir")).unwrap();
    fs::write(top.join("dir"), "now a file").unwrap();
    let head = sandbox.commit("r", &[("new\nline", "1"), ("\u{e9}", "1")]);
    let paths = changed(&repository, &base, &head).await;
    assert_eq!(paths, ["dir", "dir/x", "gone", "mode", "moved", "moved-here", "new\nline", "type", "\u{e9}"]);
    assert_eq!(changed(&repository, &head, &head).await, [""; 0]);
}

#[tokio::test]
async fn a_diff_with_an_unknown_commit_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.init("r");
    let head = sandbox.commit("r", &[("a", "1")]);
    let unknown = git::CommitId::parse(&"1".repeat(40)).unwrap();
    let repository = sandbox.open("r").await.unwrap();
    let error = repository.changed_paths(&unknown, &head, |_| panic!("no path")).await.unwrap_err();
    assert!(matches!(error, GitError::Failed { what: "diff-tree", .. }), "{error}");
}

#[tokio::test]
async fn files_of_a_commit() {
    let sandbox = Sandbox::new();
    sandbox.init("r");
    fs::create_dir_all(sandbox.path("r/d")).unwrap();
    for (target, link) in
        [("a", "link"), ("/etc/hosts", "out"), ("../../x", "above"), ("gone", "dangling"), ("d", "to-d")]
    {
        std::os::unix::fs::symlink(target, sandbox.path("r").join(link)).unwrap();
    }
    let head = sandbox.commit("r", &[("d/[a]*", "content"), ("a", "other")]);
    fs::write(sandbox.path("r/a"), "not committed").unwrap();
    let repository = sandbox.open("r/d").await.unwrap();
    let file = async |path: &str, limit| repository.file(&head, BStr::new(path), limit).await;
    assert_eq!(file("d/[a]*", 100).await.unwrap().unwrap(), b"content");
    assert_eq!(file("a", 5).await.unwrap().unwrap(), b"other");
    assert_eq!(file("gone", 100).await.unwrap(), None);
    assert_eq!(file("d/gone", 100).await.unwrap(), None);
    assert_eq!(file("a tree", 100).await.unwrap(), None);
    assert!(matches!(file("a", 4).await.unwrap_err(), GitError::TooLarge { .. }));
    assert!(matches!(file("d", 9).await.unwrap_err(), GitError::NotAFile { what: "a directory", .. }));
    assert_eq!(file("link", 9).await.unwrap().unwrap(), b"other");
    for (path, wanted) in [
        ("out", "a symbolic link that leads out of the repository"),
        ("above", "a symbolic link that leads out of the repository"),
        ("dangling", "a symbolic link that leads nowhere"),
        ("to-d", "a directory"),
        ("a\nb", "a path with a line feed"),
    ] {
        let error = file(path, 9).await.unwrap_err();
        assert!(matches!(error, GitError::NotAFile { what, .. } if what == wanted), "{path}: {error}");
    }
    let large = sandbox.commit("r", &[("large", &"x".repeat(1 << 20))]);
    let read = repository.file(&large, BStr::new("large"), 1 << 20).await.unwrap().unwrap();
    assert_eq!(read.len(), 1 << 20);
    let refused = repository.file(&large, BStr::new("large"), (1 << 20) - 1).await.unwrap_err();
    assert!(matches!(refused, GitError::TooLarge { .. }));
}

#[tokio::test]
async fn what_stands_at_many_paths() {
    let sandbox = Sandbox::new();
    sandbox.init("r");
    let head = sandbox.commit("r", &[("app/[id]/x", "1"), ("a b", "1"), ("line\nfeed/x", "1")]);
    let repository = sandbox.open("r").await.unwrap();
    let mut paths: Vec<BString> =
        ["app/[id]", "gone", "line\nfeed", "app/[id]/x", "a b", "app"].map(BString::from).to_vec();
    paths.push(B(b"\xff").into());
    let wanted =
        [Some(Kind::Directory), None, None, Some(Kind::File), Some(Kind::File), Some(Kind::Directory), None];
    assert_eq!(repository.kinds(&head, &paths).await.unwrap(), wanted);
    assert_eq!(repository.kinds(&head, &[]).await.unwrap(), []);
    // More than a pipe holds, both ways.
    let many: Vec<BString> = (0..20_000).map(|i| format!("gone/{i}").into()).collect();
    assert_eq!(repository.kinds(&head, &many).await.unwrap().len(), many.len());
}

#[tokio::test]
async fn no_program_that_the_repository_names_runs() {
    let sandbox = Sandbox::new();
    sandbox.init("r");
    let base = sandbox.commit("r", &[("a", "1")]);
    let head = sandbox.commit("r", &[("a", "2")]);
    let ran = sandbox.path("ran");
    let touch = format!("touch {}; false", ran.display());
    for key in ["core.fsmonitor", "diff.external", "diff.x.command", "diff.x.textconv", "core.pager"] {
        sandbox.git("r", &["config", key, &touch]);
    }
    fs::write(sandbox.path("r/.git/info/attributes"), "* diff=x\n").unwrap();
    sandbox.script("r/.git/hooks/fsmonitor-watchman", &touch);
    let repository = sandbox.open("r").await.unwrap();
    assert_eq!(changed(&repository, &base, &head).await, ["a"]);
    assert_eq!(repository.file(&head, BStr::new("a"), 9).await.unwrap().unwrap(), b"2");
    assert_eq!(repository.kinds(&head, &["a".into()]).await.unwrap(), [Some(Kind::File)]);
    assert!(!ran.exists());
}

#[tokio::test]
async fn files_of_a_folder() {
    let sandbox = Sandbox::new();
    sandbox.init("r");
    let files = [
        ("m/b.sql", "two\n"),
        ("m/a.sql", ""),
        ("m/skip.md", "no"),
        ("m/below/c.sql", "no"),
        ("m/\u{e9} x.sql", "3"),
    ];
    let head = sandbox.commit("r", &files);
    fs::write(sandbox.path("r/m/late.sql"), "not committed").unwrap();
    // From a folder below the top, for paths begin at the top.
    let repository = sandbox.open("r/m").await.unwrap();
    let sql = |name: &BStr| name.ends_with(b".sql");
    let folder = async |commit: &git::CommitId, path: &str, limit| {
        repository.folder(commit, BStr::new(path), limit, sql).await
    };
    let found = folder(&head, "m", 5).await.unwrap().unwrap();
    let found: Vec<_> = found.iter().map(|(name, text)| (name.to_string(), &text[..])).collect();
    let expected =
        [("a.sql".to_owned(), &b""[..]), ("b.sql".to_owned(), b"two\n"), ("\u{e9} x.sql".to_owned(), b"3")];
    assert_eq!(found, expected);
    assert!(matches!(folder(&head, "m", 4).await.unwrap_err(), GitError::TooLarge { limit: 4, .. }));
    for absent in ["gone", "m/a.sql", "m/gone"] {
        assert_eq!(folder(&head, absent, 9).await.unwrap(), None, "{absent}");
    }
    let large = sandbox.commit("r", &[("m/large.sql", &"x".repeat(10_000))]);
    assert!(matches!(folder(&large, "m", 1_000).await.unwrap_err(), GitError::TooLarge { .. }));
    std::os::unix::fs::symlink("a.sql", sandbox.path("r/m/link.sql")).unwrap();
    let linked = sandbox.commit("r", &[("m/x.md", "")]);
    let error = folder(&linked, "m", 1 << 20).await.unwrap_err();
    assert!(matches!(&error, GitError::NotAFile { what: "a symbolic link", .. }), "{error}");
    assert_eq!(folder(&head, "m/below", 9).await.unwrap().unwrap().len(), 1);
}

/// What is tracked; a directory has a slash at its end.
async fn tracked(sandbox: &Sandbox, folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let repository = sandbox.open(folder).await.unwrap();
    let each =
        |path: &BStr, kind| found.push(format!("{path}{}", if kind == Kind::Directory { "/" } else { "" }));
    repository.tracked_paths(each).await.unwrap();
    found
}

#[tokio::test]
async fn what_is_tracked() {
    let mut sandbox = Sandbox::new();
    sandbox.init("r");
    sandbox.init("r/sub");
    sandbox.commit("r/sub", &[("inside", "1")]);
    sandbox.commit("r", &[("d/a", "1"), ("d/gone", "1"), ("line\nfeed", "1"), ("\u{e9}", "1")]);
    fs::write(sandbox.path("r/untracked"), "1").unwrap();
    fs::write(sandbox.path("r/added"), "1").unwrap();
    fs::write(sandbox.path("r/.gitignore"), "added\n").unwrap();
    sandbox.git("r", &["add", "--force", "added"]);
    fs::remove_file(sandbox.path("r/d/gone")).unwrap();
    let wanted = ["added", "d/a", "d/gone", "line\nfeed", "sub/", "\u{e9}"];
    assert_eq!(tracked(&sandbox, "r").await, wanted);
    // From a folder below the top, and in an environment that names another index.
    sandbox.set("GIT_INDEX_FILE", sandbox.path("elsewhere").to_str().unwrap());
    sandbox.set("GIT_LITERAL_PATHSPECS", "1");
    assert_eq!(tracked(&sandbox, "r/d").await, wanted);
}

#[tokio::test]
async fn what_is_tracked_in_clones_that_lack_something() {
    let sandbox = Sandbox::new();
    sandbox.init("r");
    sandbox.git("r", &["config", "uploadpack.allowFilter", "true"]);
    sandbox.commit("r", &[("d/a", "1"), ("e/f/b", "1"), ("top", "1")]);
    sandbox.shallow_clone("r", "shallow");
    let from = format!("file://{}", sandbox.path("r").display());
    sandbox.git(".", &["clone", "--quiet", "--depth=1", "--filter=tree:0", "--sparse", &from, "sparse"]);
    sandbox.git("sparse", &["sparse-checkout", "set", "--sparse-index", "d"]);
    sandbox.git(".", &["clone", "--quiet", "--bare", &from, "bare"]);
    assert!(!sandbox.path("sparse/e").exists());
    for folder in ["r", "shallow", "sparse"] {
        assert_eq!(tracked(&sandbox, folder).await, ["d/a", "e/f/b", "top"], "{folder}");
    }
    assert_eq!(tracked(&sandbox, "bare").await, [""; 0]);
}

//! Repositories in a folder that vanishes, and an environment that is only theirs.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use action::Environment;
use bstr::BString;
use git::{CommitId, GitError, Repository};
use tempfile::TempDir;

/// A folder for repositories.
pub(crate) struct Sandbox {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        fs::create_dir(&home).unwrap();
        let mut sandbox = Self { folder, variables: Vec::new() };
        sandbox.set("HOME", home.to_str().unwrap());
        sandbox.set("PATH", &std::env::var("PATH").unwrap());
        for (name, value) in [
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_NAME", "a"),
            ("GIT_AUTHOR_EMAIL", "a@example.com"),
            ("GIT_COMMITTER_NAME", "a"),
            ("GIT_COMMITTER_EMAIL", "a@example.com"),
        ] {
            sandbox.set(name, value);
        }
        sandbox
    }

    /// Sets a variable for everything that runs from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn environment(&self) -> Environment {
        self.variables.iter().cloned().collect()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs git in a folder of the sandbox; what it printed, without the last line end.
    #[track_caller]
    pub(crate) fn git(&self, folder: &str, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.path(folder))
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// A new repository.
    pub(crate) fn init(&self, name: &str) {
        fs::create_dir_all(self.path(name)).unwrap();
        self.git(name, &["init", "--quiet", "--initial-branch=main"]);
        self.git(name, &["config", "uploadpack.allowAnySHA1InWant", "true"]);
    }

    /// Writes files and commits them.
    #[track_caller]
    pub(crate) fn commit(&self, name: &str, files: &[(&str, &str)]) -> CommitId {
        for (file, content) in files {
            let path = self.path(name).join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        self.git(name, &["add", "--all"]);
        self.git(name, &["commit", "--quiet", "--allow-empty", "--message=x"]);
        self.head(name)
    }

    #[track_caller]
    pub(crate) fn head(&self, name: &str) -> CommitId {
        CommitId::parse(&self.git(name, &["rev-parse", "HEAD"])).unwrap()
    }

    /// A clone as `actions/checkout` makes it: one commit, no history.
    pub(crate) fn shallow_clone(&self, of: &str, to: &str) {
        let from = format!("file://{}", self.path(of).display());
        self.git(".", &["clone", "--quiet", "--depth=1", &from, to]);
    }

    pub(crate) async fn open(&self, name: &str) -> Result<Repository, GitError> {
        Repository::open(&self.path(name), &self.environment()).await
    }

    pub(crate) fn script(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }
}

/// The paths that differ, in git's order.
pub(crate) async fn changed(repository: &Repository, base: &CommitId, head: &CommitId) -> Vec<BString> {
    let mut paths = Vec::new();
    repository.changed_paths(base, head, |path| paths.push(path.to_owned())).await.unwrap();
    paths
}

/// Whether a process still runs; a zombie does not.
pub(crate) fn runs(pid: &str) -> bool {
    let stat = fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

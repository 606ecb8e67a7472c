//! Repositories in a folder that vanishes, and an environment that is only theirs, as this crate opens them.

use std::fs;
use std::ops::Deref;
use std::path::Path;

use action::Environment;
use bstr::BString;
use git::{CommitId, GitError, Repository};

/// A folder for repositories.
pub(crate) struct Sandbox(rehearsal::sandbox::Sandbox);

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self(rehearsal::sandbox::Sandbox::new())
    }

    /// Sets a variable for everything that runs from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.0.set(name, value);
    }

    pub(crate) fn environment(&self) -> Environment {
        self.variables().clone().into_iter().collect()
    }

    /// Runs git in a folder of the sandbox; what it printed, without the last line end.
    #[track_caller]
    pub(crate) fn git(&self, folder: &str, words: &[&str]) -> String {
        self.git_in(folder, words)
    }

    /// A new repository, which serves any commit by its id as GitHub does.
    pub(crate) fn init(&self, name: &str) {
        self.0.init(name);
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
        CommitId::parse(&self.commit_in(name)).unwrap()
    }

    pub(crate) async fn open(&self, name: &str) -> Result<Repository, GitError> {
        Repository::open(&self.path(name), &self.environment()).await
    }
}

impl Deref for Sandbox {
    type Target = rehearsal::sandbox::Sandbox;

    fn deref(&self) -> &Self::Target {
        &self.0
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

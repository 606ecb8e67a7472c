//! The repository that a run belongs to: its files at one commit.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::Arc;

use tokio::process::Command;
use tokio::sync::{Mutex, OnceCell};

use super::WorkflowRunError;

/// Where workflow files lie (GitHub docs, "Workflow syntax").
const WORKFLOWS: &str = ".github/workflows/";

/// A git repository, and what was taken out of it.
#[derive(Debug)]
pub(super) struct Source {
    repository: PathBuf,
    folders: tempfile::TempDir,
    trees: Mutex<BTreeMap<String, Arc<OnceCell<PathBuf>>>>,
}

impl Source {
    pub(super) fn new(repository: &Path) -> Result<Self, WorkflowRunError> {
        let io = |source| WorkflowRunError::Io { what: "make a folder for the repository's files", source };
        Ok(Self {
            repository: repository.canonicalize().map_err(io)?,
            folders: tempfile::Builder::new().prefix("actions-").tempdir().map_err(io)?,
            trees: Mutex::default(),
        })
    }

    /// Its folder.
    pub(super) fn repository(&self) -> &Path {
        &self.repository
    }

    /// The commit behind a name.
    pub(super) async fn commit(&self, name: &str) -> Result<String, WorkflowRunError> {
        let name = format!("{name}^{{commit}}");
        Ok(self
            .git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &name])
            .await?
            .trim()
            .to_owned())
    }

    /// Workflow files at a commit, by file name.
    pub(super) async fn workflows(&self, commit: &str) -> Result<Vec<(String, String)>, WorkflowRunError> {
        let names = self.git(&["ls-tree", "-z", "--name-only", commit, WORKFLOWS]).await?;
        let mut files = Vec::new();
        for path in names.split('\0').filter(|path| path.ends_with(".yml") || path.ends_with(".yaml")) {
            let text = self.git(&["cat-file", "blob", &format!("{commit}:{path}")]).await?;
            files.push((path.trim_start_matches(WORKFLOWS).to_owned(), text));
        }
        Ok(files)
    }

    /// The whole tree at a commit, as the runner downloads it for `uses: $/path`. All jobs read one copy of it,
    /// where each real runner has its own.
    pub(super) async fn tree(&self, commit: &str) -> Result<PathBuf, WorkflowRunError> {
        let cell = Arc::clone(self.trees.lock().await.entry(commit.to_owned()).or_default());
        cell.get_or_try_init(|| self.extract(commit)).await.cloned()
    }

    async fn extract(&self, commit: &str) -> Result<PathBuf, WorkflowRunError> {
        let folder = self.folders.path().join(commit);
        let io = |source| WorkflowRunError::Io { what: "make a folder for the repository's files", source };
        std::fs::create_dir(&folder).map_err(io)?;
        let (tree, index) =
            (folder.display().to_string(), self.folders.path().join(format!("{commit}.index")));
        let mut git = git(&self.repository);
        git.env("GIT_INDEX_FILE", index);
        git.args(["--work-tree", &tree, "read-tree", "--reset", "-u", commit]);
        succeed("read-tree", git.output().await)?;
        Ok(folder)
    }

    async fn git(&self, arguments: &[&str]) -> Result<String, WorkflowRunError> {
        let output = git(&self.repository).args(arguments).output().await;
        succeed(&arguments.join(" "), output)
    }
}

fn succeed(what: &str, output: std::io::Result<Output>) -> Result<String, WorkflowRunError> {
    let output = output.map_err(|source| WorkflowRunError::Io { what: "run git", source })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(WorkflowRunError::Git { what: what.to_owned(), said });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// git in a folder, without anybody's configuration, ended with whoever waits for it.
pub(super) fn git(folder: &Path) -> Command {
    let mut git = Command::from(crate::repository::git(folder));
    git.env("GIT_TERMINAL_PROMPT", "0").stdin(Stdio::null()).kill_on_drop(true);
    git
}

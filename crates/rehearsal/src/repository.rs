//! A small git repository with a manifest, made anew for each rehearsal.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// A repository in a folder that vanishes with it.
#[derive(Debug)]
pub struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    /// An empty repository on branch `main`.
    ///
    /// # Errors
    /// git is missing or fails; the message holds what it said.
    pub fn new() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("repository-").tempdir()?;
        let repository = Self { folder };
        repository.git(&["init", "--quiet", "--initial-branch=main"])?;
        Ok(repository)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, and the folders above it.
    ///
    /// # Errors
    /// The file system says no.
    pub fn write(&self, file: &str, text: &str) -> Result<PathBuf> {
        let path = self.path().join(file);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
        Ok(path)
    }

    /// Commits everything; returns the commit's full SHA.
    ///
    /// # Errors
    /// There is nothing to commit, or git fails.
    pub fn commit(&self, message: &str) -> Result<String> {
        self.git(&["add", "--all"])?;
        self.git(&["commit", "--quiet", "--no-verify", "--message", message])?;
        Ok(self.git(&["rev-parse", "HEAD"])?.trim().to_owned())
    }

    /// Runs git in it, without anybody's configuration; returns what it printed.
    ///
    /// # Errors
    /// git is missing or fails; the message holds what it said.
    pub fn git(&self, arguments: &[&str]) -> Result<String> {
        let output = git(self.path())
            .args(["-c", "user.name=Rehearsal", "-c", "user.email=rehearsal@example.com"])
            .args(arguments)
            .output()
            .context("run git; is it installed?")?;
        if !output.status.success() {
            bail!("git {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// git in a folder, without anybody's configuration.
pub(crate) fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
        git.env_remove(name);
    }
    git.current_dir(folder).envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null")]);
    git
}

//! Git repositories in a folder that vanishes, and an environment that is only theirs: for tests of what reads a
//! checkout, whatever git and the machine are told.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The folder of the repository that most tests need one of.
pub const REPOSITORY: &str = "r";

/// A folder with a home and the repository `r`, room for more beside it, and the environment of everything that runs.
///
/// Each method panics, and so fails the test, when the file system or git says no.
#[derive(Debug)]
pub struct Sandbox {
    folder: TempDir,
    variables: BTreeMap<String, String>,
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Sandbox {
    /// A repository without any commit.
    #[must_use]
    pub fn new() -> Self {
        let mut sandbox = Self { folder: tempfile::tempdir().unwrap(), variables: BTreeMap::new() };
        let home = sandbox.path("home");
        fs::create_dir(&home).unwrap();
        for (name, value) in [
            ("HOME", home.to_str().unwrap()),
            ("PATH", &std::env::var("PATH").unwrap()),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_NAME", "a"),
            ("GIT_AUTHOR_EMAIL", "a@example.com"),
            ("GIT_COMMITTER_NAME", "a"),
            ("GIT_COMMITTER_EMAIL", "a@example.com"),
        ] {
            sandbox.set(name, value);
        }
        sandbox.init(REPOSITORY);
        sandbox
    }

    /// The path of something in the folder, such as `r/README.md`.
    #[must_use]
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Sets a variable for everything that runs from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    /// Everything that programs see of their environment.
    #[must_use]
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// Another repository.
    #[track_caller]
    pub fn init(&self, folder: &str) {
        fs::create_dir_all(self.path(folder)).unwrap();
        self.git_in(folder, &["init", "--quiet", "--initial-branch=main"]);
    }

    /// Writes a file of `r`, and the folders above it. Its name need not be UTF-8.
    #[track_caller]
    pub fn write(&self, file: impl AsRef<[u8]>, text: &str) {
        let path = self.path(REPOSITORY).join(OsStr::from_bytes(file.as_ref()));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Removes a file of `r`.
    #[track_caller]
    pub fn remove(&self, file: &str) {
        fs::remove_file(self.path(REPOSITORY).join(file)).unwrap();
    }

    /// Commits everything there is in `r`; the commit's id.
    #[track_caller]
    pub fn commit(&self) -> String {
        self.commit_in(REPOSITORY)
    }

    /// Commits everything there is in a repository; the commit's id.
    #[track_caller]
    pub fn commit_in(&self, folder: &str) -> String {
        self.git_in(folder, &["add", "--all"]);
        self.git_in(folder, &["commit", "--quiet", "--allow-empty", "--message=x"]);
        self.git_in(folder, &["rev-parse", "HEAD"])
    }

    /// The id of the commit that is checked out in `r`.
    #[must_use]
    #[track_caller]
    pub fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }

    /// Runs git in `r`; what it printed, without the last line end.
    #[track_caller]
    pub fn git(&self, words: &[&str]) -> String {
        self.git_in(REPOSITORY, words)
    }

    /// Runs git in a folder; what it printed, without the last line end.
    #[track_caller]
    pub fn git_in(&self, folder: &str, words: &[&str]) -> String {
        let output = self.command("git", folder).args(words).output().unwrap();
        assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// A clone as `actions/checkout` makes it: one commit, no history.
    #[track_caller]
    pub fn shallow_clone(&self, of: &str, to: &str) {
        let from = format!("file://{}", self.path(of).display());
        self.git_in(".", &["clone", "--quiet", "--depth=1", &from, to]);
    }

    /// Writes a shell script, for example one that stands in for git.
    #[track_caller]
    pub fn script(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// A program that will run in a folder, with nothing but the variables.
    #[must_use]
    pub fn command(&self, program: &str, folder: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.variables).current_dir(self.path(folder));
        command
    }
}

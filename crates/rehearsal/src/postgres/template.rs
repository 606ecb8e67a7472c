//! The data of a server that was never started, made once and copied for each.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context as _, Result, anyhow, bail};

use super::cache;
use super::home::{Home, copy};
use super::process;

/// Words of `initdb`: whoever comes from this machine is let in; no locale of the host; the smallest log.
const WORDS: [&str; 6] = ["-A", "trust", "--no-sync", "--locale=C", "--encoding=UTF8", "--wal-segsize=1"];

/// The template for the programs in `binaries`; made once a machine, asked for once a process.
///
/// # Errors
/// `initdb` fails; its words are in the error.
pub(super) fn of(binaries: &Path) -> Result<PathBuf> {
    static MADE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let made = MADE.get_or_init(|| make(binaries).map_err(|error| format!("{error:#}")));
    made.clone().map_err(|error| anyhow!("make PostgreSQL's template: {error}"))
}

fn make(binaries: &Path) -> Result<PathBuf> {
    let version = process::command(&binaries.join("postgres"), &["--version"])?;
    let name: String =
        version.chars().map(|found| if found.is_ascii_alphanumeric() { found } else { '-' }).collect();
    let template = cache().join(format!("template-{}", name.trim_matches('-')));
    if template.join("PG_VERSION").is_file() {
        return Ok(template);
    }
    let home = Home::new()?;
    let data = home.data();
    let data = data.to_str().context("the path of the temporary folder is no text")?;
    let words: Vec<&str> = [&["-D", data, "-U", "postgres"][..], &WORDS].concat();
    process::command(&binaries.join("initdb"), &words)?;
    // Put in place whole: somebody else may do the same at this moment.
    fs::create_dir_all(cache()).context("make the folder of the template")?;
    let fresh = tempfile::tempdir_in(cache()).context("make the folder of the template")?;
    copy(&home.data(), &fresh.path().join("data")).context("keep the template")?;
    if let Err(error) = fs::rename(fresh.path().join("data"), &template)
        && !template.join("PG_VERSION").is_file()
    {
        bail!("keep the template at {}: {error}", template.display());
    }
    Ok(template)
}

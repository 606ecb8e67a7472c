//! A large generated repository: 200,000 files of 100 targets, and commits that change 50,000 and 18 of them.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::workspace;

pub(super) const FILES: usize = 200_000;
pub(super) const TARGETS: usize = 100;
/// Changed from [`Repository::base`] to [`Repository::many`].
pub(super) const MANY: usize = 50_000;
/// Changed from [`Repository::base`] to [`Repository::few`].
pub(super) const FEW: usize = 18;

/// Where the manifest is.
pub(super) const MANIFEST: &str = ".github/deploy-manifest.yml";

/// Files in one folder.
const FOLDER: usize = 25;

/// The shape's version: a change of what is generated makes a new folder.
const VERSION: u32 = 2;

/// The repository on disk. Its work tree holds the manifest only: nothing else is read from it.
#[derive(Debug)]
pub(super) struct Repository {
    pub(super) folder: PathBuf,
    pub(super) base: String,
    pub(super) many: String,
    pub(super) few: String,
}

/// Opens the repository, which is generated the first time.
///
/// # Errors
/// When git fails or the folder cannot be written.
pub(super) fn open(cache: &Path) -> Result<Repository> {
    let folder = cache.join(format!("repository-{VERSION}"));
    let complete = folder.join(".git/complete");
    if !complete.is_file() {
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("remove {}", folder.display()))?;
        }
        eprintln!("generating a repository of {FILES} files in {}", folder.display());
        generate(&folder)?;
        fs::write(&complete, "").with_context(|| format!("write {}", complete.display()))?;
    }
    let commit = |name: &str| {
        let name = format!("refs/heads/{name}");
        Ok::<_, anyhow::Error>(workspace::read(git(&folder).args(["rev-parse", &name]))?.trim().to_owned())
    };
    let (base, many, few) = (commit("base")?, commit("many")?, commit("few")?);
    Ok(Repository { folder, base, many, few })
}

/// git in the repository, with no configuration but its own.
pub(super) fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    git
}

fn generate(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder.join(".github")).with_context(|| format!("create {}", folder.display()))?;
    fs::write(folder.join(MANIFEST), manifest())?;
    workspace::run(git(folder).args(["init", "--quiet", "--initial-branch=base", "."]))?;
    let mut import = git(folder).args(["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn()?;
    let stdin = import.stdin.take().context("write to git fast-import")?;
    let written = history(BufWriter::new(stdin));
    let status = import.wait()?;
    written.context("write to git fast-import")?;
    if !status.success() {
        bail!("`git fast-import` ended with {status}");
    }
    // One well-packed file, as a clone gets it.
    workspace::run(git(folder).args(["repack", "-a", "-d", "-f", "-q"]))
}

/// The three commits, in the language of git-fast-import(1). Every file has content of its own, as in life, so that
/// trees do not compress to nothing.
fn history(mut out: impl Write) -> std::io::Result<()> {
    commit(&mut out, "base", None)?;
    put(&mut out, MANIFEST, &manifest())?;
    for file in 0..FILES {
        put(&mut out, &path(file), &format!("old {file}\n"))?;
    }
    for (branch, changed) in [("many", MANY), ("few", FEW)] {
        commit(&mut out, branch, Some("base"))?;
        for index in 0..changed {
            let file = index * (FILES / changed);
            put(&mut out, &path(file), &format!("new {file}\n"))?;
        }
    }
    out.flush()
}

fn put(out: &mut impl Write, path: &str, content: &str) -> std::io::Result<()> {
    write!(out, "M 100644 inline {path}\ndata {}\n{content}\n", content.len())
}

fn commit(out: &mut impl Write, branch: &str, from: Option<&str>) -> std::io::Result<()> {
    let who = "bench <bench@example.invalid> 1700000000 +0000";
    writeln!(out, "commit refs/heads/{branch}\ncommitter {who}\ndata {}\n{branch}", branch.len())?;
    from.map_or(Ok(()), |from| writeln!(out, "from refs/heads/{from}"))
}

fn path(file: usize) -> String {
    let per_target = FILES / TARGETS;
    let (target, index) = (file / per_target, file % per_target);
    let kinds = ["src", "lib", "web", "sql"];
    let folder = index / FOLDER;
    format!("apps/target-{target:03}/{}/part-{folder:03}/file-{index:04}.rs", kinds[folder % kinds.len()])
}

/// 100 targets of 5 globs.
fn manifest() -> String {
    let mut text = "version: 1\ntargets:\n".to_owned();
    for target in 0..TARGETS {
        text += &format!("  target-{target:03}:\n    paths:\n");
        for glob in ["src/**", "lib/**/*.rs", "web/**/*.{rs,ts}", "sql/part-[0-9]*/**", "*.toml"] {
            text += &format!("      - \"apps/target-{target:03}/{glob}\"\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_history_has_the_promised_shape() {
        let mut stream = Vec::new();
        history(&mut stream).unwrap();
        let stream = String::from_utf8(stream).unwrap();
        let commits: Vec<BTreeSet<&str>> = stream
            .split("commit refs/heads/")
            .skip(1)
            .map(|commit| {
                commit.lines().filter_map(|line| line.strip_prefix("M 100644 inline apps/")).collect()
            })
            .collect();
        let [base, many, few] = commits.as_slice() else { panic!("three commits") };
        assert_eq!((base.len(), many.len(), few.len()), (FILES, MANY, FEW));
        assert!(many.is_subset(base) && few.is_subset(base));
        let targets: BTreeSet<_> = many.iter().map(|path| path.split('/').next()).collect();
        assert_eq!(targets.len(), TARGETS);
        assert_eq!(manifest().matches("- \"").count(), TARGETS * 5);
    }
}

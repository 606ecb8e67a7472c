//! `precheck`: what to run before a push (ADR-053 D5, "wired into precheck"): the steps of CI that take seconds once
//! built, clippy on what changed, and the two lints on this repository's own files. It needs no network.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::ci;
use crate::steps::{self, Step};
use crate::workspace::{self, Workspace};

/// Migrations that code which somebody pinned runs against; `ci.yml` lints them, too.
const MIGRATIONS: &str = "crates/vendors/postgres/migrations";

/// What is compared with what, and which steps run.
#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    /// Only these steps instead of all; `--list` names them
    steps: Vec<String>,

    /// Name the steps, run none
    #[arg(long)]
    list: bool,

    /// What the change goes into: a commit, tag or branch
    #[arg(long, default_value = "origin/main", value_name = "REVISION")]
    base: String,
}

/// Runs the steps and stops at the first that fails.
///
/// # Errors
/// The failing step's, with the command that repeats it; and when there is no such base.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let clippy = |workspace: &Workspace| clippy(workspace, &options.base);
    let migrations = |workspace: &Workspace| migrations(workspace, &options.base);
    let own = [
        Step { name: "clippy", about: "no warning in the crates that changed", run: &clippy },
        Step {
            name: "migration-lint",
            about: "old code works with the ledger's migrations",
            run: &migrations,
        },
        Step { name: "manifest-lint", about: "the reference manifest can be deployed by", run: &manifest },
    ];
    let quick = ["fmt", "tidy", "codegen"].map(str::to_owned);
    let all = [steps::chosen(ci::STEPS, &quick)?, own.to_vec()].concat();
    let chosen = steps::chosen(&all, &options.steps)?;
    if options.list {
        steps::list(&chosen);
        return Ok(());
    }
    println!("compared with {}", base(workspace, &options.base)?);
    steps::run("precheck", workspace, &chosen)
}

/// The commit that the change goes into; it is not guessed.
fn base(workspace: &Workspace, named: &str) -> Result<String> {
    let commit = format!("{named}^{{commit}}");
    let parse = ["rev-parse", "--quiet", "--verify", "--end-of-options", &commit];
    let Ok(commit) = workspace::read(git(workspace).args(parse)) else {
        bail!("find {named}: this clone has no such commit\nhint: `--base` names what the change goes into");
    };
    Ok(format!("{named}, {}", commit.trim()))
}

fn clippy(workspace: &Workspace, base: &str) -> Result<()> {
    let changed = changed(workspace, base)?;
    let crates = crates(workspace.root(), changed.iter().map(String::as_str))?;
    if crates.is_empty() {
        println!("no crate changed");
        return Ok(());
    }
    println!("changed: {}", crates.iter().map(String::as_str).collect::<Vec<_>>().join(", "));
    let packages = crates.iter().flat_map(|name| ["--package", name]);
    let mut cargo = cargo(workspace);
    cargo.args(["clippy", "--locked", "--all-targets"]).args(packages).args(["--", "-D", "warnings"]);
    workspace::run(&mut cargo)
}

fn migrations(workspace: &Workspace, base: &str) -> Result<()> {
    lint(
        workspace,
        &["migration-lint", "--", &format!("--migrations={MIGRATIONS}"), &format!("--base={base}")],
    )
}

fn manifest(workspace: &Workspace) -> Result<()> {
    lint(workspace, &["manifest-lint"])
}

/// Runs a primitive of this workspace as it is now.
fn lint(workspace: &Workspace, words: &[&str]) -> Result<()> {
    workspace::run(cargo(workspace).args(["run", "--quiet", "--locked", "--package"]).args(words))
}

fn cargo(workspace: &Workspace) -> Command {
    let mut cargo = workspace.cargo();
    cargo.env("CARGO_NET_OFFLINE", "true");
    cargo
}

fn git(workspace: &Workspace) -> Command {
    let mut git = Command::new("git");
    git.current_dir(workspace.root());
    git
}

/// The files that differ from where the change began, in the working tree as it is.
fn changed(workspace: &Workspace, base: &str) -> Result<Vec<String>> {
    let start = workspace::read(git(workspace).args(["merge-base", "--end-of-options", base, "HEAD"]))?;
    let differing = ["diff", "--name-only", "-z", "--no-renames", start.trim(), "--"];
    let unknown = ["ls-files", "-z", "--others", "--exclude-standard"];
    let mut paths = workspace::read(git(workspace).args(differing))?;
    paths += &workspace::read(git(workspace).args(unknown))?;
    Ok(paths.split_terminator('\0').map(str::to_owned).collect())
}

/// The crates that files belong to: the nearest folder with a `Cargo.toml`. Those of the top folder belong to none.
fn crates<'p>(root: &Path, paths: impl Iterator<Item = &'p str>) -> Result<BTreeSet<String>> {
    let home = |path: &'p str| {
        let above = Path::new(path).ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
        above.map(|folder| root.join(folder).join("Cargo.toml")).find(|manifest| manifest.is_file())
    };
    let homes: BTreeSet<_> = paths.filter_map(home).collect();
    homes.iter().map(|manifest| name(manifest)).collect()
}

fn name(manifest: &Path) -> Result<String> {
    let text = fs::read_to_string(manifest).with_context(|| format!("read {}", manifest.display()))?;
    let table: toml::Table = text.parse().with_context(|| format!("read {}", manifest.display()))?;
    let name = table.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
    name.map(str::to_owned).with_context(|| format!("find the name in {}", manifest.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_belongs_to_the_nearest_crate() {
        let root = Workspace::own().root().to_owned();
        let paths = [
            "crates/base/wait/src/lib.rs",
            "crates/base/wait/src/gone/away.rs",
            "xtask/peers/requirements.txt",
            "README.md",
            "actions/version-poll/action.yml",
            "crates/gone/src/lib.rs",
        ];
        let names = crates(&root, paths.into_iter()).unwrap();
        assert_eq!(names.iter().map(String::as_str).collect::<Vec<_>>(), ["wait", "xtask"]);
    }

    /// A repository with one commit on `main` and a branch that is one file ahead, one more being untracked.
    fn repository() -> (tempfile::TempDir, Workspace) {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::at(folder.path().to_owned());
        let commit = |file: &str| {
            fs::write(folder.path().join(file), file).unwrap();
            workspace::run(git(&workspace).args(["add", "."])).unwrap();
            let who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
            workspace::run(git(&workspace).args(who).args(["commit", "--quiet", "--message=x"])).unwrap();
        };
        workspace::run(git(&workspace).args(["init", "--quiet", "--initial-branch=main"])).unwrap();
        commit("a");
        workspace::run(git(&workspace).args(["switch", "--quiet", "--create=work"])).unwrap();
        commit("b");
        fs::write(folder.path().join("c"), "c").unwrap();
        (folder, workspace)
    }

    #[test]
    fn what_changed_is_what_the_branch_and_the_tree_add() {
        let (folder, workspace) = repository();
        assert_eq!(changed(&workspace, "main").unwrap(), ["b", "c"]);
        fs::write(folder.path().join("a"), "other").unwrap();
        assert_eq!(changed(&workspace, "main").unwrap(), ["a", "b", "c"]);
    }

    #[test]
    fn a_base_that_is_not_there_is_an_error() {
        let (_folder, workspace) = repository();
        assert!(base(&workspace, "main").unwrap().starts_with("main, "));
        let options = Options { steps: Vec::new(), list: false, base: "origin/main".to_owned() };
        let error = run(&workspace, &options).unwrap_err().to_string();
        assert!(error.starts_with("find origin/main: "), "{error}");
        assert!(error.ends_with("hint: `--base` names what the change goes into"), "{error}");
    }

    #[test]
    fn the_lints_of_ci_run_here_too() {
        let ci = fs::read_to_string(Workspace::own().root().join(".github/workflows/ci.yml")).unwrap();
        assert!(ci.contains(&format!("migrations: {MIGRATIONS}\n")));
    }
}

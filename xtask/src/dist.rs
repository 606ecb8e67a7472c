//! `dist`: the size-optimised binaries of all primitives, held against their budgets.
//!
//! They are built one by one: a build of the whole workspace would unify the features of shared dependencies and
//! make every binary larger.

mod elf;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::table::Table;
use crate::workspace::{self, Workspace};

/// How it is built.
#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    /// Primitives to build; all of them unless named
    #[arg(value_name = "NAME")]
    names: Vec<String>,

    /// Target triple instead of this machine's
    #[arg(long)]
    target: Option<String>,

    /// Folder for the binaries instead of `target/dist`
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// One binary that was built.
#[derive(Debug)]
struct Built {
    name: String,
    bytes: u64,
    sha256: String,
}

/// The most bytes that a primitive's binary may have: every job that uses it downloads it.
pub(crate) fn budget(name: &str) -> u64 {
    match name {
        // No HTTP in it.
        "manifest-lint" | "manifest-resolve" => 2_000_000,
        // PostgreSQL and its cryptography, or octocrab, in them.
        "blue-sync"
        | "color-resolve"
        | "cutover-record"
        | "deployed-base"
        | "generation-allocate"
        | "hold-check"
        | "rollback"
        | "schema-merge"
        | "schema-rehearse"
        | "legacy-drain"
        | "staging-marker"
        | "workers-heartbeat" => 5_000_000,
        _ => 4_000_000,
    }
}

/// Builds all, prints the table, and says which are too large.
///
/// # Errors
/// When a build fails, a Linux binary needs a dynamic loader, or one is over its budget.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let target = match &options.target {
        Some(target) => target.clone(),
        None => host(workspace)?,
    };
    let out = options.out.clone().unwrap_or_else(|| folder(workspace));
    let names = named(workspace.primitives()?, &options.names)?;
    let built = build(workspace, names, &target, &out)?;
    println!("{}\n\n{}", out.display(), table(&built).plain());
    let fat: Vec<&str> =
        built.iter().filter(|built| built.bytes > budget(&built.name)).map(|built| &*built.name).collect();
    if !fat.is_empty() {
        bail!("keep within the budget of size: {}", fat.join(", "));
    }
    Ok(())
}

/// Builds all for this machine; gives their folder, whatever their sizes.
///
/// # Errors
/// When a build fails.
pub(crate) fn make(workspace: &Workspace) -> Result<PathBuf> {
    let out = folder(workspace);
    build(workspace, workspace.primitives()?, &host(workspace)?, &out)?;
    Ok(out)
}

/// Where the binaries go unless told otherwise.
fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root().join("target/dist")
}

/// Those of `all` that were asked for, which is all of them when none was.
fn named(all: Vec<String>, wanted: &[String]) -> Result<Vec<String>> {
    if let Some(unknown) = wanted.iter().find(|name| !all.contains(name)) {
        bail!("find the primitive {unknown}; there are {}", all.join(", "));
    }
    Ok(all.into_iter().filter(|name| wanted.is_empty() || wanted.contains(name)).collect())
}

fn build(workspace: &Workspace, names: Vec<String>, target: &str, out: &Path) -> Result<Vec<Built>> {
    fs::create_dir_all(out).with_context(|| format!("create {}", out.display()))?;
    let mut all = Vec::new();
    for name in names {
        eprintln!("building {name} for {target}");
        let executable = build_one(workspace, target, &name)?;
        let bytes = fs::read(&executable).with_context(|| format!("read {}", executable.display()))?;
        if is_static(target) && elf::wants_interpreter(&bytes) {
            bail!("make {name} static: it still asks for a dynamic loader");
        }
        put(&executable, &out.join(&name))?;
        let sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        all.push(Built { name, bytes: bytes.len() as u64, sha256 });
    }
    Ok(all)
}

/// Linux binaries run on any distribution, whatever its libc; macOS has no static libc.
fn is_static(target: &str) -> bool {
    target.contains("-linux-")
}

/// What rustc is told beside the profile. The path is relative, since a folder's name must not change the bytes;
/// cargo runs rustc in the workspace's folder.
fn flags(target: &str) -> &'static [&'static str] {
    if is_static(target) {
        &[
            "-Ctarget-feature=+crt-static",
            // rustc's own choice on some machines, lld, cannot leave out a part of a section.
            "-Clink-arg=-fuse-ld=bfd",
            "-Clink-arg=-Txtask/src/dist/unwinding.ld",
        ]
    } else {
        &[]
    }
}

fn build_one(workspace: &Workspace, target: &str, name: &str) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    cargo
        .args(["build", "--release", "--quiet", "--locked", "--package", name, "--bin", name])
        // Also where it is this machine: build scripts do not get the flags below then.
        .args(["--target", target, "--message-format=json-render-diagnostics"])
        .env("CARGO_ENCODED_RUSTFLAGS", flags(target).join("\u{1f}"));
    let messages = workspace::read(&mut cargo)?;
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok()?.executable)
        .next_back()
        .with_context(|| format!("find the executable of {name} in cargo's messages"))
}

/// The one field that matters of cargo's messages (The Cargo Book, "External tools").
#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
}

/// Copies beside and renames, so that a binary that is running stays whole.
fn put(from: &Path, to: &Path) -> Result<()> {
    let part = to.with_extension("part");
    fs::copy(from, &part).with_context(|| format!("copy to {}", part.display()))?;
    fs::rename(&part, to).with_context(|| format!("rename to {}", to.display()))
}

/// This machine's target triple.
fn host(workspace: &Workspace) -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = workspace::read(Command::new(rustc).arg("-vV").current_dir(workspace.root()))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("find the host in the output of `rustc -vV`")?.to_owned())
}

fn table(built: &[Built]) -> Table {
    let mut table = Table::new(&["binary", "size", "budget", "", "sha256"]);
    for Built { name, bytes, sha256 } in built {
        let verdict = if *bytes > budget(name) { "OVER" } else { "ok" };
        table.row([
            name.clone(),
            megabytes(*bytes),
            megabytes(budget(name)),
            verdict.to_owned(),
            sha256.clone(),
        ]);
    }
    table
}

/// Megabytes of a million bytes.
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{:.2} MB", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_over_its_budget_stands_out() {
        let built = |name: &str, bytes| Built { name: name.to_owned(), bytes, sha256: "ab".to_owned() };
        let text = table(&[built("kv-bind", 2_000_001), built("manifest-resolve", 2_000_001)]).plain();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "kv-bind           2.00 MB  4.00 MB  ok    ab");
        assert_eq!(lines[2], "manifest-resolve  2.00 MB  2.00 MB  OVER  ab");
    }

    #[test]
    fn the_named_ones_are_built_and_an_unknown_one_is_told() {
        let all = || ["a", "b", "c"].map(str::to_owned).to_vec();
        assert_eq!(named(all(), &[]).unwrap(), all());
        assert_eq!(named(all(), &["c".to_owned()]).unwrap(), ["c"]);
        assert!(named(all(), &["d".to_owned()]).unwrap_err().to_string().contains("a, b, c"));
    }

    /// libgcc ends the process when it cannot even find itself in the tables that `unwinding.ld` thins out.
    #[cfg(target_os = "linux")]
    #[test]
    fn with_the_flags_a_backtrace_is_short_and_does_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        let (source, program) = (folder.path().join("main.rs"), folder.path().join("main"));
        let text = r#"fn main() {
            print!("{}", std::backtrace::Backtrace::force_capture());
            let leave = std::process::exit;
            std::panic::set_hook(Box::new(move |_| leave(70)));
            panic!();
        }"#;
        fs::write(&source, text).unwrap();
        let workspace = Workspace::own();
        let target = host(&workspace).unwrap();
        let built = Command::new("rustc")
            .args(["-Cpanic=abort", "-Cstrip=symbols", "--target", &target])
            .args(flags(&target))
            .args([Path::new("-o"), &program, &source])
            .current_dir(workspace.root())
            .status()
            .unwrap();
        assert!(built.success());
        assert_eq!(Command::new(&program).status().unwrap().code(), Some(70));
    }

    #[test]
    fn a_copy_replaces_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::write(&from, "new").unwrap();
        fs::write(&to, "old").unwrap();
        put(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(to).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}

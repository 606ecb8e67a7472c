//! `bench`: the binaries as they ship, each beside a floor measured in the same run.
//!
//! A table with medians and ratios, for a person to judge: nothing is asserted, since a busy machine says nothing
//! about a program. One bench is one file; a new one is one line in [`BENCHES`].

mod deploy;
mod lint;
mod measure;
mod migrations;
mod quiet;
mod repository;
mod resolve;
mod size;
mod start;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::dist;
use crate::table::Table;
use crate::workspace::Workspace;

/// What is measured, and with which binaries.
#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    /// Only these benches; `--list` names them
    names: Vec<String>,

    /// Folder with binaries to measure, instead of building them as `dist` does
    #[arg(long, value_name = "DIR")]
    bin_dir: Option<PathBuf>,

    /// Name the benches, run none
    #[arg(long)]
    list: bool,
}

/// What a bench gets to work with.
#[derive(Debug)]
struct Stage<'a> {
    workspace: &'a Workspace,
    bin_dir: PathBuf,
}

impl Stage<'_> {
    /// A binary to measure.
    fn binary(&self, name: &str) -> PathBuf {
        self.bin_dir.join(name)
    }

    /// A folder that outlives the run, for what is slow to make.
    fn cache(&self) -> PathBuf {
        self.workspace.root().join("target/bench")
    }
}

/// One bench.
struct Bench {
    name: &'static str,
    about: &'static str,
    run: fn(&Stage<'_>) -> Result<Table>,
    /// Whether it takes minutes, so that it runs only when it is named.
    slow: bool,
}

impl Bench {
    const fn new(name: &'static str, about: &'static str, run: fn(&Stage<'_>) -> Result<Table>) -> Self {
        Self { name, about, run, slow: false }
    }

    const fn slow(self) -> Self {
        Self { slow: true, ..self }
    }
}

const BENCHES: &[Bench] = &[
    Bench::new("size", "bytes of each binary beside its budget", size::run),
    Bench::new("start", start::ABOUT, start::run),
    Bench::new("manifest-resolve", resolve::ABOUT, resolve::run),
    Bench::new("manifest-lint", lint::ABOUT, lint::run),
    Bench::new("migration-lint", migrations::ABOUT, migrations::run),
    Bench::new("migration-lint-cases", migrations::ABOUT_GIVEN, migrations::run_given),
    Bench::new("migration-lint-beside", migrations::ABOUT_EXAMPLES, migrations::run_examples),
    Bench::new("render-deploy", deploy::ABOUT, deploy::run),
    Bench::new("render-deploy-long", deploy::ABOUT_LONG, deploy::run_long).slow(),
    Bench::new("blue-quiet", quiet::ABOUT, quiet::run).slow(),
];

/// Runs the benches that were named, or all but the slow ones.
///
/// # Errors
/// When a binary cannot be built or run; never because of a number.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let unknown = options.names.iter().find(|name| !BENCHES.iter().any(|bench| bench.name == name.as_str()));
    if let Some(name) = unknown {
        let known: Vec<&str> = BENCHES.iter().map(|bench| bench.name).collect();
        bail!("find the bench `{name}`: there are {}", known.join(", "));
    }
    if options.list {
        BENCHES.iter().for_each(|bench| println!("{:<22}  {}", bench.name, bench.about));
        return Ok(());
    }
    let stage = Stage { workspace, bin_dir: binaries(workspace, options.bin_dir.as_deref())? };
    let named = |bench: &Bench| options.names.iter().any(|name| name == bench.name);
    let wanted = |bench: &&Bench| if options.names.is_empty() { !bench.slow } else { named(bench) };
    for bench in BENCHES.iter().filter(wanted) {
        println!("\n== {}: {}\n\n{}", bench.name, bench.about, (bench.run)(&stage)?.plain());
    }
    Ok(())
}

fn binaries(workspace: &Workspace, given: Option<&Path>) -> Result<PathBuf> {
    if let Some(folder) = given {
        return Ok(folder.canonicalize()?);
    }
    dist::make(workspace)
}

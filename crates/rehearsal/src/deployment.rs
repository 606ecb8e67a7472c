//! Staging and production, rehearsed: the repository's own workflows, those that deploy
//! and those that an operator or the clock starts, executed
//! job by job with the real binaries, a real PostgreSQL and the vendors' twins, while
//! visitors ask for every public name.
//!
//! A rehearsal passes when everything that its scenario promises
//! came true: how each run ended, where the names point, what the ledger says, and
//! that no visitor noticed.

mod all;
mod by_hand;
pub mod failures;
mod killed;
mod list;
mod names;
mod options;
mod own_time;
mod play;
mod progress;
mod reading;
mod scenario;
mod several;
mod stage;
mod tell;
mod verdict;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Parser as _, ValueEnum as _};

use crate::estate::Release;
use crate::executables::executables;
use crate::timeline::{Rehearsal, markdown, page, terminal};

use options::Options;
use progress::{Voice, print, say};
use scenario::{Place, Scenario};

/// Whether these arguments of `rehearse` are for a deployment.
#[must_use]
pub fn is_meant(arguments: &[OsString]) -> bool {
    let names = |first: &OsString| Place::value_variants().iter().any(|place| first == place.word());
    arguments.first().is_some_and(names)
}

/// Runs `rehearse staging`, `rehearse production`, or a rehearsal of what an operator starts; the first argument is
/// that word. Reports go into the folder `reports` unless the arguments name another.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>, reports: PathBuf) -> ExitCode {
    let words = std::iter::once(OsString::from("rehearse")).chain(arguments);
    let options = match Options::try_parse_from(words) {
        Ok(options) => options,
        Err(error) => {
            print(&error.to_string());
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    if options.list {
        print(&list::list(options.place));
        return ExitCode::SUCCESS;
    }
    let mut chosen = scenario::all().filter(|scenario| scenario.place == options.place);
    let chosen: Vec<_> = match (&options.fault, options.all) {
        (_, true) => chosen.collect(),
        (Some(name), _) => chosen.filter(|scenario| scenario.name == name).collect(),
        (None, _) => chosen.next().into_iter().collect(),
    };
    let kills =
        options.place == Place::Production && (options.all || options.fault.as_deref() == Some(killed::NAME));
    if chosen.is_empty() && !kills {
        let name = options.fault.as_deref().unwrap_or_default();
        print(&format!("error: there is no rehearsal {name}\nhint: `--list` names them\n"));
        return ExitCode::from(2);
    }
    let folder = options.report.as_deref().unwrap_or(&reports);
    match rehearse(&chosen, kills, &options, folder) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            print(&format!("error: {error:#}\n"));
            ExitCode::FAILURE
        }
    }
}

/// Plays one, or all of a place, and then, if asked for, the one that is many plays; whether all of them passed.
fn rehearse(scenarios: &[&Scenario], kills: bool, options: &Options, folder: &Path) -> Result<bool> {
    if std::env::var_os(crate::executables::BIN_DIR).is_none() {
        say("Building the actions' binaries ...");
    }
    let executables = executables().context("build the actions' binaries")?;
    let release = Release::of(executables)?;
    let mut passed = match scenarios {
        [] => true,
        [scenario] if !options.all => alone(scenario, &release, folder)?,
        scenarios => all::rehearse(scenarios, &release, folder),
    };
    if kills {
        passed &= killed::rehearse(&release, folder)?;
    }
    Ok(passed)
}

/// One, told while it goes on.
fn alone(scenario: &Scenario, release: &Release, folder: &Path) -> Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let told = runtime.block_on(play::play(scenario, release, Voice::Aloud))?;
    print(&terminal(&told));
    for file in save(scenario, &told, folder)? {
        say(&format!("Written to {}", file.display()));
    }
    Ok(told.passed())
}

fn save(scenario: &Scenario, told: &Rehearsal, folder: &Path) -> Result<[PathBuf; 2]> {
    std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    let write = |ending: &str, text: String| -> Result<PathBuf> {
        let file = folder.join(format!("{}-{}.{ending}", scenario.place.word(), scenario.name));
        std::fs::write(&file, text).with_context(|| format!("write {}", file.display()))?;
        Ok(file)
    };
    Ok([write("md", markdown(told))?, write("html", page(told))?])
}

//! `migration-lint` on a long history, beside squawk on the same files in the same run, and beside a program that
//! does nothing, whose peak memory is the least that can be measured here.

mod examples;
mod generate;
mod given;
mod squawk;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::Stage;
use super::measure::{Sample, medians_ending, milliseconds, ratio};
use crate::dist::megabytes;
use crate::table::Table;
use crate::workspace;

pub(super) use examples::{ABOUT as ABOUT_EXAMPLES, run as run_examples};
pub(super) use given::{ABOUT as ABOUT_GIVEN, run as run_given};

pub(super) const ABOUT: &str = "1,000 generated migrations, beside squawk on the pending ones, where migration-lint reads the \
    deployed ones, too (wanted with all pending: no slower, 50 MB)";

const FILES: usize = 1_000;
/// Pending in the row that is like a pull request.
const PENDING: usize = 10;
const ROUNDS: usize = 11;
/// What a lint ends with: nothing found, or something.
const VERDICTS: &[i32] = &[0, 1];
const FOLDER: &str = "supabase/migrations";

pub(super) fn run(stage: &Stage<'_>) -> Result<Table> {
    let place = stage.cache().join("migrations");
    let paths = write(&place)?;
    let applied = place.join("applied.txt");
    let mut table = Table::new(&["pending", "program", "wall", "to squawk", "CPU", "peak memory"]);
    let squawk = squawk::find(stage.workspace);
    for pending in [FILES, PENDING] {
        let (history, judged) = paths.split_at(FILES - pending);
        fs::write(&applied, versions(history))?;
        let ours = ours(&stage.binary("migration-lint"), &place, FOLDER, "applied.txt");
        let nothing = Command::new("true");
        let Some(squawk) = &squawk else {
            let [nothing, ours] = medians_ending(ROUNDS, [nothing, ours], VERDICTS)?;
            row(&mut table, pending, "true", nothing, "");
            row(&mut table, pending, "migration-lint", ours, squawk::ABSENT);
            continue;
        };
        let peer = squawk::command(squawk, &place, judged);
        let [nothing, peer, ours] = medians_ending(ROUNDS, [nothing, peer, ours], VERDICTS)?;
        row(&mut table, pending, "true", nothing, "");
        row(&mut table, pending, squawk::NAME, peer, "");
        row(&mut table, pending, "migration-lint", ours, &ratio(ours.wall, peer.wall));
    }
    Ok(table)
}

fn row(table: &mut Table, pending: usize, program: &str, sample: Sample, to_squawk: &str) {
    table.row([
        format!("{pending} of {FILES}"),
        program.to_owned(),
        milliseconds(sample.wall),
        to_squawk.to_owned(),
        milliseconds(sample.cpu),
        megabytes(sample.peak),
    ]);
}

/// A repository of its own without anything in it, or it would be taken for a part of the one around it.
fn repository(place: &Path) -> Result<()> {
    if place.exists() {
        fs::remove_dir_all(place).with_context(|| format!("remove {}", place.display()))?;
    }
    fs::create_dir_all(place).with_context(|| format!("create {}", place.display()))?;
    workspace::run(super::repository::git(place).args(["init", "--quiet", "--initial-branch=main", "."]))
}

/// Writes the migrations; gives their paths from the folder `place`, in order.
fn write(place: &Path) -> Result<Vec<PathBuf>> {
    repository(place)?;
    fs::create_dir_all(place.join(FOLDER)).with_context(|| format!("create {FOLDER}"))?;
    let migrations = (0..FILES).map(generate::migration);
    let written = migrations.map(|migration| {
        let path = Path::new(FOLDER).join(&migration.name);
        fs::write(place.join(&path), migration.sql).with_context(|| format!("write {}", path.display()))?;
        Ok(path)
    });
    written.collect()
}

/// The list of versions that `base` takes.
fn versions(paths: &[PathBuf]) -> String {
    let names = paths.iter().filter_map(|path| path.file_name()?.to_str()?.split_once('_'));
    names.map(|(version, _)| format!("{version}\n")).collect()
}

/// migration-lint in a folder with these migrations.
fn ours(binary: &Path, place: &Path, migrations: &str, base: &str) -> Command {
    let mut command = Command::new(binary);
    command
        .current_dir(place)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .args([format!("--migrations={migrations}"), format!("--base={base}")]);
    command
}

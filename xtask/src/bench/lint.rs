//! `manifest-lint`: the large repository of the bench of `manifest-resolve`, beside the bare `git ls-files` that it
//! cannot do without.

use std::process::Command;

use anyhow::Result;

use super::Stage;
use super::measure::{medians, milliseconds};
use super::repository::{self, FILES, MANIFEST, TARGETS, git};
use crate::dist::megabytes;
use crate::table::Table;
use crate::workspace;

pub(super) const ABOUT: &str = "200,000 tracked files, 100 targets of 5 globs of which one matches nothing, beside \
    the bare `git ls-files` (wanted: 50,000 files far under 100 ms)";

const ROUNDS: usize = 7;

pub(super) fn run(stage: &Stage<'_>) -> Result<Table> {
    let repository = repository::open(&stage.cache())?;
    workspace::run(git(&repository.folder).args(["read-tree", &repository.base]))?;
    let mut ours = Command::new(stage.binary("manifest-lint"));
    ours.current_dir(&repository.folder).arg(format!("--manifest={MANIFEST}"));
    let mut floor = git(&repository.folder);
    floor.args(["ls-files", "-z", "--stage", "--full-name", "--", ":/"]);
    let [floor, ours] = medians(ROUNDS, [floor, ours])?;
    let mut table = Table::new(&["tracked", "program", "wall", "CPU", "CPU above", "peak memory"]);
    for (program, sample) in [("git ls-files", floor), ("manifest-lint", ours)] {
        table.row([
            format!("{FILES} in {TARGETS}"),
            program.to_owned(),
            milliseconds(sample.wall),
            milliseconds(sample.cpu),
            milliseconds(sample.cpu.saturating_sub(floor.cpu)),
            megabytes(sample.peak),
        ]);
    }
    Ok(table)
}

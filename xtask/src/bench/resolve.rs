//! `manifest-resolve`: a large repository, beside the bare `git diff-tree` that it cannot do without, and beside a
//! program that does nothing, whose peak memory is the least that can be measured here.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::Stage;
use super::measure::{medians, milliseconds};
use super::repository::{self, FEW, FILES, MANIFEST, MANY, Repository, TARGETS, git};
use crate::dist::megabytes;
use crate::table::Table;

pub(super) const ABOUT: &str = "200,000 files, 100 targets of 5 globs, beside the bare `git diff-tree` \
    (wanted: 50,000 changed at most 150 ms CPU above it and 80 MB; 18 changed under 30 ms)";

const ROUNDS: usize = 7;

pub(super) fn run(stage: &Stage<'_>) -> Result<Table> {
    let repository = repository::open(&stage.cache())?;
    let mut table =
        Table::new(&["of files", "changed", "program", "wall", "CPU", "CPU above", "peak memory"]);
    for (changed, head) in [(MANY, &repository.many), (FEW, &repository.few)] {
        let ours = resolve(&stage.binary("manifest-resolve"), &repository, head);
        let floor = diff_tree(&repository, head);
        let [nothing, floor, ours] = medians(ROUNDS, [Command::new("true"), floor, ours])?;
        for (program, sample) in [("true", nothing), ("git diff-tree", floor), ("manifest-resolve", ours)] {
            table.row([
                format!("{FILES} in {TARGETS}"),
                changed.to_string(),
                program.to_owned(),
                milliseconds(sample.wall),
                milliseconds(sample.cpu),
                milliseconds(sample.cpu.saturating_sub(floor.cpu)),
                megabytes(sample.peak),
            ]);
        }
    }
    Ok(table)
}

fn resolve(binary: &Path, repository: &Repository, head: &str) -> Command {
    let mut command = Command::new(binary);
    command
        .current_dir(&repository.folder)
        .args([&format!("--manifest={MANIFEST}"), "--unowned=ignore"])
        .args([format!("--base={}", repository.base), format!("--head={head}")]);
    command
}

/// The same plumbing call that the primitive makes, with nothing around it.
fn diff_tree(repository: &Repository, head: &str) -> Command {
    let mut command = git(&repository.folder);
    command
        .env("GIT_INDEX_FILE", repository.folder.join(".git/no-index"))
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("LC_ALL", "C")
        .args(["diff-tree", "-r", "-z", "--no-renames", "--ignore-submodules=none"])
        .args([repository.base.as_str(), head, "--"]);
    command
}

//! `start`: how long `--help` takes, beside a program that does nothing.

use std::process::Command;

use anyhow::Result;

use super::Stage;
use super::measure::{medians, milliseconds, ratio};
use crate::table::Table;

pub(super) const ABOUT: &str = "time of `--help` beside a program that does nothing (wanted: under 10 ms)";

const ROUNDS: usize = 101;

pub(super) fn run(stage: &Stage<'_>) -> Result<Table> {
    let mut table = Table::new(&["program", "wall", "`true`", "ratio", "CPU"]);
    for name in stage.workspace.primitives()? {
        let mut help = Command::new(stage.binary(&name));
        help.arg("--help").env_clear();
        let [help, floor] = medians(ROUNDS, [help, Command::new("true")])?;
        table.row([
            format!("{name} --help"),
            milliseconds(help.wall),
            milliseconds(floor.wall),
            ratio(help.wall, floor.wall),
            milliseconds(help.cpu),
        ]);
    }
    Ok(table)
}

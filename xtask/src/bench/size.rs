//! `size`: bytes of each binary.

use std::fs;

use anyhow::{Context as _, Result};

use super::Stage;
use crate::dist;
use crate::table::Table;

pub(super) fn run(stage: &Stage<'_>) -> Result<Table> {
    let mut table = Table::new(&["binary", "size", "budget", "of it"]);
    for name in stage.workspace.primitives()? {
        let place = stage.binary(&name);
        let bytes = fs::metadata(&place).with_context(|| format!("look at {}", place.display()))?.len();
        let budget = dist::budget(&name);
        let share = format!("{} %", bytes * 100 / budget);
        table.row([name, dist::megabytes(bytes), dist::megabytes(budget), share]);
    }
    Ok(table)
}

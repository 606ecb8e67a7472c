//! The examples of `beside.json`, judged by squawk: does it find there what the table says it does? What the table
//! says of migration-lint is held by a test of its own.

use std::fs;

use anyhow::{Context as _, Result};

use super::squawk;
use crate::bench::Stage;
use crate::beside::{Beside, Row};
use crate::table::Table;

pub(in crate::bench) const ABOUT: &str =
    "the examples of the table beside squawk's rules (wanted: squawk finds each, as the table says)";

pub(in crate::bench) fn run(stage: &Stage<'_>) -> Result<Table> {
    let beside = Beside::read(stage.workspace, "migration-lint")?.context("find squawk's rules")?;
    let mut table = Table::new(&["examples", "found by squawk", "found unasked", "not as the table says"]);
    let Some(program) = squawk::find(stage.workspace) else {
        let absent = || squawk::ABSENT.to_owned();
        table.row([beside.rows.len().to_string(), absent(), absent(), absent()]);
        return Ok(table);
    };
    let place = stage.cache().join("examples");
    fs::create_dir_all(&place).with_context(|| format!("create {}", place.display()))?;
    let (mut found, mut unasked, mut wrong) = (0, 0, Vec::new());
    for row in &beside.rows {
        let file = format!("{}.sql", row.rule);
        fs::write(place.join(&file), &row.sql).with_context(|| format!("write {file}"))?;
        let finds = |include: &str| {
            let mut command = squawk::command(&program, &place, &[&file]);
            command.args(&row.arguments).args(Some(include).filter(|include| !include.is_empty()));
            let violations = squawk::violations(&mut command)?;
            Ok::<_, anyhow::Error>(violations.iter().any(|one| one.rule_name == row.rule))
        };
        let by_itself = finds("")?;
        let asked = by_itself || finds(&format!("--include={}", row.rule))?;
        found += usize::from(asked);
        unasked += usize::from(by_itself);
        wrong.extend(complaint(row, by_itself, asked));
    }
    let wrong = if wrong.is_empty() { "none".to_owned() } else { wrong.join("; ") };
    table.row([beside.rows.len().to_string(), found.to_string(), unasked.to_string(), wrong]);
    Ok(table)
}

fn complaint(row: &Row, by_itself: bool, asked: bool) -> Option<String> {
    if !asked {
        return Some(format!("{} finds nothing", row.rule));
    }
    (by_itself != row.usual).then(|| format!("{} is found unasked: {by_itself}", row.rule))
}

//! The cases that the rules are tested with, judged by the program as it ships and by squawk: how many breaks each
//! catches, and how many changes that break nothing it blames.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::squawk;
use crate::bench::Stage;
use crate::beside::Beside;
use crate::table::Table;

pub(in crate::bench) const ABOUT: &str =
    "the cases of the rules, judged by migration-lint and by squawk (wanted: 98 % caught, 5 % blamed)";

const CASES: &str = "crates/domain/migrations/tests/cases/given.json";
const BASE: &str = "20260101000000";

#[derive(Deserialize)]
struct Cases {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    verdict: String,
    base: String,
    sql: Files,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Files {
    One(String),
    Several(Vec<String>),
}

impl Files {
    fn all(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Several(texts) => texts,
        }
    }
}

pub(in crate::bench) fn run(stage: &Stage<'_>) -> Result<Table> {
    let text = fs::read_to_string(stage.workspace.root().join(CASES)).context("read the cases")?;
    let cases = serde_json::from_str::<Cases>(&text).context("read the cases")?.cases;
    let place = stage.cache().join("cases");
    write(&place, &cases)?;

    let mut table = Table::new(&["judge", "breaks caught", "safe changes blamed", "for a person, reported"]);
    let binary = stage.binary("migration-lint");
    let blamed: BTreeSet<&str> =
        cases.iter().filter_map(|case| blames(&binary, &place, case).transpose()).collect::<Result<_>>()?;
    table.row(rates("migration-lint", &cases, &blamed));

    let Some(program) = squawk::find(stage.workspace) else {
        let absent = || squawk::ABSENT.to_owned();
        table.row([squawk::NAME.to_owned(), absent(), absent(), absent()]);
        return Ok(table);
    };
    let beside = Beside::read(stage.workspace, "migration-lint")?.context("find squawk's rules")?;
    let compatible = beside.names(|row| row.clients);
    let usual = beside.names(|row| row.usual);
    let all: BTreeSet<&str> = compatible.union(&usual).copied().collect();
    let both: BTreeSet<&str> = compatible.intersection(&usual).copied().collect();
    let files: Vec<String> = cases.iter().flat_map(files).collect();
    let opt_in: Vec<&str> = all.difference(&usual).copied().collect();
    let mut command = squawk::command(&program, &place, &files);
    command.arg(format!("--include={}", opt_in.join(",")));
    let found = squawk::violations(&mut command)?;
    for (what, rules) in [
        ("its usual rules", &usual),
        ("those of them on running clients", &both),
        ("all on running clients", &compatible),
    ] {
        let counts = |rule: &str| rules.contains(rule) || rule == "syntax-error";
        let blamed = found.iter().filter(|one| counts(&one.rule_name));
        let blamed =
            blamed.filter_map(|one| Some(one.file.trim_start_matches("./").split_once('/')?.0)).collect();
        table.row(rates(&format!("{}, {what}", squawk::NAME), &cases, &blamed));
    }
    Ok(table)
}

/// A row: of the cases of each verdict, how many are blamed.
fn rates(judge: &str, cases: &[Case], blamed: &BTreeSet<&str>) -> [String; 4] {
    let rate = |verdict: &str| {
        let of: Vec<&Case> = cases.iter().filter(|case| case.verdict == verdict).collect();
        let hit = of.iter().filter(|case| blamed.contains(case.id.as_str())).count();
        format!("{hit} of {} ({:.0} %)", of.len(), hit as f64 * 100.0 / of.len().max(1) as f64)
    };
    [judge.to_owned(), rate("breaking"), rate("not_breaking"), rate("needs_review")]
}

/// The case's name when something in it is breaking or for a person; advisories do not count.
fn blames<'c>(binary: &Path, place: &Path, case: &'c Case) -> Result<Option<&'c str>> {
    let output = super::ours(binary, place, &case.id, BASE).output().context("run migration-lint")?;
    let told = String::from_utf8_lossy(&output.stdout);
    let verdict = told.lines().find_map(|line| line.strip_prefix("verdict="));
    let verdict = verdict.with_context(|| {
        format!("judge the case {}: {}", case.id, String::from_utf8_lossy(&output.stderr))
    })?;
    Ok((verdict != "compatible").then_some(case.id.as_str()))
}

/// A folder a case, with its base and its pending files.
fn write(place: &Path, cases: &[Case]) -> Result<()> {
    super::repository(place)?;
    for case in cases {
        fs::create_dir_all(place.join(&case.id)).with_context(|| format!("create {}", case.id))?;
        let base = place.join(format!("{}/{BASE}_base.sql", case.id));
        fs::write(&base, &case.base).with_context(|| format!("write {}", base.display()))?;
        for (path, sql) in files(case).iter().zip(case.sql.all()) {
            fs::write(place.join(path), sql).with_context(|| format!("write {path}"))?;
        }
    }
    Ok(())
}

/// The paths of the pending files.
fn files(case: &Case) -> Vec<String> {
    let count = case.sql.all().len();
    (1..=count).map(|number| format!("{}/2026010200000{number}_pending.sql", case.id)).collect()
}

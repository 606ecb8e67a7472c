//! What the README says of this lint beside squawk's rules: held on the example of each.

use std::collections::BTreeSet;

use migrations::{Finding, Migration, assess};
use serde::Deserialize;

#[derive(Deserialize)]
struct Beside {
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    rule: String,
    base: String,
    sql: String,
    /// The level and the rule, such as `breaking drop-column`.
    ours: Option<String>,
}

fn rows() -> Vec<Row> {
    serde_json::from_str::<Beside>(include_str!("../../beside.json")).unwrap().rows
}

/// The worst finding, the first of several.
fn said(row: &Row) -> Option<String> {
    let base = Migration { path: "base.sql", text: &row.base };
    let report = assess(&[base], &[Migration { path: "pending.sql", text: &row.sql }], &[]);
    let mut findings: Vec<&Finding> = report.findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    findings.first().map(|worst| format!("{} {}", worst.level.word(), worst.rule.name()))
}

#[test]
fn the_table_says_what_the_lint_says() {
    let wrong: Vec<String> = rows()
        .iter()
        .filter(|row| said(row) != row.ours)
        .map(|row| format!("{}: {:?} in the table, {:?} now", row.rule, row.ours, said(row)))
        .collect();
    assert!(wrong.is_empty(), "mend beside.json, then run `cargo xtask codegen`:\n{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_one_row() {
    let rows = rows();
    let names: BTreeSet<&str> = rows.iter().map(|row| row.rule.as_str()).collect();
    // Those of squawk 2.70.0, without the alias `require-timeout-settings`.
    assert_eq!((rows.len(), names.len()), (77, 77));
}

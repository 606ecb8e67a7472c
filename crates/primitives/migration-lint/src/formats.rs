//! The report for programs.

use std::collections::BTreeSet;

use migrations::{Finding, Level, Report, Rule};
use serde_json::{Value, json};

/// One JSON object; its keys are as stable as the outputs.
pub(crate) fn as_json(report: &Report) -> Value {
    let findings: Vec<Value> = report.findings.iter().map(finding).collect();
    let overrides: Vec<Value> = report
        .overrides
        .iter()
        .map(|one| json!({ "file": one.path, "line": one.start.line, "reason": one.reason, "findings": one.findings }))
        .collect();
    json!({ "version": 1, "verdict": report.verdict().word(), "findings": findings, "overrides": overrides })
}

fn finding(finding: &Finding) -> Value {
    json!({
        "rule": finding.rule.name(),
        "level": finding.level.word(),
        "file": finding.path,
        "line": finding.start.line,
        "column": finding.start.column,
        "endLine": finding.end.line,
        "endColumn": finding.end.column,
        "message": finding.message,
        "covered": finding.covered,
    })
}

/// SARIF 2.1.0 (OASIS), as GitHub's code scanning takes it.
pub(crate) fn as_sarif(report: &Report) -> Value {
    let used: BTreeSet<Rule> = report.findings.iter().map(|finding| finding.rule).collect();
    let rules: Vec<Value> = used.iter().map(|rule| rule_of(*rule)).collect();
    let results: Vec<Value> = report.findings.iter().map(result).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "migration-lint", "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule_of(rule: Rule) -> Value {
    json!({
        "id": rule.name(),
        "shortDescription": { "text": rule.summary() },
        "help": { "text": rule.page(), "markdown": rule.page() },
    })
}

fn result(finding: &Finding) -> Value {
    let level = match finding.level {
        Level::Breaking => "error",
        Level::NeedsReview => "warning",
        Level::Advisory => "note",
    };
    let mut result = json!({
        "ruleId": finding.rule.name(),
        "level": level,
        "message": { "text": finding.message },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": finding.path },
            "region": {
                "startLine": finding.start.line,
                "startColumn": finding.start.column,
                "endLine": finding.end.line,
                "endColumn": finding.end.column,
            },
        } }],
    });
    if let (Some(reason), Some(object)) = (&finding.covered, result.as_object_mut()) {
        object.insert("suppressions".to_owned(), json!([{ "kind": "inSource", "justification": reason }]));
    }
    result
}

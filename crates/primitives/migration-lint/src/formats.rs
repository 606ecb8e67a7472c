//! The report for programs.

use action::Severity;
use findings::Place;
use migrations::{Finding, Level, Report, Rule};
use serde_json::{Value, json};

use crate::MigrationLint;
use crate::source::Sources;

/// All that was found, in the order of the report, in the words of all lints.
pub(crate) fn all(report: &Report, sources: &Sources) -> Vec<findings::Finding> {
    report.findings.iter().map(|finding| told(finding, sources)).collect()
}

/// What is not in the working tree has no lines there.
fn told(finding: &Finding, sources: &Sources) -> findings::Finding {
    let place = Place {
        line: finding.start.line,
        column: finding.start.column,
        end_line: finding.end.line,
        end_column: finding.end.column,
    };
    findings::Finding {
        rule: rule(finding.rule),
        level: level(finding.level),
        file: finding.path.clone(),
        place: sources.is_here(&finding.path).then_some(place),
        message: finding.message.clone(),
        instead: None,
        covered: finding.covered.clone(),
    }
}

fn rule(rule: Rule) -> findings::Rule {
    findings::Rule { name: rule.name(), summary: rule.summary(), page: rule.page() }
}

fn level(level: Level) -> findings::Level {
    let severity = match level {
        Level::Breaking => Severity::Error,
        Level::NeedsReview => Severity::Warning,
        Level::Advisory => Severity::Notice,
    };
    findings::Level { word: level.word(), severity }
}

/// One JSON object; its keys are as stable as the outputs.
pub(crate) fn as_json(report: &Report, findings: &[findings::Finding]) -> Value {
    let findings: Vec<Value> = findings.iter().map(findings::as_json).collect();
    let overrides: Vec<Value> = report
        .overrides
        .iter()
        .map(|one| json!({ "file": one.path, "line": one.start.line, "reason": one.reason, "findings": one.findings }))
        .collect();
    json!({ "version": 1, "verdict": report.verdict().word(), "findings": findings, "overrides": overrides })
}

/// SARIF 2.1.0.
pub(crate) fn as_sarif(findings: &[findings::Finding]) -> Value {
    let rules = Rule::ALL.iter().copied().map(rule);
    findings::as_sarif(<MigrationLint as action::Primitive>::NAME, rules, findings)
}

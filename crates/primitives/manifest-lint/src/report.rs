//! What was found, and what it comes to.

use action::{Severity, markdown};
use findings::Finding;
use serde_json::{Value, json};

use crate::flaw::counted;
use crate::rule::Rule;

/// Everything found in one manifest.
#[derive(Debug)]
pub(crate) struct Report {
    /// The manifest's name.
    pub(crate) file: String,
    /// By their places.
    pub(crate) findings: Vec<Finding>,
    /// How many more there are.
    pub(crate) omitted: usize,
    /// How much was looked at, in words.
    pub(crate) scope: String,
}

impl Report {
    /// `error`, `warning` or `clean`.
    pub(crate) fn verdict(&self) -> &'static str {
        if self.of(Severity::Error).next().is_some() {
            "error"
        } else if self.of(Severity::Warning).next().is_some() {
            "warning"
        } else {
            "clean"
        }
    }

    fn of(&self, severity: Severity) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.level.severity == severity)
    }

    /// The findings that make the run fail.
    pub(crate) fn failing(&self, strict: bool) -> Vec<&Finding> {
        let warnings = self.of(Severity::Warning).filter(|_| strict);
        self.of(Severity::Error).chain(warnings).collect()
    }

    /// How many findings there are, notices not counted.
    pub(crate) fn count(&self) -> usize {
        self.findings.len() - self.of(Severity::Notice).count() + self.omitted
    }

    /// One JSON object; its keys are as stable as the outputs.
    pub(crate) fn as_json(&self) -> Value {
        let findings: Vec<Value> = self.findings.iter().map(findings::as_json).collect();
        json!({ "version": 1, "verdict": self.verdict(), "findings": findings, "omitted": self.omitted })
    }

    /// SARIF 2.1.0.
    pub(crate) fn as_sarif(&self, tool: &str) -> Value {
        findings::as_sarif(tool, Rule::ALL.iter().map(|rule| rule.told()), &self.findings)
    }

    /// The job summary.
    pub(crate) fn summary(&self) -> String {
        let head = format!(
            "### Deploy manifest: {}\n\n{}: {}.\n\n",
            self.verdict(),
            markdown::code(&self.file),
            markdown::text(&self.scope)
        );
        if self.findings.is_empty() {
            return format!(
                "{head}Every directory belongs to a target, or is known to be deployed nowhere.\n"
            );
        }
        let table = findings::table(&self.findings, ["What is the matter", "Instead"], |finding| {
            finding.instead.as_deref()
        });
        format!("{head}{table}{}", self.more().map(|more| format!("\n{more}\n")).unwrap_or_default())
    }

    /// What is not told, in words.
    pub(crate) fn more(&self) -> Option<String> {
        (self.omitted > 0).then(|| {
            format!("{} not told.", counted(self.omitted, "further finding is", "further findings are"))
        })
    }
}

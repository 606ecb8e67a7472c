//! Cases: a schema, a change of it, what running code does, and what is to be said.

use migrations::{Level, Migration, Report, Rule, Verdict, assess};
use serde::Deserialize;

/// A file of cases.
#[derive(Deserialize)]
pub(crate) struct Cases {
    pub(crate) cases: Vec<Case>,
}

/// One case; what running code does in it is run by the tests of the primitive.
#[derive(Clone, Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) group: String,
    pub(crate) verdict: String,
    pub(crate) rule: Option<String>,
    pub(crate) base: String,
    pub(crate) sql: Files,
    pub(crate) why: String,
    /// The weakest verdict that will do.
    pub(crate) minimum: Option<String>,
    /// What is worth knowing beside the verdict.
    pub(crate) advisory: Option<String>,
}

/// One pending file or several.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Files {
    One(String),
    Several(Vec<String>),
}

impl Files {
    pub(crate) fn all(&self) -> Vec<&str> {
        match self {
            Self::One(text) => vec![text],
            Self::Several(texts) => texts.iter().map(String::as_str).collect(),
        }
    }
}

/// The cases that the project was given.
pub(crate) fn given() -> Vec<Case> {
    read(include_str!("../cases/given.json"))
}

/// The project's own.
pub(crate) fn own() -> Vec<Case> {
    read(include_str!("../cases/own.json"))
}

fn read(text: &str) -> Vec<Case> {
    serde_json::from_str::<Cases>(text).unwrap().cases
}

impl Case {
    pub(crate) fn report(&self) -> Report {
        let base = Migration { path: "base.sql", text: &self.base };
        let names: Vec<String> =
            (1..=self.sql.all().len()).map(|number| format!("pending_{number}.sql")).collect();
        let pending: Vec<Migration<'_>> =
            names.iter().zip(self.sql.all()).map(|(path, text)| Migration { path, text }).collect();
        assess(&[base], &pending, &[])
    }

    /// What is to be said, as a verdict.
    pub(crate) fn wanted(&self) -> Verdict {
        verdict(&self.verdict)
    }

    /// Whether a report names the rule that the case is about.
    pub(crate) fn names_its_rule(&self, report: &Report) -> bool {
        let Some(rule) = self.rule.as_deref().and_then(Rule::named) else { return self.rule.is_none() };
        report.findings.iter().any(|finding| finding.rule == rule && finding.level > Level::Advisory)
    }
}

/// The verdict of a case's word.
pub(crate) fn verdict(word: &str) -> Verdict {
    match word {
        "breaking" => Verdict::Breaking,
        "needs_review" => Verdict::NeedsReview,
        "not_breaking" => Verdict::Compatible,
        "overridden" => Verdict::Overridden,
        other => panic!("no verdict is called {other}"),
    }
}

/// A report as lines, for messages of tests.
pub(crate) fn lines(report: &Report) -> String {
    let line = |finding: &migrations::Finding| {
        format!(
            "    {} {}:{}:{} {}: {}\n",
            finding.level.word(),
            finding.path,
            finding.start.line,
            finding.start.column,
            finding.rule.name(),
            finding.message
        )
    };
    report.findings.iter().map(line).collect()
}

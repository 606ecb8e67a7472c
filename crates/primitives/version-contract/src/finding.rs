//! What is wrong, all of it in one table.

use std::fmt;

use action::{Done, Failure, markdown};

/// How many findings the error names; the summary has them all.
const IN_A_MESSAGE: usize = 5;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) origin: String,
    pub(crate) path: &'static str,
    /// The field or header, if it is about one.
    pub(crate) field: String,
    pub(crate) problem: String,
    /// Whether the service gave no usable answer, so that nothing is known.
    pub(crate) unseen: bool,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let space = if self.field.is_empty() { "" } else { " " };
        write!(f, "{}{}: {}{space}{}", self.origin.trim_end_matches('/'), self.path, self.field, self.problem)
    }
}

/// All of them.
#[derive(Clone, Debug)]
pub(crate) struct Findings(Vec<Finding>);

impl From<Vec<Finding>> for Findings {
    fn from(findings: Vec<Finding>) -> Self {
        Self(findings)
    }
}

impl Findings {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.0.iter()
    }

    /// The same without secrets: a service may repeat a key that it was given.
    pub(crate) fn redacted(mut self, redact: impl Fn(&str) -> String) -> Self {
        for finding in &mut self.0 {
            finding.field = redact(&finding.field);
            finding.problem = redact(&finding.problem);
        }
        self
    }

    /// The job summary.
    pub(crate) fn markdown(&self, services: usize) -> String {
        let head = format!("### Version contract: {}\n\n", counted(services, "service"));
        if self.0.is_empty() {
            return format!("{head}All answer as agreed.\n");
        }
        let rows = self.0.iter().map(|finding| {
            let field =
                if finding.field.is_empty() { "-".to_owned() } else { markdown::code(&finding.field) };
            [
                markdown::text(&finding.origin),
                markdown::code(finding.path),
                field,
                markdown::text(&finding.problem),
            ]
        });
        format!("{head}{}", markdown::table(["Service", "Document", "Field", "Finding"], rows))
    }

    /// How the run ends.
    pub(crate) fn end(&self, services: usize) -> Result<Done, Failure> {
        let (unseen, wrong): (Vec<_>, Vec<_>) = self.0.iter().partition(|finding| finding.unseen);
        if wrong.is_empty() && unseen.is_empty() {
            tracing::info!("{} as agreed", counted(services, "service"));
            return Ok(Done::Success);
        }
        if wrong.is_empty() {
            return Err(Failure::timed_out(format!("no usable answer: {}", some(&unseen)))
                .hint("see the service's own log for why it does not answer, or raise `timeout`"));
        }
        let all: Vec<&Finding> = wrong.into_iter().chain(unseen).collect();
        let text = format!("{} against the version contract: {}", counted(all.len(), "finding"), some(&all));
        Err(Failure::refused(text)
            .hint(
                "the contract is four fields in /version and eleven in /version/detail; `--help` lists them",
            )
            .hint("nothing was changed: mend the services, deploy them and run this again"))
    }
}

fn some(findings: &[&Finding]) -> String {
    let mut named: Vec<String> =
        findings.iter().take(IN_A_MESSAGE).map(|finding| finding.to_string()).collect();
    if findings.len() > IN_A_MESSAGE {
        named.push(format!("and {} more, see the summary", findings.len() - IN_A_MESSAGE));
    }
    named.join("; ")
}

fn counted(count: usize, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

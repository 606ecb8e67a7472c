//! Findings for a person.

use action::{AnnotatedPlace, Annotation, Context, Failure, Severity, markdown};

use crate::finding::Finding;
use crate::format::Format;

/// GitHub shows this many annotations of a level for a step (GitHub docs, workflow commands); the summary has all.
const ANNOTATIONS: usize = 10;

/// Tells each finding of the lint `tool`: as an annotation in the format of GitHub, else as a line in the log.
pub fn tell(context: &Context, tool: &str, findings: &[Finding], format: Format) {
    if format != Format::Github {
        findings.iter().for_each(|finding| tracing::info!("{}", lines(finding)));
        return;
    }
    for severity in [Severity::Error, Severity::Warning, Severity::Notice] {
        let some = findings.iter().filter(|finding| finding.level.severity == severity);
        some.take(ANNOTATIONS).for_each(|finding| context.annotate(&annotation(tool, finding)));
    }
}

/// A finding in one line, and what to write instead in another.
fn lines(finding: &Finding) -> String {
    let instead = finding.instead.as_ref().map(|instead| format!("\n  instead: {instead}"));
    format!("{}{}", finding.line(), instead.unwrap_or_default())
}

fn annotation(tool: &str, finding: &Finding) -> Annotation {
    let place = finding.place.map(|place| AnnotatedPlace {
        file: finding.file.clone(),
        line: place.line,
        column: place.column,
        end_line: place.end_line,
        end_column: place.end_column,
    });
    // What points nowhere says itself what it is about.
    let about = if place.is_none() { format!("{}: ", finding.file) } else { String::new() };
    let hint = finding.instead.as_ref().map(|instead| format!("\nhint: {instead}")).unwrap_or_default();
    let rule = finding.rule.name;
    Annotation {
        severity: if finding.covered.is_some() { Severity::Notice } else { finding.level.severity },
        place,
        title: format!("{rule} ({})", finding.level.word),
        message: format!(
            "{about}{}{}{hint}\nhint: `{tool} --explain {rule}` says what to do instead",
            finding.message,
            finding.because()
        ),
    }
}

/// The findings as a table of the job summary. The heads of its last two columns are the lint's own; `last` fills the
/// last one, with plain text.
#[must_use]
pub fn table<'f>(
    findings: &'f [Finding],
    heads: [&str; 2],
    last: impl Fn(&'f Finding) -> Option<&'f str>,
) -> String {
    let rows = findings.iter().map(|finding| {
        [
            markdown::code(&finding.spot()),
            finding.level.word.to_owned(),
            markdown::code(finding.rule.name),
            markdown::text(&finding.message),
            last(finding).map(markdown::text).unwrap_or_default(),
        ]
    });
    markdown::table(["Where", "Level", "Rule", heads[0], heads[1]], rows)
}

/// The end of a run that findings make fail: the verdict, the first of them, and how many more there are.
#[must_use]
pub fn refusal(verdict: &str, failing: &[&Finding]) -> Failure {
    let first = failing.first().map(|finding| finding.line()).unwrap_or_default();
    let more = match failing.len() {
        0 | 1 => String::new(),
        count => format!(", and {} more", count - 1),
    };
    Failure::refused(format!("{verdict}: {first}{more}"))
}

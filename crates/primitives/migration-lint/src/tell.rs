//! What a person reads.

use action::{Annotation, Context, Severity, markdown};
use migrations::{Finding, Level, Report, Verdict};

use crate::inputs::Format;
use crate::source::Sources;

/// GitHub shows this many annotations of a level for a step (GitHub docs, workflow commands); the summary has all.
const ANNOTATIONS: usize = 10;

/// Tells each finding, in the way that was asked for.
pub(crate) fn findings(context: &Context, report: &Report, format: Format) {
    if format == Format::Github {
        for level in [Level::Breaking, Level::NeedsReview, Level::Advisory] {
            let some = report.findings.iter().filter(|finding| finding.level == level);
            some.take(ANNOTATIONS).for_each(|finding| context.annotate(&annotation(finding)));
        }
    } else {
        report.findings.iter().for_each(|finding| tracing::info!("{}", line(finding)));
    }
    for one in &report.overrides {
        context.warn(&format!(
            "{}:{}: a marker covers {} findings: {}\nhint: somebody must look at this before it is merged",
            one.path, one.start.line, one.findings, one.reason
        ));
    }
}

fn annotation(finding: &Finding) -> Annotation {
    let covered = finding.covered.as_ref().map(|reason| format!(" (covered: {reason})")).unwrap_or_default();
    Annotation {
        severity: match (finding.level, &finding.covered) {
            (Level::Advisory, _) | (_, Some(_)) => Severity::Notice,
            (Level::NeedsReview, None) => Severity::Warning,
            (Level::Breaking, None) => Severity::Error,
        },
        file: finding.path.clone(),
        line: finding.start.line,
        column: finding.start.column,
        end_line: finding.end.line,
        end_column: finding.end.column,
        title: format!("{} ({})", finding.rule.name(), finding.level.word()),
        message: format!(
            "{}{covered}\nhint: `migration-lint --explain {}` says what to do instead",
            finding.message,
            finding.rule.name()
        ),
    }
}

/// `file:line:column: level [rule] message`.
pub(crate) fn line(finding: &Finding) -> String {
    let covered = finding.covered.as_ref().map(|reason| format!(" (covered: {reason})")).unwrap_or_default();
    format!(
        "{}:{}:{}: {} [{}] {}{covered}",
        finding.path,
        finding.start.line,
        finding.start.column,
        finding.level.word(),
        finding.rule.name(),
        finding.message
    )
}

/// The job summary.
pub(crate) fn summary(report: &Report, sources: &Sources) -> String {
    let head = format!(
        "### Migrations: {}\n\n{} pending after {}, compared with {}.\n\n",
        report.verdict().word(),
        sources.pending.len(),
        sources.history.len(),
        markdown::text(&sources.base)
    );
    if report.findings.is_empty() {
        return format!("{head}{}\n", in_words(report.verdict()));
    }
    let rows = report.findings.iter().map(|finding| {
        [
            markdown::code(&format!("{}:{}:{}", finding.path, finding.start.line, finding.start.column)),
            finding.level.word().to_owned(),
            markdown::code(finding.rule.name()),
            markdown::text(&finding.message),
            finding.covered.as_deref().map(markdown::text).unwrap_or_default(),
        ]
    });
    format!("{head}{}", markdown::table(["Where", "Level", "Rule", "What happens", "Covered, because"], rows))
}

/// A verdict as a sentence.
pub(crate) fn in_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Compatible => "The code that runs now keeps working.",
        Verdict::Overridden => "What breaks is meant to; a person must agree.",
        Verdict::NeedsReview => "A person must look.",
        Verdict::Breaking => "The code that runs now breaks.",
    }
}

//! What a person reads.

use action::{Context, Primitive as _, markdown};
use findings::Format;
use migrations::{Report, Verdict};

use crate::MigrationLint;
use crate::formats::all;
use crate::source::Sources;

/// Tells each finding, in the way that was asked for.
pub(crate) fn findings(context: &Context, report: &Report, format: Format) {
    findings::tell(context, MigrationLint::NAME, &all(report), format);
    for one in &report.overrides {
        context.warn(&format!(
            "{}:{}: a marker covers {} findings: {}\nhint: somebody must look at this before it is merged",
            one.path, one.start.line, one.findings, one.reason
        ));
    }
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
    let table = findings::table(&all(report), ["What happens", "Covered, because"], |finding| {
        finding.covered.as_deref()
    });
    format!("{head}{table}")
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

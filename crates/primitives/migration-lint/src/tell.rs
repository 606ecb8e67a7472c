//! What a person reads.

use action::{AnnotatedPlace, Annotation, Context, Primitive as _, Severity, markdown};
use findings::{Finding, Format};
use migrations::{Override, Report, Verdict};

use crate::MigrationLint;
use crate::source::Sources;

/// Tells each finding and each marker that counts, in the way that was asked for.
pub(crate) fn findings(context: &Context, report: &Report, findings: &[Finding], format: Format) {
    findings::tell(context, MigrationLint::NAME, findings, format);
    for one in &report.overrides {
        overridden(context, one, format);
    }
}

fn overridden(context: &Context, one: &Override, format: Format) {
    let what = counted(one.findings, "finding");
    let message = format!(
        "a marker covers {what}: {}\nhint: somebody must look at this before it is merged",
        one.reason
    );
    let (file, line, column) = (&one.path, one.start.line, one.start.column);
    if format != Format::Github {
        return context.warn(&format!("{file}:{line}:{column}: {message}"));
    }
    let place = AnnotatedPlace { file: file.clone(), line, column, end_line: line, end_column: column };
    context.annotate(&Annotation {
        severity: Severity::Warning,
        place: Some(place),
        title: String::from("compat: breaking"),
        message,
    });
}

/// A number of things.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// The job summary.
pub(crate) fn summary(report: &Report, findings: &[Finding], sources: &Sources) -> String {
    let compared = markdown::text(&compared(sources));
    let excluded = excluded(report).map(|text| format!("{}.\n\n", markdown::text(&text))).unwrap_or_default();
    let head = format!("### Migrations: {}\n\n{compared}.\n\n{excluded}", report.verdict().word());
    if findings.is_empty() {
        return format!("{head}{}\n", in_words(report.verdict()));
    }
    let table =
        findings::table(findings, ["What happens", "Covered, because"], |finding| finding.covered.as_deref());
    format!("{head}{table}")
}

/// How much was looked at, and beside what; without a full stop.
pub(crate) fn compared(sources: &Sources) -> String {
    let (pending, history) = (sources.pending.len(), sources.history.len());
    format!("{pending} pending after {history} deployed, compared with {}", sources.base)
}

/// What excluded rules would have found, so that nobody takes it for nothing; without a full stop.
pub(crate) fn excluded(report: &Report) -> Option<String> {
    let each = report.excluded.iter().map(|(rule, count)| format!("{count} of {}", rule.name()));
    let each: Vec<String> = each.collect();
    (!each.is_empty()).then(|| format!("not told, by `exclude`: {}", each.join(", ")))
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

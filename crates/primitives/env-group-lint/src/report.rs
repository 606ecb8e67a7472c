//! What a person reads.

use action::{Done, Failure, markdown};

use crate::read::Estate;
use crate::rules::Finding;

/// How many findings the error names; the summary has them all.
const IN_A_MESSAGE: usize = 5;

/// The job summary: names only.
pub(crate) fn markdown(estate: &Estate, findings: &[Finding]) -> String {
    let head = format!("### Variables of {}\n\n", looked_at(estate));
    if findings.is_empty() {
        return format!("{head}Each stands where it belongs.\n");
    }
    let rows = findings.iter().map(|finding| {
        [
            markdown::code(&finding.key),
            markdown::text(&finding.place),
            markdown::text(&finding.problem),
            markdown::text(finding.fix),
        ]
    });
    format!("{head}{}", markdown::table(["Variable", "Where", "Finding", "Fix"], rows))
}

/// How the run ends.
pub(crate) fn end(estate: &Estate, findings: &[Finding]) -> Result<Done, Failure> {
    for finding in findings {
        tracing::info!("{} of {} {}", finding.key, finding.place, finding.problem);
    }
    if findings.is_empty() {
        tracing::info!("each variable of {} stands where it belongs", looked_at(estate));
        return Ok(Done::Success);
    }
    let mut named: Vec<String> = findings
        .iter()
        .take(IN_A_MESSAGE)
        .map(|finding| format!("{} of {} {}", finding.key, finding.place, finding.problem))
        .collect();
    if findings.len() > IN_A_MESSAGE {
        named.push(format!("and {} more, see the summary", findings.len() - IN_A_MESSAGE));
    }
    let count = counted(findings.len(), "variable");
    Err(Failure::refused(format!("{count} where it does not belong: {}", named.join("; ")))
        .hint("the summary names the fix of each; a change of an env group deploys every linked service that has auto-deploy on, so turn that off first")
        .hint("nothing was changed"))
}

fn looked_at(estate: &Estate) -> String {
    format!(
        "{} and {}",
        counted(estate.services.len(), "service"),
        counted(estate.groups.len(), "linked env group")
    )
}

fn counted(count: usize, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

//! The job summary.

use action::{Context, markdown};

/// What was tried.
pub(crate) fn rehearsed(context: &Context, branch: &str, applied: &[String], smoke: Option<&str>) {
    let applied = match applied {
        [] => "nothing is pending".to_owned(),
        names => names.iter().map(|name| markdown::code(name)).collect::<Vec<_>>().join("<br>"),
    };
    let rows = [
        ["Branch".to_owned(), format!("{}, deleted", markdown::code(branch))],
        ["Applied".to_owned(), applied],
        ["Smoke command".to_owned(), smoke.map_or_else(|| "none".to_owned(), |_| "passed".to_owned())],
    ];
    context.summarise(&format!("### Schema rehearsal\n\n{}", markdown::table(["What", ""], rows)));
}

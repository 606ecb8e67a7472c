//! What a person reads.

use action::{Context, markdown};

use crate::stranded::Stranded;

/// The summary of a run that only read.
pub(crate) fn of_reading(context: &Context, stranded: &Stranded) {
    context.summarise(&section(stranded, &[("Left", stranded.left_in_words())]));
}

/// The summary of a drain, with what came of it.
pub(crate) fn of_drain(context: &Context, stranded: &Stranded, rows: &[(&str, String)]) {
    context.summarise(&section(stranded, rows));
}

fn section(stranded: &Stranded, rows: &[(&str, String)]) -> String {
    let deployment = &stranded.deployment;
    let head = [
        ["Generation".to_owned(), deployment.generation.to_string()],
        ["Reference".to_owned(), markdown::code(&deployment.reference)],
        ["Commit".to_owned(), markdown::code(&deployment.sha)],
    ];
    let rows = rows.iter().map(|(what, found)| [(*what).to_owned(), markdown::text(found)]);
    format!("### legacy-drain\n\n{}\n", markdown::table(["What", ""], head.into_iter().chain(rows)))
}

/// What stays when a drain ends early.
pub(crate) fn stays(service: &str) -> String {
    format!(
        "the temporary service {service} stays up and goes on; run again to go on with it, or delete it once \
         core.outbox has nothing of its generation: `curl -X DELETE -H \"Authorization: Bearer $RENDER_API_KEY\" \
         https://api.render.com/v1/services/{service}`"
    )
}

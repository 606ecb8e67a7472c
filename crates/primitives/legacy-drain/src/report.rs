//! What a person reads.

use action::{Context, markdown};

use crate::DrainOutputs;
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
pub(crate) fn stays(outputs: &DrainOutputs) -> Option<String> {
    let service = outputs.service_id.as_ref()?;
    let by_hand = format!(
        "`curl -X DELETE -H \"Authorization: Bearer $RENDER_API_KEY\" https://api.render.com/v1/services/{service}`"
    );
    Some(match outputs.signal {
        Some(_) => {
            format!("the temporary service {service} is left over: run again to delete it, or {by_hand}")
        }
        None => format!(
            "the temporary service {service} stays: run again to go on with it, or delete it once core.outbox has \
             nothing of its generation: {by_hand}"
        ),
    })
}

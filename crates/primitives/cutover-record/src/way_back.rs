//! Class 2 of the rollback tree: the names go back, nothing is deployed (ADR-053 D14.2).

use action::{Context, Done, bash_word, markdown};

use crate::Record;
use crate::names::Names;

/// Where the names are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'p> {
    /// Their zone's id.
    pub(crate) zone: Option<&'p str>,
    /// The servers to ask instead of the zone's own.
    pub(crate) nameserver: Option<&'p str>,
}

/// Says how the names go back, where the operator looks: in the summary and as an annotation.
pub(crate) fn tell(
    context: &Context,
    generation: u64,
    names: &Names,
    place: Place<'_>,
    outputs: &mut Record,
) -> Done {
    outputs.previous = Some(names.lines());
    context.warn(&format!(
        "generation {generation} serves and was not verified; the job summary says how its names go back"
    ));
    let rows = names.iter().map(|(host, target)| [markdown::code(host), markdown::code(target)]);
    // Targets only: a TTL that stays, and the note since when it is short, let the next cutover flip at once.
    let targets: Vec<String> = names.iter().map(|(host, target)| format!("{host} {target}")).collect();
    let commands = format!(
        "cname-flip --mode restore --zone-id {} --previous {}{}\ncutover-record --mode rolled-back --generation {generation}",
        bash_word(place.zone.unwrap_or("ZONE")),
        bash_word(&targets.join("\n")),
        place.nameserver.map(|servers| format!(" --nameserver={}", bash_word(servers))).unwrap_or_default(),
    );
    context.summarise(&format!(
        "### Way back: class 2\n\n\
         The public names point at generation {generation}, and it was not verified that it serves as it should. \
         Nothing was recorded as cut over. What served before still runs: the names go back to it within their TTL.\n\n\
         {}\n\
         To go back, run the two actions, or these lines where their secrets are set:\n\n{}\n\
         To go on instead, once what was missing is mended: *Re-run failed jobs* of this run verifies again.\n",
        markdown::table(["Name", "Goes back to"], rows),
        markdown::block(&commands),
    ));
    Done::Success
}

//! What a person reads.

use action::{Context, markdown};

use crate::standing::Group;

/// How the groups stand.
pub(crate) fn standings(context: &Context, groups: &[Group]) {
    let rows = groups.iter().map(|group| {
        let targets: Vec<String> = group.targets.iter().map(|target| markdown::code(target)).collect();
        tracing::info!("{}: {}", group.targets.join(", "), group.standing);
        [targets.join(", "), markdown::text(&group.standing.to_string())]
    });
    context.summarise(&format!("### blue-sync\n\n{}\n", markdown::table(["Targets", "Standing"], rows)));
}

//! Warns of what nobody finishes by itself. None of it stops a cutover.

use std::time::Duration;

use action::{Context, markdown};
use humantime::format_duration;
use postgres::ledger::{Deployment, Outbox};

use crate::{name, rows};

/// Warns of flips that were announced long ago, and neither confirmed nor undone.
pub(crate) fn warn_of_flips(context: &Context, flips: &[Deployment]) {
    let told = flips.iter().map(|flip| {
        let (generation, run) = (flip.generation, flip.run_id);
        let since = Duration::from_secs(flip.since_intent.unwrap_or_default().as_secs());
        Told {
            sentence: format!(
                "the flip of {} was announced {} ago, and nobody confirmed or undid it: run {run} again to finish it, or undo it: the first line says how its names go back, the second records that they are back",
                name(flip),
                format_duration(since)
            ),
            commands: vec![
                format!("cutover-record --mode way-back --generation {generation}"),
                format!("cutover-record --mode rolled-back --generation {generation}"),
            ],
        }
    });
    warn(context, "Flips without an end", &told.collect::<Vec<_>>());
}

/// Warns of work that older generations have left, when no hold keeps their workers any more.
pub(crate) fn warn_of_work(context: &Context, work: &[(u64, Outbox)]) {
    let told = work.iter().map(|(generation, outbox)| Told {
        sentence: format!(
            "generation {generation} has work left ({}), and no hold keeps the workers that do it: a deploy onto what stands by takes their place; drain it once they are gone",
            rows(*outbox)
        ),
        commands: vec![format!(
            "gh workflow run drain-legacy-generation.yml -f target_generation={generation}"
        )],
    });
    warn(context, "Work without workers", &told.collect::<Vec<_>>());
}

/// A warning, and lines for bash that help.
struct Told {
    sentence: String,
    commands: Vec<String>,
}

fn warn(context: &Context, title: &str, all: &[Told]) {
    if all.is_empty() {
        return;
    }
    let mut summary = format!("### {title}\n");
    for Told { sentence, commands } in all {
        context.warn(&format!("{sentence}: {}", commands.join("; ")));
        summary.push_str(&format!(
            "\n{}\n\n{}\n",
            markdown::text(sentence),
            markdown::block(&commands.join("\n"))
        ));
    }
    context.summarise(&summary);
}

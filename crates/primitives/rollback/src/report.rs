//! What a person is told: the class, why, and what to do.

use action::{Context, markdown};
use cutover::rollback::{Class, Decision, Names, Stage};

use crate::look::Found;
use crate::steps::Steps;

/// Writes the summary, and what deserves an annotation.
pub(crate) fn tell(context: &Context, decision: &Decision, found: &Found, steps: &Steps) {
    let (class, generation) = (decision.class.number(), found.world.generation);
    let name = words(decision.class);
    tracing::info!("class {class}: {name}");
    if decision.class == Class::Disaster {
        context.warn(&format!("generation {generation} cannot be rolled back: class 5, {name}"));
    }
    let mut text = format!("### Rollback: class {class}, {}\n\n{}", markdown::text(name), facts(found));
    if !decision.instead.is_empty() {
        text.push_str("\nThe names cannot simply go back (class 2):\n\n");
        for closed in &decision.instead {
            tracing::info!("no class 2: {closed}");
            text.push_str(&format!("- {}\n", markdown::text(&closed.to_string())));
        }
    }
    text.push_str("\nWhat to do, in this order:\n\n");
    for (number, step) in steps.iter().enumerate() {
        tracing::info!("{}. {}", number + 1, step.sentence);
        text.push_str(&format!("{}. {}\n", number + 1, markdown::text(&step.sentence)));
    }
    let commands: Vec<&str> = steps.iter().flat_map(|step| &step.commands).map(String::as_str).collect();
    if !commands.is_empty() {
        let block = markdown::block(&commands.join("\n"));
        text.push_str(&format!(
            "\nRun the actions of these lines, or the lines where their secrets are set:\n\n{block}"
        ));
    }
    context.summarise(&text);
}

const fn words(class: Class) -> &'static str {
    match class {
        Class::Incomplete => "nothing of it is visible",
        Class::FlipBack => "the names go back",
        Class::Redeploy => "the code from before is deployed again",
        Class::Migration => "migrations only go forward, the code goes back",
        Class::Disaster => "the code from before is lost",
    }
}

fn facts(found: &Found) -> String {
    let row = &found.around.row;
    let world = &found.world;
    let prior = found.around.prior.as_ref().map_or_else(
        || "none".to_owned(),
        |prior| {
            format!(
                "{}, {}, {}",
                prior.generation,
                prior.tag.as_deref().unwrap_or(&prior.reference),
                prior.sha
            )
        },
    );
    let schema: Vec<&str> = world.since.iter().map(|migration| migration.version.as_str()).collect();
    let rows = [
        (
            "Generation",
            format!("{}, {}, {}", row.generation, row.tag.as_deref().unwrap_or(&row.reference), row.sha),
        ),
        ("It is", stage(world.stage).to_owned()),
        ("Its names are", names(&world.names)),
        ("Before it", prior),
        ("Migrations since", if schema.is_empty() { "none".to_owned() } else { schema.join(", ") }),
        (
            "Outbox, not done",
            format!("{} of its own, {} left behind below", world.outbox.own, world.outbox.below),
        ),
    ];
    markdown::table(["What", "Found"], rows.map(|(what, value)| [what.to_owned(), markdown::text(&value)]))
}

const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Allocated => "allocated, not flipped",
        Stage::Announced => "announced, neither confirmed nor undone",
        Stage::CutOver { synced: true, .. } => "cut over, and the former colour is synced",
        Stage::CutOver { held: true, .. } => "cut over, in its hold",
        Stage::CutOver { .. } => "cut over, its hold is over",
        Stage::RolledBack => "rolled back",
    }
}

fn names(names: &Names) -> String {
    match names {
        Names::None => "none that it moved".to_owned(),
        Names::Before => "all where they were before it".to_owned(),
        Names::After => "all where it moved them".to_owned(),
        Names::Between => "some where they were, some where it moved them".to_owned(),
        Names::Elsewhere(hosts) => hosts.join(", "),
    }
}

//! What the rehearsals stand for: the steps of the runbook's failure table, and thirteen ways in which operators get
//! hurt. ADR-053 counts those ("validated against 13 known operator failure modes") and does not list them: this list
//! is the project's own.

mod modes;
mod steps;

use super::scenario::Place;

use modes::{MODES, Mode};
use steps::{STEPS, Step};

/// A rehearsal: its place and its name.
type Row = (Place, &'static str);

/// The thirteen as a Markdown table: what goes wrong, what guards against it, how it is rehearsed, and what the
/// operator does next.
#[must_use]
pub fn modes_table() -> String {
    let head = [
        "",
        "mode",
        "what goes wrong",
        "what guards against it",
        "rehearsed as",
        "what the operator does next",
    ];
    let cells = |(number, mode): (usize, &Mode)| {
        let guards: Vec<_> = mode.guards.iter().map(|(action, job)| guard(action, job)).collect();
        let guard = format!("{}: {}", guards.join(", "), mode.guard);
        [
            (number + 1).to_string(),
            mode.name.into(),
            mode.wrong.into(),
            guard,
            rows(mode.rows),
            mode.next.into(),
        ]
    };
    table(head, MODES.iter().enumerate().map(cells))
}

/// The runbook's failure table, with the rehearsals of each step.
#[must_use]
pub fn steps_table() -> String {
    let cells = |step: &Step| {
        [step.name.to_owned(), step.failure.to_owned(), rows(step.rows), step.action.to_owned()]
    };
    table(["step", "what fails", "rehearsed as", "what is done"], STEPS.iter().map(cells))
}

/// What a rehearsal stands for, in a line; nothing when it stands for none of them.
pub(super) fn stands_for(place: Place, name: &str) -> Option<String> {
    let is_of = |rows: &[Row]| rows.contains(&(place, name));
    let steps = STEPS.iter().filter(|step| is_of(step.rows));
    let steps = steps.map(|step| {
        let word = if step.name.contains(',') { "steps" } else { "step" };
        format!("{word} {} of the failure table", step.name)
    });
    let modes = MODES.iter().enumerate().filter(|(_, mode)| is_of(mode.rows));
    let modes = modes.map(|(number, mode)| format!("failure mode {}, {}", number + 1, mode.name));
    let all: Vec<_> = steps.chain(modes).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

fn guard(action: &str, job: &str) -> String {
    if job.is_empty() { format!("`{action}`") } else { format!("`{action}` in `{job}`") }
}

/// As they are typed behind `cargo xtask rehearse`.
fn rows(rows: &[Row]) -> String {
    let typed = |(place, name): &Row| format!("`{} --fault {name}`", place.word());
    rows.iter().map(typed).collect::<Vec<_>>().join("<br>")
}

fn table<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let head = format!("| {} |\n|{}\n", head.join(" | "), " --- |".repeat(N));
    rows.fold(head, |text, cells| format!("{text}| {} |\n", cells.join(" | ")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::super::{killed, scenario};
    use super::*;

    const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

    fn known() -> BTreeSet<(&'static str, &'static str)> {
        let all = scenario::all().map(|scenario| (scenario.place.word(), scenario.name));
        all.chain([(Place::Production.word(), killed::NAME)]).collect()
    }

    #[test]
    fn the_thirteen_are_thirteen_and_each_is_rehearsed() {
        let names: BTreeSet<_> = MODES.iter().map(|mode| mode.name).collect();
        assert_eq!((MODES.len(), names.len()), (13, 13));
        for mode in MODES {
            assert!(!mode.rows.is_empty() && !mode.guards.is_empty(), "{}", mode.name);
            let texts = [mode.name, mode.wrong, mode.guard, mode.next];
            assert!(texts.iter().all(|text| !text.is_empty() && !text.contains('|')), "{}", mode.name);
            for (place, name) in mode.rows {
                assert!(known().contains(&(place.word(), *name)), "{}: no rehearsal {name}", mode.name);
            }
        }
    }

    #[test]
    fn every_step_of_the_failure_table_is_rehearsed() {
        let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        assert_eq!(names, ["1, 2", "3", "4", "5", "6", "7", "8", "9", "10", "11"]);
        for step in STEPS {
            assert!(!step.rows.is_empty(), "step {}", step.name);
            for (place, name) in step.rows {
                assert!(known().contains(&(place.word(), *name)), "step {}: no rehearsal {name}", step.name);
            }
        }
    }

    /// The jobs of a workflow: name and text.
    fn jobs(file: &str) -> Vec<(String, String)> {
        let text = std::fs::read_to_string(Path::new(PROJECT).join(".github/workflows").join(file)).unwrap();
        let (_, text) = text.split_once("\njobs:\n").unwrap();
        let mut jobs: Vec<(String, String)> = Vec::new();
        for line in text.lines() {
            let head = line.strip_prefix("  ").and_then(|line| line.strip_suffix(':'));
            match (head.filter(|name| !name.starts_with([' ', '#'])), jobs.last_mut()) {
                (Some(name), _) => jobs.push((name.to_owned(), String::new())),
                (None, Some((_, body))) => *body += &format!("{line}\n"),
                (None, None) => {}
            }
        }
        jobs
    }

    #[test]
    fn every_guard_is_an_action_and_the_job_that_is_named_uses_it() {
        let files = [Place::Staging, Place::Production, Place::Sync, Place::Rollback].map(Place::file);
        let jobs: Vec<_> = files.into_iter().flat_map(jobs).collect();
        for (mode, (action, job)) in
            MODES.iter().flat_map(|mode| mode.guards.iter().map(move |guard| (mode, guard)))
        {
            assert!(
                Path::new(PROJECT).join("actions").join(action).is_dir(),
                "{}: no action {action}",
                mode.name
            );
            let uses = |(name, body): &(String, String)| {
                name == job && body.contains(&format!("uses: $/actions/{action}\n"))
            };
            assert!(job.is_empty() || jobs.iter().any(uses), "{}: {job} does not use {action}", mode.name);
        }
    }

    #[test]
    fn a_rehearsal_says_what_it_stands_for() {
        let told = |place, name| stands_for(place, name).unwrap_or_default();
        assert_eq!(told(Place::Production, "late-ttl"), "failure mode 10, late TTL");
        assert_eq!(told(Place::Staging, "late-ttl"), "");
        let both = told(Place::Production, "partial-merge");
        assert_eq!(both, "step 4 of the failure table; failure mode 4, partial merge");
        let two = told(Place::Production, "mutex");
        assert_eq!(two, "steps 1, 2 of the failure table; failure mode 2, two tags at once");
        assert_eq!(stands_for(Place::Production, "cutover"), None);
    }

    /// A table is read in a browser and in an editor: each row is one line with as many cells as the head.
    #[test]
    fn the_tables_are_tables() {
        for (text, columns, rows) in [(modes_table(), 6, 13), (steps_table(), 4, 10)] {
            assert_eq!(text.lines().count(), rows + 2);
            assert!(
                text.lines().all(|line| line.matches(" | ").count() == columns - 1 || line.contains("---")),
                "{text}"
            );
        }
    }
}

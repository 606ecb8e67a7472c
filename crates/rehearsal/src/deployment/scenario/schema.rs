//! The schema's gates, steps 3 and 4: what a tag's migrations do to production, and what is done when they do not.

use anyhow::Result;

use crate::estate::Estate;
use crate::fault::What as Fault;
use crate::fault::When;
use crate::twins::supabase::{Merging, StepEnd};
use crate::visitors::Colour;
use crate::workflow_run::{Conclusion, Run, Service};

use super::act::{ACT, Act, Commit, Promise, Schema, Start};
use super::{SCENARIO, Scenario, cutovers};

const MERGE: &str = "POST /v1/branches/{branch}/merge";

/// The newest of two migrations, and the one before it or alone.
const SECOND: &str = "20260423170304_add_column_4";
const FIRST: &str = "20260423170303_add_column_3";

/// A commit with two migrations; the api, whose schema it is, moves with its workers.
const GROWS: Act = Act {
    schema: Schema::Grows(2),
    tag: "prod-2",
    promise: Promise {
        succeeding: cutovers::API_JOBS,
        results: &[("schema-merge", "success"), ("confirm", "success")],
        colours: [("api", Colour::Green), ("dashboard", Colour::Blue), ("operations", Colour::Blue)],
        ledger: &["cut over", "cut over"],
        says: &[("schema-rehearse", SECOND), ("schema-merge", SECOND), ("confirm", "cut over")],
        ..ACT.promise
    },
    ..ACT
};

/// It ends at the schema: nothing is visible, and no generation is used up.
const NO_GENERATION: Promise = Promise { conclusion: Conclusion::Failure, ..ACT.promise };

const BEFORE_REHEARSAL: &[&str] = &["approval", "marker", "changes"];
const BEFORE_MERGE: &[&str] = &["approval", "marker", "changes", "schema-rehearse"];

/// Every rehearsal of this kind.
pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "schema",
        title: "Production: two migrations",
        about: "A tag brings two migrations; they are tried on a branch, then merged.",
        expected: "Production has both before anything is deployed, api ends on green, and no request fails.",
        acts: &[GROWS],
        also: both_are_applied,
        ..SCENARIO
    },
    Scenario {
        name: "dry-run-fails",
        title: "Production: a migration that no database takes",
        about: "The tag's migration names a table that is not there; then the migration is put right.",
        expected: "The first run ends on the branch, which is deleted; the second goes through, and no request fails.",
        acts: &[
            Act {
                schema: Schema::Breaks,
                promise: Promise {
                    failing: Some(("schema-rehearse", 1)),
                    succeeding: BEFORE_REHEARSAL,
                    results: &[],
                    says: &[("schema-rehearse", "public.order")],
                    ..NO_GENERATION
                },
                ..GROWS
            },
            Act {
                schema: Schema::Mends,
                tag: "prod-3",
                promise: Promise { says: &[("schema-merge", FIRST)], ..GROWS.promise },
                ..GROWS
            },
        ],
        also: no_branch_is_left,
        ..SCENARIO
    },
    Scenario {
        name: "partial-merge",
        title: "Production: a merge that stops half way",
        about: "Supabase applies one migration of two; a second tag is refused; then a person says that the one may stay.",
        expected: "Nothing is deployed until what was applied is acknowledged; then it goes through, no request fails.",
        acts: &[
            Act {
                before: stop_the_merge,
                promise: Promise {
                    failing: Some(("schema-merge", 1)),
                    succeeding: BEFORE_MERGE,
                    results: &[("schema-merge", "failed")],
                    says: &[("schema-merge", "not applied"), ("schema-merge", "acknowledge")],
                    ..NO_GENERATION
                },
                ..GROWS
            },
            Act {
                schema: Schema::Same,
                commit: Commit::Same,
                tag: "prod-3",
                promise: Promise {
                    failing: Some(("schema-merge", 6)),
                    succeeding: BEFORE_MERGE,
                    results: &[("schema-merge", "stale")],
                    says: &[("schema-merge", "do not merge again blindly")],
                    ..NO_GENERATION
                },
                ..GROWS
            },
            Act { start: Start::FailedJobs { of: 1 }, before: acknowledge, ..GROWS },
        ],
        also: both_are_applied,
        ..SCENARIO
    },
    Scenario {
        name: "branch-ahead",
        title: "Production: staging's branch is ahead of the tag",
        about: "The tag is on a commit with one migration; staging has the commit after it already, which brings \
                another. Then a commit that has both is tagged.",
        expected: "Nothing is merged for the first tag; the second brings both migrations, and no request fails.",
        acts: &[
            Act {
                schema: Schema::Overtaken,
                promise: Promise {
                    failing: Some(("schema-merge", 6)),
                    succeeding: BEFORE_MERGE,
                    results: &[("schema-merge", "stale")],
                    says: &[
                        ("schema-merge", "would add to production what commit"),
                        ("schema-merge", SECOND),
                        ("schema-merge", "nothing was merged; production stays as it is"),
                        ("schema-merge", "deploy a commit that has these files"),
                    ],
                    ..NO_GENERATION
                },
                ..GROWS
            },
            Act { schema: Schema::Same, tag: "prod-3", ..GROWS },
        ],
        also: merged_once,
        ..SCENARIO
    },
    Scenario {
        name: "merge-unanswered",
        title: "Production: a merge whose answer is lost",
        about: "Supabase does what it was asked for, and the answer never comes.",
        expected: "The merge is not asked for again; production's table shows it, and the run goes through.",
        acts: &[Act { before: lose_the_answer, ..GROWS }],
        also: merged_once,
        ..SCENARIO
    },
];

#[expect(clippy::unnecessary_wraps, reason = "other acts can fail here")]
fn stop_the_merge(estate: &Estate, _: &Service) -> Result<()> {
    let step = std::time::Duration::from_millis(50);
    let merging =
        Merging { step, migration: step, applies: Some(1), end: StepEnd::Exited, ..Merging::default() };
    estate.schema.supabase.next_merge(merging);
    Ok(())
}

/// Somebody looked, and what is applied may stay: the variable says so to the next run.
#[expect(clippy::unnecessary_wraps, reason = "other acts can fail here")]
fn acknowledge(_: &Estate, service: &Service) -> Result<()> {
    service.change(|settings| {
        settings.variables.insert("SCHEMA_ACKNOWLEDGE".to_owned(), FIRST.to_owned());
    });
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "other acts can fail here")]
fn lose_the_answer(estate: &Estate, _: &Service) -> Result<()> {
    estate.schema.api.faults().on(MERGE, When::Nth(1), Fault::ApplyThenLose);
    Ok(())
}

fn both_are_applied(estate: &Estate, _: &[Run]) -> Result<Vec<String>> {
    let applied = estate.schema.production()?;
    let ends_with = applied.ends_with(&[FIRST.to_owned(), SECOND.to_owned()]);
    let mut objections = no_branch_is_left(estate, &[])?;
    if !ends_with {
        objections.push(format!("production has applied {applied:?}"));
    }
    Ok(objections)
}

fn merged_once(estate: &Estate, runs: &[Run]) -> Result<Vec<String>> {
    let merges = estate.schema.merges();
    let mut objections = both_are_applied(estate, runs)?;
    if merges != 1 {
        objections.push(format!("{merges} merges were asked for, not one"));
    }
    Ok(objections)
}

fn no_branch_is_left(estate: &Estate, _: &[Run]) -> Result<Vec<String>> {
    let names = estate.schema.supabase.branch_names(&estate.schema.project);
    Ok(if names == ["staging"] { Vec::new() } else { vec![format!("the branches are {names:?}")] })
}

//! Somebody takes back what was, or is about to be, cut over, while a run of production goes on.

use anyhow::Result;

use crate::estate::Estate;
use crate::workflow_run::{Moment, Run, What};

use super::aborts::deploys_of;
use super::act::{ACT, Act, Commit, Promise, Start};
use super::dashboard::{self, NO_FLIP};
use super::rollback::{MOVED, NOT_DUE, PLANNED};
use super::unfinished::names_move_once;
use super::{Pace, SCENARIO, Scenario, cutovers};

/// Every rehearsal of this kind.
pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "rolled-back-waiting",
        title: "Production: a cutover is flipped back while the next run waits",
        about: "The dashboard is cut over, and the next tag's run knows that blue stands by; before it deploys onto blue, \
                the first cutover is flipped back.",
        expected: "Nothing is deployed onto blue, which serves again, and no request fails.",
        pace: Pace::AtOnce,
        stands_still: before_the_second_deploy,
        acts: &[
            dashboard::CUTOVER,
            Act {
                tag: "prod-3",
                promise: Promise {
                    failing: Some(("dashboard", 6)),
                    results: &[("dashboard", "stale")],
                    says: &[
                        (
                            "dashboard",
                            "the names have moved since this run looked: app.example.localhost points at",
                        ),
                        ("dashboard", "what stood by then may serve now, so nothing was deployed"),
                    ],
                    ..NO_FLIP
                },
                ..dashboard::CUTOVER
            },
            Act {
                start: Start::Dispatch {
                    inputs: &[("symptom", "behaviour"), ("generation", "42"), ("flip-back", "true")],
                },
                once: next_is_allocated,
                promise: Promise {
                    ledger: &["allocated", "rolled back", "cut over"],
                    says: &[("rollback", "class 2, the names go back")],
                    ..PLANNED.promise
                },
                ..PLANNED
            },
        ],
        also: no_deploy_of_blue,
        next: "Find out why the first one behaved badly, fix it, and push a new tag.",
        ..SCENARIO
    },
    Scenario {
        name: "flip-back-early",
        title: "Production: a flip is asked back before it takes place",
        about: "The flip of the dashboard is written down, and before the name moves somebody asks to flip it back; \
                another tag comes.",
        expected: "The flip back ends as stale and records nothing, since the name is about to move: the cutover goes \
                   through and is recorded, and no request fails.",
        pace: Pace::AtOnce,
        stands_still: before_the_name_moves,
        acts: &[
            dashboard::CUTOVER,
            Act {
                start: Start::Dispatch { inputs: &[("symptom", "behaviour"), ("flip-back", "true")] },
                once: is_announced,
                promise: Promise {
                    says: &[
                        ("rollback", "class 1, nothing of it is visible"),
                        ("rollback", "run 100 may be about to move them"),
                        ("rollback", "nothing was changed"),
                    ],
                    ..NOT_DUE
                },
                ..PLANNED
            },
            Act {
                commit: Commit::Same,
                tag: "v1.3.0",
                promise: Promise {
                    succeeding: cutovers::NOTHING_AFFECTED,
                    results: &[("recorded", "unchanged")],
                    colours: dashboard::GREEN,
                    ledger: &["cut over", "cut over"],
                    says: &[("changes", "Affected targets: 0 of 6")],
                    ..ACT.promise
                },
                ..ACT
            },
        ],
        also: names_move_once,
        ..SCENARIO
    },
    Scenario {
        name: "undone-too-early",
        title: "Production: a flip is recorded as undone before it takes place",
        about: "The flip of the dashboard is written down, and before the name moves somebody records by hand that it \
                was undone. The operator takes the way back that the summary gives, and another tag comes.",
        expected: "What serves is not recorded as cut over against that record; after the way back the next tag goes \
                   through, and no request fails.",
        meddle: record_as_undone,
        acts: &[
            Act {
                promise: Promise {
                    failing: Some(("confirm", 6)),
                    succeeding: MOVED,
                    results: &[("flip", "success")],
                    colours: dashboard::GREEN,
                    ledger: &["rolled back", "cut over"],
                    says: &[
                        ("confirm", "generation 42 was rolled back"),
                        ("confirm", "Way back: class 2"),
                        ("confirm", "cname-flip --mode restore --zone-id"),
                    ],
                    ..NO_FLIP
                },
                ..dashboard::CUTOVER
            },
            Act {
                start: Start::Lines { of: 0, job: "confirm" },
                promise: Promise {
                    succeeding: &["cname-flip", "cutover-record"],
                    ledger: &["rolled back", "cut over"],
                    says: &[("cname-flip", "app.example.localhost")],
                    ..ACT.promise
                },
                ..ACT
            },
            Act {
                promise: Promise {
                    ledger: &["cut over", "rolled back", "cut over"],
                    ..dashboard::CUTOVER.promise
                },
                ..dashboard::SECOND_TAG
            },
        ],
        ..SCENARIO
    },
];

fn before_the_second_deploy(moment: Moment<'_>) -> bool {
    matches!(moment, Moment { run: 101, what: What::JobStarts { job: "dashboard" }, .. })
}

/// The intent is in the ledger, and the action that moves names starts.
fn before_the_name_moves(moment: Moment<'_>) -> bool {
    match moment {
        Moment { run: 100, what: What::StepStarts { job: "flip", step }, .. } => step.id == Some("flip"),
        _ => false,
    }
}

fn record_as_undone(estate: &Estate, moment: Moment<'_>) -> Result<()> {
    if !before_the_name_moves(moment) {
        return Ok(());
    }
    let sql = "update core.deployments set rolled_back_at = now() where generation = 42";
    estate.production.postgres.execute(sql)
}

fn ledger_says(estate: &Estate, wanted: &[&str]) -> Result<bool> {
    Ok(estate.production.rows()?.iter().map(|row| row.state.as_str()).eq(wanted.iter().copied()))
}

fn is_announced(estate: &Estate) -> Result<bool> {
    ledger_says(estate, &["open", "cut over"])
}

fn next_is_allocated(estate: &Estate) -> Result<bool> {
    ledger_says(estate, &["allocated", "cut over", "cut over"])
}

fn no_deploy_of_blue(estate: &Estate, runs: &[Run]) -> Result<Vec<String>> {
    deploys_of(estate, &estate.target("dashboard")?.blue, runs, 0)
}

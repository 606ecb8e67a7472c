//! What stands by is brought to what serves, once the hold of a cutover is over (runbook, step 12).

use anyhow::Result;

use crate::estate::Estate;
use crate::workflow_run::{Conclusion, Run, Service};

use super::act::{ACT, Act, Promise, Start};
use super::{Place, SCENARIO, Scenario, cutovers, gates};

/// Every rehearsal of this kind.
pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "sync",
        title: "Sync: the hold of a cutover is over",
        about: "A day after a cutover the clock starts the sync, and starts it again a day later.",
        expected: "Blue runs the live commit and generation; the second run finds nothing due, and no request fails.",
        acts: &[
            cutovers::FIRST,
            Act { before: a_day_passes, ..SYNCED },
            Act {
                before: a_day_passes,
                promise: Promise {
                    results: &[("sync", "unchanged")],
                    says: &[
                        ("sync", "generation 42 (prod-2) is synced"),
                        ("sync", "generation 41 (prod-1) is synced"),
                    ],
                    ..SYNCED.promise
                },
                ..SYNCED
            },
        ],
        also: blue_runs_what_serves,
        ..SYNC
    },
    Scenario {
        name: "held",
        title: "Sync: a hold that has not ended",
        about: "Right after a cutover the clock starts the sync, then the operator asks for the api by name; a day \
                later the clock starts it again.",
        expected: "The clock's run finds nothing due and the operator's is refused, so blue stays the way back; a day \
                   later it is synced, and no request fails.",
        acts: &[
            cutovers::FIRST,
            Act {
                promise: Promise {
                    results: &[("sync", "unchanged")],
                    says: &[("sync", "the hold of generation 42 (prod-2) runs for another 23h")],
                    ..SYNCED.promise
                },
                ..SYNCED
            },
            Act {
                start: Start::Dispatch { inputs: &[("targets", "[\"api\"]")] },
                promise: Promise {
                    says: &[
                        ("sync", "api is not due: the hold of generation 42 (prod-2) runs for another 23h"),
                        ("sync", "nothing has been changed"),
                    ],
                    ..REFUSED
                },
                ..SYNCED
            },
            Act { before: a_day_passes, ..SYNCED },
        ],
        also: blue_runs_what_serves,
        ..SYNC
    },
    Scenario {
        name: "older-work",
        title: "Sync: an older generation still has work",
        about: "A day after a cutover a piece of work of an older generation is left; then it is done.",
        expected: "The first run is refused and changes nothing; the second one syncs, and no request fails.",
        acts: &[
            cutovers::FIRST,
            Act {
                before: a_day_passes_and_work_is_left,
                promise: Promise {
                    says: &[
                        ("sync", "generations below generation 42 (prod-2) still have work: 1 pending"),
                        ("sync", "nothing has been changed"),
                    ],
                    ..REFUSED
                },
                ..SYNCED
            },
            Act {
                start: Start::Dispatch { inputs: &[("targets", "[\"api\"]")] },
                before: gates::finish_old_work,
                ..SYNCED
            },
        ],
        also: blue_runs_what_serves,
        ..SYNC
    },
];

/// A rehearsal that only says what it has of its own.
const SYNC: Scenario = Scenario {
    place: Place::Sync,
    next: "Nothing: from here on the way back is a redeploy (class 3).",
    ..SCENARIO
};

/// The clock's run finds the cutover of api, workers and dashboard due.
pub(super) const SYNCED: Act = Act {
    place: Place::Sync,
    start: Start::Clock,
    promise: Promise {
        succeeding: &["sync"],
        results: &[("sync", "success")],
        colours: cutovers::FIRST.promise.colours,
        ledger: &["cut over", "cut over"],
        says: &[
            ("sync", "generation 42 (prod-2) is due"),
            ("sync", "Synced: api, dashboard, workers"),
            ("sync", "the way back is a redeploy (class 3)"),
        ],
        ..ACT.promise
    },
    ..ACT
};

/// Nothing is changed.
const REFUSED: Promise = Promise {
    conclusion: Conclusion::Failure,
    failing: Some(("sync", 6)),
    succeeding: &[],
    results: &[("sync", "stale")],
    ..SYNCED.promise
};

/// Every hold is over by an hour.
pub(super) fn a_day_passes(estate: &Estate, _: &Service) -> Result<()> {
    estate.production.postgres.execute(
        "update core.deployments set created_at = created_at - interval '25 hours', \
         intent_at = intent_at - interval '25 hours', cut_over_at = cut_over_at - interval '25 hours', \
         synced_at = synced_at - interval '25 hours'",
    )
}

fn a_day_passes_and_work_is_left(estate: &Estate, service: &Service) -> Result<()> {
    a_day_passes(estate, service)?;
    estate.production.postgres.execute("insert into core.outbox (generation, status) values (40, 'pending')")
}

/// Of what was cut over: the commit, by Render, and the generation, by its variables.
fn blue_runs_what_serves(estate: &Estate, runs: &[Run]) -> Result<Vec<String>> {
    let mut objections = Vec::new();
    let Some(cutover) = runs.first() else { return Ok(vec!["there was no cutover".to_owned()]) };
    for name in ["api", "workers", "dashboard"] {
        let service = &estate.target(name)?.blue;
        let live = estate.platform.render.live_deploy(service)?;
        let commit = live.as_ref().and_then(|deploy| deploy.commit());
        if commit != Some(&cutover.event.commit) {
            objections.push(format!("blue of {name} runs {commit:?}, not {}", cutover.event.commit));
        }
        let running = estate.platform.render.running(service)?;
        let generation =
            running.as_ref().and_then(|running| running.current.variables.get(crate::platform::GENERATION));
        if generation.map(String::as_str) != Some("42") {
            objections.push(format!("blue of {name} runs with the generation {generation:?}, not 42"));
        }
    }
    Ok(objections)
}

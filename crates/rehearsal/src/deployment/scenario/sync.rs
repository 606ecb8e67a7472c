//! What stands by is brought to what serves, once the hold of a cutover is over (runbook, step 12).

use anyhow::Result;

use crate::estate::Estate;
use crate::workflow_run::{Run, Service};

use super::act::{ACT, Act, Promise, Start};
use super::{Place, SCENARIO, Scenario, cutovers};

/// Every rehearsal of this kind.
pub(super) const SCENARIOS: &[Scenario] = &[Scenario {
    name: "sync",
    title: "Sync: the hold of a cutover is over",
    about: "A day after a cutover the clock starts the sync, and starts it again a day later.",
    expected: "Blue runs the live commit and generation; the second run finds nothing due, and no request fails.",
    acts: &[
        cutovers::FIRST,
        Act { before: a_day_passes, ..SYNCED },
        Act {
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
}];

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

/// Every hold is over by an hour.
pub(super) fn a_day_passes(estate: &Estate, _: &Service) -> Result<()> {
    estate.production.postgres.execute(
        "update core.deployments set created_at = created_at - interval '25 hours', \
         intent_at = intent_at - interval '25 hours', cut_over_at = cut_over_at - interval '25 hours', \
         synced_at = synced_at - interval '25 hours'",
    )
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

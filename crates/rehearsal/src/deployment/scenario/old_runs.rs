//! Runs that are run again too late: what their jobs once told holds no more. GitHub keeps the answers of jobs that
//! succeeded, so such a run still takes for the standby what serves by now (GitHub docs, "Re-running workflows and
//! jobs").

use std::time::Duration;

use anyhow::Result;

use crate::estate::Estate;
use crate::twins::render::{End, Plan};
use crate::workflow_run::Run;

use super::aborts::{blue_is_quiet, break_build, deploys_of, green_dashboard};
use super::act::{ALL_BLUE, Act, Promise, Start};
use super::dashboard::{self, NO_FLIP};
use super::rollback::PLANNED;
use super::{SCENARIO, Scenario, usual};

/// Every rehearsal of this kind.
pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "stale-rerun",
        title: "Production: an old run is run again",
        about: "The dashboard does not build, a second tag mends it and moves; then somebody runs the first run's \
                failed jobs again, and its answers say that green stands by.",
        expected: "Nothing is deployed onto green, which serves; the next tag goes through, and no request fails.",
        arm: break_build,
        acts: &[
            Act {
                promise: Promise {
                    failing: Some(("dashboard", 1)),
                    results: &[("dashboard", "failed")],
                    says: &[("dashboard", "ended as build_failed")],
                    ..NO_FLIP
                },
                ..dashboard::CUTOVER
            },
            dashboard::SECOND_TAG,
            Act {
                start: Start::FailedJobs { of: 0 },
                promise: Promise {
                    failing: Some(("dashboard", 6)),
                    results: &[("dashboard", "stale")],
                    colours: dashboard::GREEN,
                    ledger: &["cut over", "allocated", "cut over"],
                    says: &[("dashboard", "comes too late: generation 43 was cut over meanwhile")],
                    ..NO_FLIP
                },
                ..dashboard::CUTOVER
            },
            Act {
                tag: "prod-4",
                promise: Promise {
                    colours: ALL_BLUE,
                    ledger: &["cut over", "cut over", "allocated", "cut over"],
                    ..dashboard::CUTOVER.promise
                },
                ..dashboard::CUTOVER
            },
        ],
        also: two_deploys_of_green,
        next: "Nothing: keep green warm for the hold of 24 hours, then sync it.",
        ..SCENARIO
    },
    Scenario {
        name: "rolled-back-rerun",
        title: "Production: an old run is run again after a rollback",
        about: "The dashboard is cut over; the next tag does not build. Then the first cutover is flipped back, and \
                somebody runs the failed jobs of the second tag's run again, whose answers say that blue stands by.",
        expected: "Nothing is deployed onto blue, which serves again; the next tag goes through, and no request fails.",
        arm: break_build_of_blue,
        acts: &[
            dashboard::CUTOVER,
            Act {
                tag: "prod-3",
                promise: Promise {
                    failing: Some(("dashboard", 1)),
                    results: &[("dashboard", "failed")],
                    colours: dashboard::GREEN,
                    ledger: &["allocated", "cut over", "cut over"],
                    says: &[("dashboard", "ended as build_failed")],
                    ..NO_FLIP
                },
                ..dashboard::CUTOVER
            },
            Act {
                start: Start::Dispatch {
                    inputs: &[("symptom", "behaviour"), ("generation", "42"), ("flip-back", "true")],
                },
                promise: Promise {
                    ledger: &["allocated", "rolled back", "cut over"],
                    says: &[("rollback", "class 2, the names go back")],
                    ..PLANNED.promise
                },
                ..PLANNED
            },
            Act {
                start: Start::FailedJobs { of: 1 },
                promise: Promise {
                    failing: Some(("dashboard", 6)),
                    results: &[("dashboard", "stale")],
                    ledger: &["allocated", "rolled back", "cut over"],
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
                tag: "prod-4",
                once: blue_is_quiet,
                promise: Promise {
                    ledger: &["cut over", "allocated", "rolled back", "cut over"],
                    ..dashboard::CUTOVER.promise
                },
                ..dashboard::CUTOVER
            },
        ],
        also: one_deploy_of_blue,
        ..SCENARIO
    },
];

fn break_build_of_blue(estate: &Estate) -> Result<()> {
    let fails = Plan::live().build(Duration::from_secs(1)).end(End::BuildFailed);
    estate.platform.render.plan_deploys(&estate.target("dashboard")?.blue, [fails])?;
    usual(estate)
}

fn two_deploys_of_green(estate: &Estate, runs: &[Run]) -> Result<Vec<String>> {
    deploys_of(estate, green_dashboard(estate)?, runs, 2)
}

/// The one that did not build.
fn one_deploy_of_blue(estate: &Estate, runs: &[Run]) -> Result<Vec<String>> {
    deploys_of(estate, &estate.target("dashboard")?.blue, runs, 1)
}

//! What goes wrong between the first deploy and the flip: the runbook's failure modes of steps 6 to 10. Nothing is
//! visible then; each rehearsal goes on with what the summary or the runbook tells the operator to do.

use std::time::Duration;

use anyhow::Result;

use crate::estate::Estate;
use crate::origins::{App, Behaviour, Oddity};
use crate::twins::render::{End, Plan, TriggerAnswer};
use crate::visitors::Colour;
use crate::workflow_run::{Moment, Run, Service, What};

use super::act::{Act, Promise, Start};
use super::dashboard::{self, NO_FLIP};
use super::{SCENARIO, Scenario, cutovers, usual};

/// Longer than a deploy may take here, and less than it may take twice.
const SLOW_BUILD: Duration = Duration::from_secs(20);

/// A while longer than blue-quiet looks back.
const QUIET: Duration = Duration::from_secs(10);

/// The jobs before the look at what serves.
pub(super) const BEFORE_BLUE_IS_WATCHED: &[&str] =
    &["approval", "marker", "changes", "schema-rehearse", "schema-merge", "generation", "dashboard"];

/// Every rehearsal of this kind.
pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "build-fails",
        title: "Production: one of three deploys fails",
        about: "The dashboard does not build, api and workers do; then a second tag mends it.",
        expected: "Nobody flips; the second tag moves all three, and no request fails.",
        arm: break_build,
        acts: &[
            Act {
                promise: Promise {
                    failing: Some(("dashboard", 1)),
                    succeeding: &[
                        "approval",
                        "marker",
                        "changes",
                        "schema-rehearse",
                        "schema-merge",
                        "generation",
                        "api",
                        "workers",
                        "heartbeat",
                    ],
                    results: &[("dashboard", "failed"), ("api", "success"), ("heartbeat", "success")],
                    says: &[("dashboard", "ended as build_failed")],
                    ..NO_FLIP
                },
                ..cutovers::FIRST
            },
            Act {
                library: false,
                tag: "prod-3",
                promise: Promise {
                    ledger: &["cut over", "allocated", "cut over"],
                    says: &[
                        ("changes", "Affected targets: 3 of 6"),
                        ("heartbeat", "Workers of generation 43"),
                    ],
                    ..cutovers::FIRST.promise
                },
                ..cutovers::FIRST
            },
        ],
        ..SCENARIO
    },
    Scenario {
        name: "deploy-hangs",
        title: "Production: a deploy that takes too long",
        about: "Render builds the dashboard for longer than a deploy may take; then the failed jobs are run again.",
        expected: "The run gives up in time and nobody flips; run again it takes up the same deploy and goes through, \
                   and no request fails.",
        arm: slow_build,
        acts: &[
            Act {
                promise: Promise {
                    failing: Some(("dashboard", 3)),
                    results: &[("dashboard", "timed-out")],
                    says: &[
                        ("dashboard", "is still build_in_progress after 15s"),
                        ("dashboard", "run again to attach to it"),
                    ],
                    ..NO_FLIP
                },
                ..dashboard::CUTOVER
            },
            Act { start: Start::FailedJobs { of: 0 }, ..dashboard::CUTOVER },
        ],
        also: one_deploy_of_green,
        ..SCENARIO
    },
    Scenario {
        name: "deploy-lost",
        title: "Production: a deploy that is accepted and never made",
        about: "Render answers the request for a deploy of the dashboard as accepted, and nothing comes of it: a deploy \
                hook's 200 says no more. Then the failed jobs are run again.",
        expected: "The run does not take the answer for a deploy and nobody flips; run again it asks once more and goes \
                   through, and no request fails.",
        arm: lose_the_deploy,
        acts: &[
            Act {
                promise: Promise {
                    failing: Some(("dashboard", 3)),
                    results: &[("dashboard", "timed-out")],
                    says: &[
                        (
                            "dashboard",
                            "after an unclear request: Render accepted the deploy without naming it",
                        ),
                        ("dashboard", "run again: a deploy that has appeared by then is attached to"),
                    ],
                    ..NO_FLIP
                },
                ..dashboard::CUTOVER
            },
            Act { start: Start::FailedJobs { of: 0 }, ..dashboard::CUTOVER },
        ],
        also: one_deploy_of_green,
        ..SCENARIO
    },
    Scenario {
        name: "version-mismatch",
        title: "Production: green reports another commit",
        about: "Render says that the dashboard is live, and it answers with another commit; then it is mended.",
        expected: "The run ends at the version and nobody flips; a second tag goes through, and no request fails.",
        arm: misreport,
        acts: &[
            Act {
                promise: Promise {
                    failing: Some(("dashboard", 3)),
                    results: &[("dashboard", "timed-out")],
                    says: &[("dashboard", "commit_sha: wanted"), ("dashboard", "before a flip do not flip")],
                    ..NO_FLIP
                },
                ..dashboard::CUTOVER
            },
            Act { before: mend_green, ..dashboard::SECOND_TAG },
        ],
        ..SCENARIO
    },
    Scenario {
        name: "heartbeat-absent",
        title: "Production: workers that do not report",
        about: "The green workers are live at Render and never write their heartbeat; then they are mended.",
        expected: "The run ends at the heartbeat and nobody flips; a second tag goes through, and no request fails.",
        arm: silence_workers,
        acts: &[
            Act {
                changes: &[],
                promise: Promise {
                    failing: Some(("heartbeat", 3)),
                    succeeding: &[
                        "approval",
                        "marker",
                        "changes",
                        "schema-rehearse",
                        "schema-merge",
                        "generation",
                        "api",
                        "workers",
                    ],
                    results: &[("workers", "success"), ("heartbeat", "timed-out")],
                    says: &[
                        ("heartbeat", "no worker of generation 42 at work"),
                        ("heartbeat", "see the workers' own logs"),
                    ],
                    ..NO_FLIP
                },
                ..cutovers::FIRST
            },
            Act {
                changes: &[],
                library: false,
                tag: "prod-3",
                before: mend_workers,
                promise: Promise {
                    succeeding: cutovers::API_JOBS,
                    colours: [
                        ("api", Colour::Green),
                        ("dashboard", Colour::Blue),
                        ("operations", Colour::Blue),
                    ],
                    ledger: &["cut over", "allocated", "cut over"],
                    says: &[("heartbeat", "Workers of generation 43"), ("confirm", "cut over")],
                    ..cutovers::FIRST.promise
                },
                ..cutovers::FIRST
            },
        ],
        ..SCENARIO
    },
    Scenario {
        name: "blue-redeploys",
        title: "Production: a live service is deployed meanwhile",
        about: "While the run looks at what serves, somebody starts a deploy of the live dashboard; when that has ended, \
                the failed jobs are run again.",
        expected: "The run ends there and nobody flips; run again it goes through, and no request fails.",
        meddle: redeploy_blue,
        acts: &[
            Act {
                promise: Promise {
                    failing: Some(("blue-quiet", 1)),
                    succeeding: BEFORE_BLUE_IS_WATCHED,
                    results: &[("blue-quiet", "refused")],
                    says: &[
                        ("blue-quiet", "do NOT flip"),
                        (
                            "blue-quiet",
                            "when the deploy has ended and is understood, run the failed jobs again",
                        ),
                    ],
                    ..NO_FLIP
                },
                ..dashboard::CUTOVER
            },
            Act { start: Start::FailedJobs { of: 0 }, once: blue_is_quiet, ..dashboard::CUTOVER },
        ],
        ..SCENARIO
    },
];

pub(super) fn green_dashboard(estate: &Estate) -> Result<&str> {
    Ok(&estate.target("dashboard")?.green)
}

pub(super) fn break_build(estate: &Estate) -> Result<()> {
    let fails = Plan::live().build(Duration::from_secs(1)).end(End::BuildFailed);
    estate.platform.render.plan_deploys(green_dashboard(estate)?, [fails])?;
    usual(estate)
}

fn slow_build(estate: &Estate) -> Result<()> {
    Ok(estate.platform.render.plan_deploys(green_dashboard(estate)?, [Plan::live().build(SLOW_BUILD)])?)
}

fn lose_the_deploy(estate: &Estate) -> Result<()> {
    estate.platform.render.answer_triggers(green_dashboard(estate)?, [TriggerAnswer::Lost])?;
    usual(estate)
}

/// Nobody began a second deploy while the first one was under way.
pub(super) fn one_deploy_of_green(estate: &Estate, runs: &[Run]) -> Result<Vec<String>> {
    deploys_of(estate, green_dashboard(estate)?, runs, 1)
}

/// The one that failed, and the one that mended it.
/// Objects unless Render was asked so often for a deploy of a service with a commit of the runs.
pub(super) fn deploys_of(estate: &Estate, service: &str, runs: &[Run], wanted: usize) -> Result<Vec<String>> {
    let deploys = estate.platform.render.deploys(service)?;
    let ours = |commit: Option<&str>| runs.iter().any(|run| commit == Some(run.event.commit.as_str()));
    let count = deploys.iter().filter(|deploy| ours(deploy.commit())).count();
    Ok((count != wanted)
        .then(|| format!("Render was asked for {count} deploys of {service}, not {wanted}"))
        .into_iter()
        .collect())
}

/// The commit is that of nobody.
pub(super) fn another_commit() -> App {
    App::default().odd(Oddity::Commit("0123456789abcdef0123456789abcdef01234567".to_owned()))
}

fn misreport(estate: &Estate) -> Result<()> {
    usual(estate)?;
    estate.platform.origins.set_app(green_dashboard(estate)?, another_commit());
    Ok(())
}

/// It reports what it is.
pub(super) fn mend_green(estate: &Estate, _: &Service) -> Result<()> {
    estate.platform.origins.set_app(green_dashboard(estate)?, App::default());
    Ok(())
}

fn silence_workers(estate: &Estate) -> Result<()> {
    estate.production.workers.set_behaviour(&estate.target("workers")?.green, Behaviour::Silent);
    usual(estate)
}

fn mend_workers(estate: &Estate, _: &Service) -> Result<()> {
    estate.production.workers.set_behaviour(&estate.target("workers")?.green, Behaviour::Works);
    Ok(())
}

/// A second after the first look began.
fn redeploy_blue(estate: &Estate, moment: Moment<'_>) -> Result<()> {
    let Moment { attempt: 1, what: What::JobStarts { job: "blue-quiet" }, .. } = moment else {
        return Ok(());
    };
    let blue = &estate.target("dashboard")?.blue;
    let render = &estate.platform.render;
    let commit = render.live_deploy(blue)?.and_then(|deploy| deploy.commit().map(str::to_owned));
    render.trigger_after(blue, Duration::from_secs(1), &commit.unwrap_or_default())?;
    Ok(())
}

/// The deploy has ended, and so long ago that nobody who looks now sees it begin.
pub(super) fn blue_is_quiet(estate: &Estate) -> Result<bool> {
    let render = &estate.platform.render;
    let deploys = render.deploys(&estate.target("dashboard")?.blue)?;
    let ended = deploys.iter().map(|deploy| deploy.finished_at);
    Ok(ended.into_iter().all(|ended| ended.is_some_and(|ended| ended + QUIET <= render.now())))
}

//! What goes wrong once a deploy has begun: the runbook's failure modes of steps 6 to 11,
//! and the look at what visitors get after it.

use std::time::Duration;

use anyhow::Result;

use crate::estate::Estate;
use crate::fault::What as Fault;
use crate::fault::When;
use crate::origins::{App, Behaviour, Oddity};
use crate::twins::render::{End, Plan};
use crate::workflow_run::{Conclusion, Moment, Service, What};

use super::cutovers::FIRST_CUTOVER;
use super::{ACT, Act, DASHBOARD_CUTOVER, DASHBOARD_GREEN, Promise, SCENARIO, Scenario, usual};

/// Where Cloudflare takes all changes of a flip.
const BATCH: &str = "POST /client/v4/zones/{zone}/dns_records/batch";

/// What a failing deploy of the dashboard promises, but for the job that fails.
const DASHBOARD_FAILS: Promise = Promise {
    conclusion: Conclusion::Failure,
    failing: Some(("dashboard", 1)),
    succeeding: &["approval", "marker", "changes", "generation"],
    ledger: &["allocated", "cut over"],
    ..ACT.promise
};

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
                    succeeding: &[
                        "approval",
                        "marker",
                        "changes",
                        "generation",
                        "api",
                        "workers",
                        "heartbeat",
                    ],
                    says: &[("dashboard", "ended as build_failed")],
                    ..DASHBOARD_FAILS
                },
                ..FIRST_CUTOVER
            },
            Act {
                library: false,
                tag: "prod-3",
                promise: Promise { ledger: &["cut over", "allocated", "cut over"], ..FIRST_CUTOVER.promise },
                ..FIRST_CUTOVER
            },
        ],
        next: "Nothing: keep blue warm for the hold of 24 hours, then sync it.",
        ..SCENARIO
    },
    Scenario {
        name: "deploy-hangs",
        title: "Production: a deploy that does not end",
        about: "Render builds the dashboard for longer than a deploy may take.",
        expected: "The run gives up in time and nobody flips; no request fails.",
        arm: hang_build,
        acts: &[Act {
            promise: Promise {
                failing: Some(("dashboard", 3)),
                says: &[("dashboard", "is still build_in_progress after 15s")],
                ..DASHBOARD_FAILS
            },
            ..DASHBOARD_CUTOVER
        }],
        next: "Cancel the deploy in Render's dashboard, find out why it hangs, then tag again.",
        ..SCENARIO
    },
    Scenario {
        name: "version-mismatch",
        title: "Production: green reports another commit",
        about: "Render says that the dashboard is live, and it answers with another commit.",
        expected: "The run ends at the version and nobody flips; no request fails.",
        arm: misreport,
        acts: &[Act {
            promise: Promise {
                failing: Some(("dashboard", 3)),
                says: &[("dashboard", "commit_sha: wanted")],
                ..DASHBOARD_FAILS
            },
            ..DASHBOARD_CUTOVER
        }],
        next: "Look into the green service: its image is not of this commit.",
        ..SCENARIO
    },
    Scenario {
        name: "heartbeat-absent",
        title: "Production: workers that do not report",
        about: "The green workers are live at Render and never write their heartbeat.",
        expected: "The run ends at the heartbeat and nobody flips; no request fails.",
        arm: silence_workers,
        acts: &[Act {
            changes: &[],
            library: true,
            tag: "prod-2",
            promise: Promise {
                conclusion: Conclusion::Failure,
                failing: Some(("heartbeat", 3)),
                succeeding: &["approval", "marker", "changes", "generation", "api", "workers"],
                ledger: &["allocated", "cut over"],
                says: &[("heartbeat", "no worker of generation 42 at work")],
                ..ACT.promise
            },
            ..ACT
        }],
        next: "Look into how the green workers start, then tag again.",
        ..SCENARIO
    },
    Scenario {
        name: "blue-redeploys",
        title: "Production: a live service is deployed meanwhile",
        about: "While the run looks at what serves, somebody starts a deploy of the live dashboard.",
        expected: "The run ends there and nobody flips; no request fails.",
        meddle: redeploy_blue,
        acts: &[Act {
            promise: Promise {
                conclusion: Conclusion::Failure,
                failing: Some(("blue-quiet", 1)),
                succeeding: &["approval", "marker", "changes", "generation", "dashboard"],
                ledger: &["allocated", "cut over"],
                says: &[("blue-quiet", "do NOT flip")],
                ..ACT.promise
            },
            ..DASHBOARD_CUTOVER
        }],
        next: "Find out who deployed it: auto-deploy, or a change of a linked environment group.",
        ..SCENARIO
    },
    Scenario {
        name: "flip-fails",
        title: "Production: Cloudflare takes no changes",
        about: "Every change of the names is answered with an error; then a second tag comes when that is over.",
        expected: "The first run moves no name; the second closes its row and goes through, and no request fails.",
        acts: &[
            Act {
                before: break_batch,
                promise: Promise {
                    conclusion: Conclusion::Failure,
                    failing: Some(("flip", 5)),
                    succeeding: &["approval", "marker", "changes", "generation", "dashboard", "blue-quiet"],
                    ledger: &["open", "cut over"],
                    says: &[("flip", "no name has moved so far")],
                    ..ACT.promise
                },
                ..DASHBOARD_CUTOVER
            },
            Act {
                changes: &[],
                tag: "prod-3",
                before: mend_batch,
                promise: Promise {
                    ledger: &["cut over", "rolled back", "cut over"],
                    ..DASHBOARD_CUTOVER.promise
                },
                ..DASHBOARD_CUTOVER
            },
        ],
        next: "Nothing: keep blue warm for the hold of 24 hours, then sync it.",
        ..SCENARIO
    },
    Scenario {
        name: "flip-lost",
        title: "Production: Cloudflare's answer is lost",
        about: "The change of the names is made, and its answer never arrives.",
        expected: "The flip finds the names moved and goes on; the run succeeds, and no request fails.",
        acts: &[Act { before: lose_batch, ..DASHBOARD_CUTOVER }],
        next: "Nothing: keep blue warm for the hold of 24 hours, then sync it.",
        ..SCENARIO
    },
    Scenario {
        name: "unverified",
        title: "Production: visitors get another version",
        about: "The names have moved, and then the dashboard reports another commit.",
        expected: "The cutover is not recorded, the summary gives the way back, and no request fails.",
        meddle: misreport_later,
        acts: &[Act {
            promise: Promise {
                conclusion: Conclusion::Failure,
                failing: Some(("confirm", 3)),
                succeeding: &[
                    "approval",
                    "marker",
                    "changes",
                    "generation",
                    "dashboard",
                    "blue-quiet",
                    "flip",
                ],
                colours: DASHBOARD_GREEN,
                ledger: &["open", "cut over"],
                says: &[("confirm", "Way back: class 2"), ("confirm", "cname-flip --mode restore --zone-id")],
            },
            ..DASHBOARD_CUTOVER
        }],
        next: "Decide on class 2: the command in the summary puts the name back; then record it as rolled back.",
        ..SCENARIO
    },
];

fn green_dashboard(estate: &Estate) -> Result<&str> {
    Ok(&estate.target("dashboard")?.green)
}

fn break_build(estate: &Estate) -> Result<()> {
    let fails = Plan::live().build(Duration::from_secs(1)).end(End::BuildFailed);
    estate.platform.render.plan_deploys(green_dashboard(estate)?, [fails])?;
    usual(estate)
}

fn hang_build(estate: &Estate) -> Result<()> {
    Ok(estate.platform.render.plan_deploys(green_dashboard(estate)?, [Plan::never_ends()])?)
}

/// The commit is that of nobody.
fn another_commit() -> App {
    App::default().odd(Oddity::Commit("0123456789abcdef0123456789abcdef01234567".to_owned()))
}

fn misreport(estate: &Estate) -> Result<()> {
    usual(estate)?;
    estate.platform.origins.set_app(green_dashboard(estate)?, another_commit());
    Ok(())
}

fn silence_workers(estate: &Estate) -> Result<()> {
    estate.production.workers.set_behaviour(&estate.target("workers")?.green, Behaviour::Silent);
    usual(estate)
}

/// A second after the look began.
fn redeploy_blue(estate: &Estate, moment: Moment<'_>) -> Result<()> {
    let What::JobStarts { job: "blue-quiet" } = moment.what else { return Ok(()) };
    let blue = &estate.target("dashboard")?.blue;
    let render = &estate.platform.render;
    let commit = render.live_deploy(blue)?.and_then(|deploy| deploy.commit().map(str::to_owned));
    render.trigger_after(blue, Duration::from_secs(1), &commit.unwrap_or_default())?;
    Ok(())
}

fn misreport_later(estate: &Estate, moment: Moment<'_>) -> Result<()> {
    let What::JobStarts { job: "confirm" } = moment.what else { return Ok(()) };
    estate.platform.origins.set_app(green_dashboard(estate)?, another_commit());
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "other acts can fail here")]
fn break_batch(estate: &Estate, _: &Service) -> Result<()> {
    estate.platform.cloudflare_faults().on(BATCH, When::Always, Fault::status(502));
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "other acts can fail here")]
fn mend_batch(estate: &Estate, _: &Service) -> Result<()> {
    estate.platform.cloudflare_faults().clear();
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "other acts can fail here")]
fn lose_batch(estate: &Estate, _: &Service) -> Result<()> {
    estate.platform.cloudflare_faults().on(BATCH, When::Nth(1), Fault::ApplyThenLose);
    Ok(())
}

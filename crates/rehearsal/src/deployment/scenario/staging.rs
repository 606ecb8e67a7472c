//! Staging: pushes to main, and the tags that follow them.

use std::time::Duration;

use anyhow::Result;

use crate::estate::Estate;
use crate::twins::render::{End, Plan, Status};
use crate::workflow_run::{Conclusion, Run, Service};

use super::aborts::another_commit;
use super::act::{ACT, Act, Commit, Marker, Promise, Start};
use super::{Pace, Place, SCENARIO, Scenario, dashboard, usual};

/// What production may do next.
const TAKE_IT: &str = "Nothing: production may take this commit.";

/// A push that changes the dashboard alone, and goes through.
const PUSH: Act = Act {
    place: Place::Staging,
    changes: &["dashboard"],
    promise: Promise {
        succeeding: &["changes", "generation", "dashboard", "marker"],
        results: &[("dashboard", "success"), ("marker", "success")],
        staging: &["allocated"],
        says: &[("changes", "Affected targets: 1 of 6"), ("marker", "staging-success")],
        ..ACT.promise
    },
    ..ACT
};

/// It ends at the dashboard, and the commit is not marked.
const FAILING_PUSH: Promise = Promise {
    conclusion: Conclusion::Failure,
    succeeding: &["changes", "generation"],
    staging: &["allocated"],
    ..ACT.promise
};

/// Every rehearsal of this kind.
pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        place: Place::Staging,
        name: "push",
        title: "Staging: api, workers and the user's documentation",
        about: "A push to main is deployed to staging in place, and marked when all of it runs.",
        expected: "Every affected job succeeds and the commit is marked; production's names stay on blue.",
        acts: &[Act {
            changes: &["docs-user"],
            library: true,
            promise: Promise {
                succeeding: &["changes", "generation", "api", "workers", "docs-user", "marker"],
                results: &[("api", "success"), ("workers", "success"), ("marker", "success")],
                published: &[("docs-user", "staging")],
                says: &[
                    ("changes", "Affected targets: 3 of 6"),
                    ("workers", "Workers of generation 1"),
                    ("marker", "staging-success"),
                ],
                ..PUSH.promise
            },
            ..PUSH
        }],
        next: TAKE_IT,
        ..SCENARIO
    },
    Scenario {
        place: Place::Staging,
        name: "promoted",
        title: "Staging, then production",
        about: "A push is deployed to staging and marked; then the very same commit is tagged for production.",
        expected: "Staging marks the commit, production takes the marker, and no request fails.",
        acts: &[
            PUSH,
            Act {
                commit: Commit::Same,
                marker: Marker::AsItIs,
                promise: Promise { staging: &["allocated"], ..dashboard::CUTOVER.promise },
                ..dashboard::CUTOVER
            },
        ],
        ..SCENARIO
    },
    Scenario {
        place: Place::Staging,
        name: "superseded",
        title: "Staging: a newer push overtakes one that is under way",
        about: "While Render builds the dashboard of one push, the next one comes.",
        expected: "The first run is cancelled, and its deploy with it; the second deploys both changes and marks its commit.",
        arm: slow_staging,
        pace: Pace::AtOnce,
        acts: &[
            Act {
                promise: Promise {
                    conclusion: Conclusion::Cancelled,
                    cancelled: &["dashboard"],
                    results: &[("dashboard", "cancelled")],
                    says: &[("dashboard", "cancelled"), ("generation", "Generation 1")],
                    ..FAILING_PUSH
                },
                ..PUSH
            },
            Act {
                changes: &["docs-codex"],
                once: staging_builds,
                promise: Promise {
                    succeeding: &["changes", "generation", "dashboard", "docs-codex", "marker"],
                    staging: &["allocated", "allocated"],
                    published: &[("docs-codex", "staging")],
                    says: &[("changes", "Affected targets: 2 of 6"), ("marker", "staging-success")],
                    ..PUSH.promise
                },
                ..PUSH
            },
        ],
        also: the_overtaken_deploy_is_cancelled,
        next: TAKE_IT,
        ..SCENARIO
    },
    Scenario {
        place: Place::Staging,
        name: "build-fails",
        title: "Staging: a build fails, and production waits for it",
        about: "The dashboard does not build in staging; its commit is tagged all the same. Then it builds, and the failed \
                jobs of both runs are run again.",
        expected: "The commit is not marked and production refuses it; once staging has marked it, production takes it, \
                   and no request fails.",
        arm: break_staging,
        acts: &[
            Act {
                promise: Promise {
                    failing: Some(("dashboard", 1)),
                    results: &[("dashboard", "failed")],
                    says: &[("dashboard", "ended as build_failed")],
                    ..FAILING_PUSH
                },
                ..PUSH
            },
            Act {
                commit: Commit::Same,
                marker: Marker::AsItIs,
                tag: "prod-2",
                promise: Promise {
                    conclusion: Conclusion::Failure,
                    failing: Some(("marker", 1)),
                    succeeding: &["approval"],
                    results: &[("marker", "refused")],
                    staging: &["allocated"],
                    says: &[("marker", "is no success: pending by")],
                    ..ACT.promise
                },
                ..ACT
            },
            Act { start: Start::FailedJobs { of: 0 }, ..PUSH },
            Act {
                start: Start::FailedJobs { of: 1 },
                marker: Marker::AsItIs,
                promise: Promise { staging: &["allocated"], ..dashboard::CUTOVER.promise },
                ..dashboard::CUTOVER
            },
        ],
        ..SCENARIO
    },
    Scenario {
        place: Place::Staging,
        name: "poll-times-out",
        title: "Staging: the dashboard reports another commit",
        about: "Render says that the dashboard is live in staging, and it answers with another commit; then the next push \
                mends it.",
        expected: "The first commit is not marked; the second one is.",
        arm: misreport_in_staging,
        acts: &[
            Act {
                promise: Promise {
                    failing: Some(("dashboard", 3)),
                    results: &[("dashboard", "timed-out")],
                    says: &[("dashboard", "commit_sha: wanted")],
                    ..FAILING_PUSH
                },
                ..PUSH
            },
            Act {
                before: mend_staging,
                promise: Promise { staging: &["allocated", "allocated"], ..PUSH.promise },
                ..PUSH
            },
        ],
        next: TAKE_IT,
        ..SCENARIO
    },
    Scenario {
        place: Place::Staging,
        name: "pages-only",
        title: "Staging: documentation alone",
        about: "A push changes both sites of documentation and nothing else.",
        expected: "Both are published on their branch staging, nothing is deployed at Render, and the commit is marked.",
        acts: &[Act {
            changes: &["docs-user", "docs-codex"],
            promise: Promise {
                succeeding: &["changes", "generation", "docs-user", "docs-codex", "marker"],
                results: &[("marker", "success")],
                published: &[("docs-codex", "staging"), ("docs-user", "staging")],
                says: &[("changes", "Affected targets: 2 of 6"), ("generation", "docs-codex, docs-user")],
                ..PUSH.promise
            },
            ..PUSH
        }],
        also: nothing_was_deployed,
        next: TAKE_IT,
        ..SCENARIO
    },
    Scenario {
        place: Place::Staging,
        name: "nothing-affected",
        title: "Staging: a push that affects nothing",
        about: "A push changes no deployed file.",
        expected: "No generation and no deploy; the commit is marked all the same.",
        acts: &[Act {
            changes: &[],
            promise: Promise {
                succeeding: &["changes", "marker"],
                results: &[("marker", "success")],
                staging: &[],
                says: &[("changes", "Affected targets: 0 of 6"), ("marker", "staging-success")],
                ..PUSH.promise
            },
            ..PUSH
        }],
        also: nothing_was_deployed,
        next: TAKE_IT,
        ..SCENARIO
    },
];

fn staging_dashboard(estate: &Estate) -> Result<&str> {
    Ok(&estate.target("dashboard")?.staging)
}

/// So that the next push comes while it builds.
fn slow_staging(estate: &Estate) -> Result<()> {
    let slow = Plan::live().build(Duration::from_secs(60));
    estate.platform.render.plan_deploys(staging_dashboard(estate)?, [slow])?;
    usual(estate)
}

fn staging_builds(estate: &Estate) -> Result<bool> {
    let deploys = estate.platform.render.deploys(staging_dashboard(estate)?)?;
    Ok(deploys.iter().any(|deploy| deploy.status == Status::BuildInProgress))
}

/// By the run that began it: the newer push's deploy would wait for it.
fn the_overtaken_deploy_is_cancelled(estate: &Estate, runs: &[Run]) -> Result<Vec<String>> {
    let deploys = estate.platform.render.deploys(staging_dashboard(estate)?)?;
    let overtaken = runs.first().map(|run| run.event.commit.as_str());
    let left =
        deploys.iter().filter(|deploy| deploy.commit() == overtaken && deploy.status != Status::Canceled);
    let count = deploys.iter().filter(|deploy| deploy.commit() == overtaken).count();
    let none = (count == 0).then(|| "the overtaken run began no deploy".to_owned());
    Ok(left.map(|deploy| format!("the overtaken deploy is {}", deploy.status.word())).chain(none).collect())
}

fn break_staging(estate: &Estate) -> Result<()> {
    let fails = Plan::live().build(Duration::from_secs(1)).end(End::BuildFailed);
    estate.platform.render.plan_deploys(staging_dashboard(estate)?, [fails])?;
    usual(estate)
}

fn misreport_in_staging(estate: &Estate) -> Result<()> {
    usual(estate)?;
    estate.platform.origins.set_app(staging_dashboard(estate)?, another_commit());
    Ok(())
}

fn mend_staging(estate: &Estate, _: &Service) -> Result<()> {
    estate.platform.origins.set_app(staging_dashboard(estate)?, crate::origins::App::default());
    Ok(())
}

/// Nothing at Render was asked to change.
fn nothing_was_deployed(estate: &Estate, _: &[Run]) -> Result<Vec<String>> {
    Ok(estate
        .platform
        .render
        .effects()
        .iter()
        .map(|effect| format!("Render was asked for {effect:?}"))
        .collect())
}

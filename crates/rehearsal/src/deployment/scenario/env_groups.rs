//! Env groups, which several services share: what somebody changes there while a cutover goes on (runbook, step 10;
//! ADR-053 D7, D8).

use anyhow::Result;

use crate::estate::Estate;
use crate::platform::GENERATION;
use crate::twins::render::{AutoDeploy, Trigger};
use crate::workflow_run::{Moment, Run, What};

use super::aborts::{BEFORE_BLUE_IS_WATCHED, blue_is_quiet, green_dashboard};
use super::act::{Act, Promise, Start};
use super::dashboard::{self, NO_FLIP};
use super::{SCENARIO, Scenario, usual};

/// The group that both colours of the dashboard share.
const GROUP: &str = "shared";

/// Every rehearsal of this kind.
pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "env-group-race",
        title: "Production: an env group redeploys what serves",
        about: "Somebody has switched auto-deploy on at the live dashboard, and changes its env group while green is \
                deployed: what serves is deployed by itself. The operator switches it off, and runs the failed jobs \
                again when blue is quiet.",
        expected: "The run ends before the flip; run again it goes through, and no request fails.",
        arm: share_a_group,
        meddle: change_the_group,
        acts: &[
            Act {
                promise: Promise {
                    failing: Some(("blue-quiet", 1)),
                    succeeding: BEFORE_BLUE_IS_WATCHED,
                    results: &[("blue-quiet", "refused")],
                    says: &[
                        ("blue-quiet", "deploys by itself"),
                        ("blue-quiet", "a change of a linked env group, would replace what serves"),
                        (
                            "blue-quiet",
                            "set Auto-Deploy to Off in the service's settings, then run the failed jobs again",
                        ),
                    ],
                    ..NO_FLIP
                },
                ..dashboard::CUTOVER
            },
            Act {
                start: Start::FailedJobs { of: 0 },
                once: blue_is_quiet_and_deploys_no_more,
                ..dashboard::CUTOVER
            },
        ],
        also: the_group_deployed_blue,
        ..SCENARIO
    },
    Scenario {
        name: "group-generation",
        title: "Production: an env group that holds a generation",
        about: "Both colours of the dashboard are linked to a group that holds another generation, as it was done \
                once, and somebody changes it while green is deployed.",
        expected: "Green reports the generation that the run gave it, nobody deploys blue, and no request fails.",
        arm: share_a_generation,
        meddle: change_the_generation,
        acts: &[dashboard::CUTOVER],
        also: green_has_its_own_generation,
        ..SCENARIO
    },
];

fn share(estate: &Estate, key: &str, value: &str) -> Result<()> {
    let render = &estate.platform.render;
    let group = render.add_env_group(GROUP, [(key, value)]);
    let dashboard = estate.target("dashboard")?;
    for service in [&dashboard.blue, &dashboard.green] {
        render.link_env_group(&group, service)?;
    }
    usual(estate)
}

fn share_a_group(estate: &Estate) -> Result<()> {
    estate.platform.render.set_auto_deploy(&estate.target("dashboard")?.blue, AutoDeploy::Commit)?;
    share(estate, "SENTRY_DSN", "https://one.example.com")
}

fn share_a_generation(estate: &Estate) -> Result<()> {
    share(estate, GENERATION, "7")
}

/// When the first run deploys green.
fn is_green_deployed(moment: Moment<'_>) -> bool {
    matches!(moment, Moment { attempt: 1, what: What::JobStarts { job: "dashboard" }, .. })
}

fn change_the_group(estate: &Estate, moment: Moment<'_>) -> Result<()> {
    change(estate, moment, "SENTRY_DSN", "https://two.example.com")
}

fn change_the_generation(estate: &Estate, moment: Moment<'_>) -> Result<()> {
    change(estate, moment, GENERATION, "8")
}

fn change(estate: &Estate, moment: Moment<'_>, key: &str, value: &str) -> Result<()> {
    if is_green_deployed(moment) {
        estate.platform.render.change_env_group(GROUP, key, value)?;
    }
    Ok(())
}

/// The operator does as told, and waits.
fn blue_is_quiet_and_deploys_no_more(estate: &Estate) -> Result<bool> {
    estate.platform.render.set_auto_deploy(&estate.target("dashboard")?.blue, AutoDeploy::Off)?;
    blue_is_quiet(estate)
}

fn of_the_group(estate: &Estate, service: &str) -> Result<usize> {
    let deploys = estate.platform.render.deploys(service)?;
    Ok(deploys.iter().filter(|deploy| deploy.trigger == Trigger::ServiceUpdated).count())
}

fn the_group_deployed_blue(estate: &Estate, _: &[Run]) -> Result<Vec<String>> {
    let count = of_the_group(estate, &estate.target("dashboard")?.blue)?;
    Ok((count != 1).then(|| format!("the group deployed blue {count} times, not once")).into_iter().collect())
}

fn green_has_its_own_generation(estate: &Estate, _: &[Run]) -> Result<Vec<String>> {
    let mut objections = Vec::new();
    let running = estate.platform.render.running_env(green_dashboard(estate)?)?;
    let generation = running.as_ref().and_then(|variables| variables.get(GENERATION)).map(String::as_str);
    if generation != Some("42") {
        objections.push(format!("green runs with the generation {generation:?}, not 42"));
    }
    let count = of_the_group(estate, &estate.target("dashboard")?.blue)?;
    if count != 0 {
        objections.push(format!("the group deployed blue {count} times"));
    }
    Ok(objections)
}

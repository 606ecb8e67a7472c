//! What the flip itself refuses: names whose move visitors would notice (runbook, step 11, and "Pre-deploy DNS TTL
//! pre-lowering"; ADR-053 D9 and its consequences). Green is deployed and proved by then; no name moves until what is
//! missing is there, and the failed jobs are run again.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::estate::{Estate, Target};
use crate::platform::CACHE_SPEED;
use crate::workflow_run::{Run, Service};

use super::aborts::one_deploy_of_green;
use super::act::{Act, Promise, Start};
use super::dashboard::{self, NO_FLIP};
use super::unfinished::{BEFORE_THE_FLIP, names_move_once};
use super::{SCENARIO, Scenario, usual};

/// What Cloudflare answers with for an automatic TTL (Cloudflare docs, "Time to Live").
const AUTOMATIC: Duration = Duration::from_secs(300);

/// For how long a TTL must have been short (runbook, step 11).
const TTL_AGE: Duration = Duration::from_secs(2 * 3_600);

/// Nothing has moved, and the operator sees to it.
const REFUSED: Act = Act {
    promise: Promise {
        failing: Some(("flip", 1)),
        succeeding: BEFORE_THE_FLIP,
        results: &[("flip", "refused")],
        ledger: &["open", "cut over"],
        ..NO_FLIP
    },
    ..dashboard::CUTOVER
};

/// Every rehearsal of this kind.
pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "late-ttl",
        title: "Production: a TTL that is lowered too late",
        about: "The public name of the dashboard has Cloudflare's automatic TTL. The operator lowers it when the flip \
                is refused, and runs the failed jobs again: at once, and two hours later.",
        expected: "No name moves while resolvers may still keep the old answer for five minutes; after the two hours \
                   it does, nothing is deployed twice, and no request fails.",
        arm: leave_the_ttl_automatic,
        acts: &[
            Act {
                promise: Promise {
                    says: &[
                        ("flip", "has a TTL of 300 s, not 60 s for 2h"),
                        ("flip", "flip 2h later"),
                        ("flip", "no name has been moved"),
                    ],
                    ..REFUSED.promise
                },
                ..REFUSED
            },
            Act {
                start: Start::FailedJobs { of: 0 },
                before: lower_the_ttl,
                promise: Promise {
                    says: &[
                        ("flip", "is known to have a TTL of at most 60 s for"),
                        ("flip", "only, not for 2h"),
                        ("flip", "no name has been moved"),
                    ],
                    ..REFUSED.promise
                },
                ..REFUSED
            },
            Act {
                start: Start::FailedJobs { of: 0 },
                once: old_answers_have_run_out,
                before: two_hours_pass,
                ..dashboard::CUTOVER
            },
        ],
        also: moved_and_deployed_once,
        ..SCENARIO
    },
    Scenario {
        name: "stalled-certificate",
        title: "Production: green has no certificate for its public name",
        about: "Green's custom domain is not verified. When that is mended its certificate is still not there, and \
                the operator runs the failed jobs again too early; then once more.",
        expected: "No name moves to a service that would answer 404 or fail the handshake; with the certificate there \
                   it does, nothing is deployed twice, and no request fails.",
        arm: verify_nothing,
        acts: &[
            Act {
                promise: Promise {
                    says: &[
                        ("flip", "but not verified, so it has no certificate"),
                        ("flip", "attaches and verifies custom domains"),
                        ("flip", "no name has been moved"),
                    ],
                    ..REFUSED.promise
                },
                ..REFUSED
            },
            Act {
                start: Start::FailedJobs { of: 0 },
                before: verify_without_certificate,
                promise: Promise {
                    says: &[
                        ("flip", "does not answer GET"),
                        ("flip", "wait until its certificate is there"),
                        ("flip", "no name has been moved"),
                    ],
                    ..REFUSED.promise
                },
                ..REFUSED
            },
            Act { start: Start::FailedJobs { of: 0 }, before: issue_the_certificate, ..dashboard::CUTOVER },
        ],
        also: moved_and_deployed_once,
        ..SCENARIO
    },
];

/// The dashboard and its public name.
fn published(estate: &Estate) -> Result<(&Target, &str)> {
    let target = estate.target("dashboard")?;
    Ok((target, target.host.as_deref().context("find the dashboard's public name")?))
}

fn set_ttl(estate: &Estate, ttl: u32) -> Result<()> {
    let (platform, (_, host)) = (&estate.platform, published(estate)?);
    let edited = platform.cloudflare.edit_records(&platform.zone, host, &json!({ "ttl": ttl }));
    edited.map_err(anyhow::Error::msg)
}

/// As it has been for a day, since somebody made the record.
fn leave_the_ttl_automatic(estate: &Estate) -> Result<()> {
    set_ttl(estate, 1)?;
    age(estate, Duration::from_secs(86_400))?;
    usual(estate)
}

fn lower_the_ttl(estate: &Estate, _: &Service) -> Result<()> {
    set_ttl(estate, 60)
}

fn age(estate: &Estate, by: Duration) -> Result<()> {
    let (platform, (_, host)) = (&estate.platform, published(estate)?);
    platform.cloudflare.age_records(&platform.zone, host, by);
    Ok(())
}

/// In the visitors' caches, where time runs faster, none is left that was given before the TTL was lowered.
fn old_answers_have_run_out(estate: &Estate) -> Result<bool> {
    let (platform, (_, host)) = (&estate.platform, published(estate)?);
    let records = platform.cloudflare.records_named(&platform.zone, host);
    let lowered = records.iter().map(|record| record.modified_on).max().context("find the record")?;
    Ok(lowered + AUTOMATIC / CACHE_SPEED <= platform.render.now())
}

fn two_hours_pass(estate: &Estate, _: &Service) -> Result<()> {
    age(estate, TTL_AGE)
}

fn verify_nothing(estate: &Estate) -> Result<()> {
    let (target, host) = published(estate)?;
    estate.platform.render.attach(&target.green, host, false)?;
    usual(estate)
}

fn verify_without_certificate(estate: &Estate, _: &Service) -> Result<()> {
    let (target, host) = published(estate)?;
    estate.platform.render.attach(&target.green, host, true)?;
    Ok(estate.platform.render.set_certificate(&target.green, host, false)?)
}

fn issue_the_certificate(estate: &Estate, _: &Service) -> Result<()> {
    let (target, host) = published(estate)?;
    Ok(estate.platform.render.set_certificate(&target.green, host, true)?)
}

fn moved_and_deployed_once(estate: &Estate, runs: &[Run]) -> Result<Vec<String>> {
    Ok([names_move_once(estate, runs)?, one_deploy_of_green(estate, runs)?].concat())
}

//! The rehearsals: what each plays, and what it promises.
//!
//! A file below holds the rehearsals of one kind, and what happens to the world in them; it is listed in [`all`].

mod aborts;
mod act;
mod beside;
mod cutovers;
mod dashboard;
mod drain;
mod env_groups;
mod gates;
mod no_way_back;
mod old_runs;
mod refused_flips;
mod rollback;
mod schema;
mod staging;
mod sync;
mod unfinished;

use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;

use crate::estate::Estate;
use crate::origins::App;
use crate::twins::render::Plan;
use crate::workflow_run::{Moment, Run};

pub(super) use act::{Act, Commit, Marker, Promise, Schema, Start};

/// Which workflow a run is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Place {
    /// A push to `main`, by `deploy-staging.yml`
    Staging,
    /// A tag, by `deploy-prod.yml`
    Production,
    /// Work that a generation has left behind, by `drain-legacy-generation.yml`
    Drain,
    /// What stands by after the hold, by `sync-blue.yml`
    Sync,
    /// The way back after a cutover, by `rollback.yml`
    Rollback,
}

impl Place {
    /// Its word on the command line.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Staging => "staging",
            Self::Production => "production",
            Self::Drain => "drain",
            Self::Sync => "sync",
            Self::Rollback => "rollback",
        }
    }

    /// The workflow's file.
    pub(super) fn file(self) -> &'static str {
        match self {
            Self::Staging => "deploy-staging.yml",
            Self::Production => "deploy-prod.yml",
            Self::Drain => "drain-legacy-generation.yml",
            Self::Sync => "sync-blue.yml",
            Self::Rollback => "rollback.yml",
        }
    }
}

/// One rehearsal.
pub(super) struct Scenario {
    /// Where it is listed, and whose ledger its report shows.
    pub(super) place: Place,
    /// Its name on the command line.
    pub(super) name: &'static str,
    /// A few words for the head of the report.
    pub(super) title: &'static str,
    /// What happens, in a sentence.
    pub(super) about: &'static str,
    /// How it must end, in a sentence.
    pub(super) expected: &'static str,
    /// What the world is like when the first run starts.
    pub(super) arm: fn(&Estate) -> Result<()>,
    /// What the world does at the moments of each run.
    pub(super) meddle: fn(&Estate, Moment<'_>) -> Result<()>,
    /// Where a run stands still until a run of another workflow has ended.
    pub(super) stands_still: fn(Moment<'_>) -> bool,
    /// When each act begins.
    pub(super) pace: Pace,
    /// The acts.
    pub(super) acts: &'static [Act],
    /// What else must be true in the end: gives what is not.
    pub(super) also: fn(&Estate, &[Run]) -> Result<Vec<String>>,
    /// What the operator does next.
    pub(super) next: &'static str,
}

/// When the acts of a rehearsal begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// Each when the one before it has ended.
    InTurn,
    /// Each before the one before it has ended, so that they queue up, or overtake one another.
    AtOnce,
}

/// A rehearsal that only says what it has of its own.
const SCENARIO: Scenario = Scenario {
    place: Place::Production,
    name: "",
    title: "",
    about: "",
    expected: "",
    arm: usual,
    meddle: leave_alone,
    stands_still: nowhere,
    pace: Pace::InTurn,
    acts: &[],
    also: nothing_else,
    next: KEEP_WARM,
};

/// What is to be done after a cutover that went through.
const KEEP_WARM: &str = "Nothing: keep blue warm for the hold of 24 hours, then sync it.";

/// Every rehearsal; the first of a place is its happy path.
pub(super) fn all() -> impl Iterator<Item = &'static Scenario> {
    [
        cutovers::SCENARIOS,
        gates::SCENARIOS,
        schema::SCENARIOS,
        aborts::SCENARIOS,
        old_runs::SCENARIOS,
        beside::SCENARIOS,
        env_groups::SCENARIOS,
        refused_flips::SCENARIOS,
        unfinished::SCENARIOS,
        staging::SCENARIOS,
        drain::SCENARIOS,
        sync::SCENARIOS,
        rollback::SCENARIOS,
        no_way_back::SCENARIOS,
    ]
    .into_iter()
    .flatten()
}

#[expect(clippy::unnecessary_wraps, reason = "others fail")]
fn leave_alone(_: &Estate, _: Moment<'_>) -> Result<()> {
    Ok(())
}

fn nowhere(_: Moment<'_>) -> bool {
    false
}

#[expect(clippy::unnecessary_wraps, reason = "others fail")]
fn nothing_else(_: &Estate, _: &[Run]) -> Result<Vec<String>> {
    Ok(Vec::new())
}

/// Deploys and boots take a little while, each its own.
fn usual(estate: &Estate) -> Result<()> {
    for (index, target) in (0..).zip(&estate.targets) {
        for service in [&target.blue, &target.green, &target.staging] {
            let plan = || {
                let build = Duration::from_millis(1_500 + 250 * index);
                Plan::live().build(build).update(Duration::from_millis(500))
            };
            estate.platform.render.plan_deploys(service, [plan(), plan()])?;
            estate.platform.origins.set_app(service, App::default().boot(Duration::from_millis(400)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rehearsal_has_a_name_of_its_own_and_every_act_tells_the_operator_something() {
        let mut names = BTreeSet::new();
        for scenario in all() {
            assert!(names.insert((scenario.place.word(), scenario.name)), "{} twice", scenario.name);
            for (number, act) in scenario.acts.iter().enumerate() {
                assert!(!act.promise.says.is_empty(), "act {number} of {} says nothing", scenario.name);
                let earlier = match act.start {
                    Start::Push | Start::Dispatch { .. } | Start::Clock => None,
                    Start::FailedJobs { of } | Start::Lines { of, .. } => Some(of),
                };
                assert!(earlier.is_none_or(|of| of < number), "act {number} of {}", scenario.name);
            }
        }
    }

    /// Whatever stops a run, the rehearsal goes on until a run has ended well: each shows its recovery.
    #[test]
    fn every_rehearsal_ends_well() {
        for scenario in all() {
            let last = scenario.acts.last().unwrap();
            assert_eq!(
                last.promise.conclusion,
                crate::workflow_run::Conclusion::Success,
                "{}",
                scenario.name
            );
        }
    }
}

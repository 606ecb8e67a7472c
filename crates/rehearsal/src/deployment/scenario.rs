//! The rehearsals: what each plays, and what it promises.

mod aborts;
mod cutovers;
mod gates;
mod staging;

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;

use crate::estate::Estate;
use crate::origins::App;
use crate::twins::render::Plan;
use crate::visitors::Colour;
use crate::workflow_run::{Conclusion, Moment, Service};

/// What is deployed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Place {
    /// A push to `main`, by `deploy-staging.yml`
    Staging,
    /// A tag, by `deploy-prod.yml`
    Production,
}

impl Place {
    /// Its word on the command line.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }

    /// The workflow's file.
    pub(super) fn file(self) -> &'static str {
        match self {
            Self::Staging => "deploy-staging.yml",
            Self::Production => "deploy-prod.yml",
        }
    }
}

/// One rehearsal.
pub(super) struct Scenario {
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
    /// When each run is started.
    pub(super) pace: Pace,
    /// The runs.
    pub(super) acts: &'static [Act],
    /// What the operator does next.
    pub(super) next: &'static str,
}

/// When the runs of a rehearsal are started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// Each when the one before it has ended.
    InTurn,
    /// All at once, so that they queue up.
    AtOnce,
}

/// The commit that an act deploys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Commit {
    /// A new one on `main`.
    New,
    /// That of the act before.
    Same,
    /// A new one on a branch beside `main`.
    Beside,
}

/// What GitHub knows of the commit from staging; production asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    /// It passed.
    Passed,
    /// Nothing.
    Absent,
    /// Somebody else than the workflows says that it passed.
    Forged,
    /// It passed, and failed when it was deployed there again.
    Superseded,
}

/// One run of the workflow: what is pushed, and what is promised of it.
pub(super) struct Act {
    /// The commit.
    pub(super) commit: Commit,
    /// The targets whose files change in it.
    pub(super) changes: &'static [&'static str],
    /// Whether the library that api and workers share changes, too.
    pub(super) library: bool,
    /// What staging said of it.
    pub(super) marker: Marker,
    /// The tag that starts the run; staging has none.
    pub(super) tag: &'static str,
    /// What happens to the world just before it starts.
    pub(super) before: fn(&Estate, &Service) -> Result<()>,
    /// What must have become of it.
    pub(super) promise: Promise,
}

/// What must be true when a run is over.
pub(super) struct Promise {
    /// How the run ends.
    pub(super) conclusion: Conclusion,
    /// The job that ends it, and the exit code of its failing step.
    pub(super) failing: Option<(&'static str, i32)>,
    /// The jobs that must have succeeded; every other one is skipped, or failed as
    /// `failing` says.
    pub(super) succeeding: &'static [&'static str],
    /// Where each public name ends: the target and its colour.
    pub(super) colours: [(&'static str, Colour); 3],
    /// The ledger's states, newest generation first; of runs that are started at once
    /// only the last act's promise counts.
    pub(super) ledger: &'static [&'static str],
    /// What an operator must read in a job's summary: the job, and a few words.
    pub(super) says: &'static [(&'static str, &'static str)],
}

/// An act that only says what it has of its own: a new commit that passed staging.
const ACT: Act = Act {
    commit: Commit::New,
    changes: &[],
    library: false,
    marker: Marker::Passed,
    tag: "",
    before: untouched,
    promise: Promise {
        conclusion: Conclusion::Success,
        failing: None,
        succeeding: &[],
        colours: ALL_BLUE,
        ledger: &["cut over"],
        says: &[],
    },
};

/// A rehearsal that only says what it has of its own.
const SCENARIO: Scenario = Scenario {
    place: Place::Production,
    name: "",
    title: "",
    about: "",
    expected: "",
    arm: usual,
    meddle: leave_alone,
    pace: Pace::InTurn,
    acts: &[],
    next: "Nothing.",
};

const ALL_BLUE: [(&str, Colour); 3] =
    [("api", Colour::Blue), ("dashboard", Colour::Blue), ("operations", Colour::Blue)];

const DASHBOARD_GREEN: [(&str, Colour); 3] =
    [("api", Colour::Blue), ("dashboard", Colour::Green), ("operations", Colour::Blue)];

/// The jobs of a cutover of the dashboard alone.
const DASHBOARD_JOBS: &[&str] = &[
    "approval",
    "marker",
    "changes",
    "generation",
    "dashboard",
    "blue-quiet",
    "flip",
    "confirm",
    "recorded",
];

/// The dashboard moves alone: the shortest cutover.
const DASHBOARD_CUTOVER: Act = Act {
    changes: &["dashboard"],
    tag: "prod-2",
    promise: Promise {
        succeeding: DASHBOARD_JOBS,
        colours: DASHBOARD_GREEN,
        ledger: &["cut over", "cut over"],
        ..ACT.promise
    },
    ..ACT
};

/// Every rehearsal; the first of a place is its happy path.
pub(super) fn all() -> impl Iterator<Item = &'static Scenario> {
    [cutovers::SCENARIOS, gates::SCENARIOS, aborts::SCENARIOS, staging::SCENARIOS].into_iter().flatten()
}

#[expect(clippy::unnecessary_wraps, reason = "others fail")]
fn untouched(_: &Estate, _: &Service) -> Result<()> {
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "others fail")]
fn leave_alone(_: &Estate, _: Moment<'_>) -> Result<()> {
    Ok(())
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

/// The text of `--list`.
pub(super) fn list(place: Place) -> String {
    let mut out = format!("Rehearsals of {}, each with its end:\n\n", place.word());
    for scenario in all().filter(|scenario| scenario.place == place) {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "  {:<20}{}\n{:22}{}", scenario.name, scenario.about, "", scenario.expected);
    }
    out
}

//! The rehearsals: what each plays, and what it promises.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;

use crate::estate::Estate;
use crate::origins::App;
use crate::twins::render::Plan;
use crate::visitors::Colour;
use crate::workflow_run::Conclusion;

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
    /// The runs, one after the other.
    pub(super) acts: &'static [Act],
    /// What the operator does next.
    pub(super) next: &'static str,
}

/// One run of the workflow: what is pushed, and what is promised of it.
pub(super) struct Act {
    /// The targets whose files change.
    pub(super) changes: &'static [&'static str],
    /// Whether the library that api and workers share changes, too.
    pub(super) library: bool,
    /// The tag that starts the run; staging has none.
    pub(super) tag: &'static str,
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
    /// The ledger's states, newest generation first.
    pub(super) ledger: &'static [&'static str],
}

const ALL_BLUE: [(&str, Colour); 3] =
    [("api", Colour::Blue), ("dashboard", Colour::Blue), ("operations", Colour::Blue)];

/// Api, workers and dashboard move; operations stays where it is.
const FIRST_CUTOVER: Act = Act {
    changes: &["dashboard"],
    library: true,
    tag: "prod-2",
    promise: Promise {
        conclusion: Conclusion::Success,
        failing: None,
        succeeding: &[
            "approval",
            "marker",
            "changes",
            "generation",
            "api",
            "workers",
            "dashboard",
            "heartbeat",
            "blue-quiet",
            "flip",
            "confirm",
            "recorded",
        ],
        colours: [("api", Colour::Green), ("dashboard", Colour::Green), ("operations", Colour::Blue)],
        ledger: &["cut over", "cut over"],
    },
};

/// Everything changes: three targets go back to blue, and operations to green.
const SECOND_CUTOVER: Act = Act {
    changes: &["dashboard", "operations", "docs-user", "docs-codex"],
    library: true,
    tag: "v1.3.0",
    promise: Promise {
        conclusion: Conclusion::Success,
        failing: None,
        succeeding: &[
            "approval",
            "marker",
            "changes",
            "generation",
            "api",
            "workers",
            "dashboard",
            "operations",
            "heartbeat",
            "blue-quiet",
            "flip",
            "confirm",
            "docs-user",
            "docs-codex",
            "recorded",
        ],
        colours: [("api", Colour::Blue), ("dashboard", Colour::Blue), ("operations", Colour::Green)],
        ledger: &["cut over", "cut over", "cut over"],
    },
};

/// Every rehearsal; the first of a place is its happy path.
pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        place: Place::Production,
        name: "cutover",
        title: "Production: api, workers and dashboard",
        about: "A tag moves two public names and the workers to a new version, while visitors ask for all three names.",
        expected: "Every job succeeds, api and app end on green, operations stays on blue, and no request fails.",
        arm: usual,
        acts: &[FIRST_CUTOVER],
        next: "Nothing: keep blue warm for the hold of 24 hours, then sync it.",
    },
    Scenario {
        place: Place::Production,
        name: "twice",
        title: "Production: two cutovers in a row",
        about: "After a cutover of three targets a second tag moves everything: for those three the roles are swapped.",
        expected: "Both runs succeed; api and app are back on blue, operations is on green, and no request fails.",
        arm: usual,
        acts: &[FIRST_CUTOVER, SECOND_CUTOVER],
        next: "Nothing: keep the colours that stand by warm for the hold of 24 hours, then sync them.",
    },
    Scenario {
        place: Place::Production,
        name: "nothing-affected",
        title: "Production: a tag that affects nothing",
        about: "A tag is pushed whose commit changes no deployed file.",
        expected: "No generation, no deploy, no flip; the commit is recorded, and everything stays on blue.",
        arm: usual,
        acts: &[Act {
            changes: &[],
            library: false,
            tag: "prod-2",
            promise: Promise {
                conclusion: Conclusion::Success,
                failing: None,
                succeeding: &["approval", "marker", "changes", "recorded"],
                colours: ALL_BLUE,
                ledger: &["cut over"],
            },
        }],
        next: "Nothing.",
    },
    Scenario {
        place: Place::Staging,
        name: "push",
        title: "Staging: api, workers and the user's documentation",
        about: "A push to main is deployed to staging in place, and marked when all of it runs.",
        expected: "Every affected job succeeds and the commit is marked; production's names stay on blue.",
        arm: usual,
        acts: &[Act {
            changes: &["docs-user"],
            library: true,
            tag: "",
            promise: Promise {
                conclusion: Conclusion::Success,
                failing: None,
                succeeding: &["changes", "generation", "api", "workers", "docs-user", "marker"],
                colours: ALL_BLUE,
                ledger: &["cut over"],
            },
        }],
        next: "Nothing: production may take this commit.",
    },
];

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
    for scenario in SCENARIOS.iter().filter(|scenario| scenario.place == place) {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "  {:<20}{}\n{:22}{}", scenario.name, scenario.about, "", scenario.expected);
    }
    out
}

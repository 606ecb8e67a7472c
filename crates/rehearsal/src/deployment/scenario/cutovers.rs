//! Cutovers that go through.

use crate::visitors::Colour;

use super::{ACT, Act, Commit, DASHBOARD_CUTOVER, Pace, Promise, SCENARIO, Scenario};

/// Api, workers and dashboard move; operations stays where it is.
pub(super) const FIRST_CUTOVER: Act = Act {
    changes: &["dashboard"],
    library: true,
    tag: "prod-2",
    promise: Promise {
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
        ..ACT.promise
    },
    ..ACT
};

/// Everything changes: three targets go back to blue, and operations to green.
const SECOND_CUTOVER: Act = Act {
    changes: &["dashboard", "operations", "docs-user", "docs-codex"],
    library: true,
    tag: "v1.3.0",
    promise: Promise {
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
        says: &[("changes", "no older generation has work left")],
        ..ACT.promise
    },
    ..ACT
};

/// The jobs of a run that finds nothing affected.
const NOTHING_AFFECTED: &[&str] = &["approval", "marker", "changes", "recorded"];

/// Every rehearsal of this kind.
pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "cutover",
        title: "Production: api, workers and dashboard",
        about: "A tag moves two public names and the workers to a new version, while visitors ask for all three names.",
        expected: "Every job succeeds, api and app end on green, operations stays on blue, and no request fails.",
        acts: &[FIRST_CUTOVER],
        next: "Nothing: keep blue warm for the hold of 24 hours, then sync it.",
        ..SCENARIO
    },
    Scenario {
        name: "twice",
        title: "Production: two cutovers in a row",
        about: "After a cutover of three targets a second tag moves everything: for those three the roles are swapped.",
        expected: "Both runs succeed; api and app are back on blue, operations is on green, and no request fails.",
        acts: &[FIRST_CUTOVER, SECOND_CUTOVER],
        next: "Nothing: keep the colours that stand by warm for the hold of 24 hours, then sync them.",
        ..SCENARIO
    },
    Scenario {
        name: "mutex",
        title: "Production: three tags at once",
        about: "Two tags on one commit and one on the next are pushed together.",
        expected: "None is cancelled; they run in order, the second finds nothing affected, and no request fails.",
        pace: Pace::AtOnce,
        acts: &[
            DASHBOARD_CUTOVER,
            Act {
                commit: Commit::Same,
                tag: "v1.3.0",
                promise: Promise { succeeding: NOTHING_AFFECTED, ..ACT.promise },
                ..ACT
            },
            Act {
                changes: &["docs-user"],
                tag: "prod-3",
                promise: Promise {
                    succeeding: &["approval", "marker", "changes", "generation", "docs-user", "recorded"],
                    ledger: &["cut over", "cut over", "cut over"],
                    ..DASHBOARD_CUTOVER.promise
                },
                ..ACT
            },
        ],
        next: "Nothing: keep blue warm for the hold of 24 hours, then sync it.",
        ..SCENARIO
    },
    Scenario {
        name: "nothing-affected",
        title: "Production: a tag that affects nothing",
        about: "A tag is pushed whose commit changes no deployed file.",
        expected: "No generation, no deploy, no flip; the commit is recorded, and everything stays on blue.",
        acts: &[Act {
            tag: "prod-2",
            promise: Promise { succeeding: NOTHING_AFFECTED, ..ACT.promise },
            ..ACT
        }],
        ..SCENARIO
    },
];

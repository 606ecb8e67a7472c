//! Cutovers that go through.

use crate::visitors::Colour;

use super::act::{ACT, Act, Commit, Promise};
use super::{Pace, SCENARIO, Scenario, dashboard};

/// Api, workers and dashboard move; operations stays where it is.
pub(super) const FIRST: Act = Act {
    changes: &["dashboard"],
    library: true,
    tag: "prod-2",
    promise: Promise {
        succeeding: &[
            "approval",
            "marker",
            "changes",
            "schema-rehearse",
            "schema-merge",
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
        results: &[("heartbeat", "success"), ("flip", "success"), ("recorded", "success")],
        colours: [("api", Colour::Green), ("dashboard", Colour::Green), ("operations", Colour::Blue)],
        ledger: &["cut over", "cut over"],
        says: &[
            ("approval", "may go to production"),
            ("changes", "Affected targets: 3 of 6"),
            ("heartbeat", "Workers of generation 42"),
            ("flip", "The way back:"),
            ("confirm", "cut over"),
        ],
        ..ACT.promise
    },
    ..ACT
};

/// Everything changes: three targets go back to blue, and operations to green.
const SECOND: Act = Act {
    changes: &["dashboard", "operations", "docs-user", "docs-codex"],
    library: true,
    tag: "v1.3.0",
    promise: Promise {
        succeeding: &[
            "approval",
            "marker",
            "changes",
            "schema-rehearse",
            "schema-merge",
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
        published: &[("docs-codex", "main"), ("docs-user", "main")],
        says: &[
            ("changes", "this ends the class-2 way back of generation 42"),
            ("changes", "no older generation has work left"),
        ],
        ..FIRST.promise
    },
    ..ACT
};

/// The jobs of a cutover of the api, which takes its workers along.
pub(super) const API_JOBS: &[&str] = &[
    "approval",
    "marker",
    "changes",
    "schema-rehearse",
    "schema-merge",
    "generation",
    "api",
    "workers",
    "heartbeat",
    "blue-quiet",
    "flip",
    "confirm",
    "recorded",
];

/// The jobs of a run that finds nothing affected.
pub(super) const NOTHING_AFFECTED: &[&str] = &["approval", "marker", "changes", "recorded"];

/// Every rehearsal of this kind.
pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "cutover",
        title: "Production: api, workers and dashboard",
        about: "A tag moves two public names and the workers to a new version, while visitors ask for all three names.",
        expected: "Every job succeeds, api and app end on green, operations stays on blue, and no request fails.",
        acts: &[FIRST],
        ..SCENARIO
    },
    Scenario {
        name: "twice",
        title: "Production: two cutovers in a row",
        about: "After a cutover of three targets a second tag moves everything: for those three the roles are swapped.",
        expected: "Both runs succeed; api and app are back on blue, operations is on green, and no request fails.",
        acts: &[FIRST, SECOND],
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
            dashboard::CUTOVER,
            Act {
                commit: Commit::Same,
                tag: "v1.3.0",
                promise: Promise {
                    succeeding: NOTHING_AFFECTED,
                    // Nothing was done, and what is recorded was recorded already.
                    results: &[("recorded", "unchanged")],
                    says: &[("changes", "Affected targets: 0 of 6")],
                    ..ACT.promise
                },
                ..ACT
            },
            Act {
                changes: &["docs-user"],
                tag: "prod-3",
                promise: Promise {
                    succeeding: &[
                        "approval",
                        "marker",
                        "changes",
                        "schema-rehearse",
                        "schema-merge",
                        "generation",
                        "docs-user",
                        "recorded",
                    ],
                    results: &[("docs-user", "success"), ("recorded", "success")],
                    ledger: &["cut over", "cut over", "cut over"],
                    published: &[("docs-user", "main")],
                    says: &[("docs-user", "published: docs-user")],
                    ..dashboard::CUTOVER.promise
                },
                ..ACT
            },
        ],
        ..SCENARIO
    },
    Scenario {
        name: "nothing-affected",
        title: "Production: a tag that affects nothing",
        about: "A tag is pushed whose commit changes no deployed file.",
        expected: "No generation, no deploy, no flip; the commit is recorded, and everything stays on blue.",
        acts: &[Act {
            tag: "prod-2",
            promise: Promise {
                succeeding: NOTHING_AFFECTED,
                results: &[("recorded", "success")],
                says: &[("changes", "Affected targets: 0 of 6"), ("recorded", "production-success")],
                ..ACT.promise
            },
            ..ACT
        }],
        next: "Nothing.",
        ..SCENARIO
    },
];

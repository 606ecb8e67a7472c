//! The dashboard moves alone: the shortest cutover, on which most of what goes wrong is shown.

use crate::visitors::Colour;
use crate::workflow_run::Conclusion;

use super::act::{ACT, Act, Promise};

/// The jobs of a cutover of the dashboard alone.
pub(super) const JOBS: &[&str] = &[
    "approval",
    "marker",
    "changes",
    "schema-rehearse",
    "schema-merge",
    "generation",
    "dashboard",
    "blue-quiet",
    "flip",
    "confirm",
    "recorded",
];

/// The dashboard is on green.
pub(super) const GREEN: [(&str, Colour); 3] =
    [("api", Colour::Blue), ("dashboard", Colour::Green), ("operations", Colour::Blue)];

/// It goes through.
pub(super) const CUTOVER: Act = Act {
    changes: &["dashboard"],
    tag: "prod-2",
    promise: Promise {
        succeeding: JOBS,
        results: &[("flip", "success"), ("confirm", "success"), ("recorded", "success")],
        colours: GREEN,
        ledger: &["cut over", "cut over"],
        says: &[("flip", "shows the target"), ("confirm", "cut over"), ("recorded", "production-success")],
        ..ACT.promise
    },
    ..ACT
};

/// It goes through with a second tag, on a commit that changes nothing more: an earlier one did not.
pub(super) const SECOND_TAG: Act = Act {
    changes: &[],
    tag: "prod-3",
    promise: Promise { ledger: &["cut over", "allocated", "cut over"], ..CUTOVER.promise },
    ..CUTOVER
};

/// It ends before the flip: nothing is visible, and a generation is used up.
pub(super) const NO_FLIP: Promise = Promise {
    conclusion: Conclusion::Failure,
    succeeding: &["approval", "marker", "changes", "schema-rehearse", "schema-merge", "generation"],
    ledger: &["allocated", "cut over"],
    ..ACT.promise
};

//! The ways back after a cutover, class by class (ADR-053 D14).

use super::act::{ACT, Act, Promise, Start};
use super::{Place, SCENARIO, Scenario, dashboard};

/// Every rehearsal of this kind.
pub(super) const SCENARIOS: &[Scenario] = &[Scenario {
    name: "class-2",
    title: "Rollback, class 2: the names go back",
    about: "After a cutover of the dashboard it behaves badly: the operator has its name flipped back, and another \
            tag comes.",
    expected: "app is back on blue and the ledger says so; the next tag goes through, and no request fails.",
    acts: &[
        dashboard::CUTOVER,
        Act {
            start: Start::Dispatch { inputs: &[("symptom", "behaviour"), ("flip-back", "true")] },
            promise: Promise {
                ledger: &["rolled back", "cut over"],
                says: &[
                    ("rollback", "class 2, the names go back"),
                    ("rollback", "lead the names of generation 42 back"),
                    ("rollback", "shows the target"),
                ],
                ..PLANNED.promise
            },
            ..PLANNED
        },
        Act {
            promise: Promise {
                ledger: &["cut over", "rolled back", "cut over"],
                ..dashboard::CUTOVER.promise
            },
            ..dashboard::SECOND_TAG
        },
    ],
    ..ROLLBACK
}];

/// A rehearsal that only says what it has of its own.
const ROLLBACK: Scenario = Scenario { place: Place::Rollback, ..SCENARIO };

/// The operator asks what is to be done.
const PLANNED: Act = Act {
    place: Place::Rollback,
    promise: Promise { succeeding: &["rollback"], results: &[("rollback", "success")], ..ACT.promise },
    ..ACT
};

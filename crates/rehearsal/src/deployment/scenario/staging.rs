//! Staging.

use super::{ACT, Act, Place, Promise, SCENARIO, Scenario};

/// Every rehearsal of this kind.
pub(super) const SCENARIOS: &[Scenario] = &[Scenario {
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
            ..ACT.promise
        },
        ..ACT
    }],
    next: "Nothing: production may take this commit.",
    ..SCENARIO
}];

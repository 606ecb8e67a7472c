//! Rollbacks in which the code from before is not all of the answer: a migration did it, took away what that code
//! needs, or the code is lost (ADR-053 D14, classes 4 and 5).

use anyhow::Result;

use crate::estate::Estate;
use crate::visitors::Colour;
use crate::workflow_run::{Conclusion, Service};

use super::act::{ACT, Act, Commit, Marker, Promise, Schema, Start};
use super::rollback::{NOT_DUE, PLANNED, ROLLBACK};
use super::{Scenario, cutovers, dashboard, sync};

/// Every rehearsal of this kind.
pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "class-4",
        title: "Rollback, class 4: a migration did it",
        about: "A tag brings a migration that goes wrong. The operator pushes the tag that the plan names, which takes \
                the code back and leaves the schema, and mends the schema by a migration of its own.",
        expected: "The older code passes every gate on the newer schema and its names are back on blue; the next tag \
                   goes forward, and no request fails.",
        acts: &[
            MIGRATED,
            Act {
                start: Start::Dispatch { inputs: &[("symptom", "migration"), ("flip-back", "true")] },
                promise: Promise {
                    colours: MIGRATED.promise.colours,
                    ledger: &["cut over", "cut over"],
                    says: &[
                        ("rollback", "class 4, migrations only go forward, the code goes back"),
                        ("rollback", "20260423170303"),
                        ("rollback", "git tag $'prod-1-rollback'"),
                        ("rollback", "gh workflow run drain-legacy-generation.yml -f target_generation=42"),
                        (
                            "rollback",
                            "mend the schema by a migration of its own: none that is applied is ever taken back",
                        ),
                        ("rollback", "this is class 4, in which the names are not to go back"),
                        ("rollback", "do instead: git tag $'prod-1-rollback'"),
                    ],
                    ..NOT_DUE
                },
                ..PLANNED
            },
            Act {
                schema: Schema::Same,
                commit: Commit::First,
                marker: Marker::AsItIs,
                tag: "prod-1-rollback",
                promise: Promise {
                    colours: ACT.promise.colours,
                    ledger: &["cut over", "cut over", "cut over"],
                    results: &[
                        ("schema-merge", "unchanged"),
                        ("confirm", "success"),
                        ("recorded", "success"),
                    ],
                    says: &[
                        ("changes", "this ends the class-2 way back of generation 42"),
                        ("schema-merge", "nothing was pending"),
                        ("heartbeat", "Workers of generation 43"),
                        ("confirm", "cut over"),
                    ],
                    ..MIGRATED.promise
                },
                ..MIGRATED
            },
            Act {
                tag: "prod-3",
                promise: Promise {
                    ledger: &["cut over", "cut over", "cut over", "cut over"],
                    says: &[("schema-merge", "20260423170305"), ("confirm", "cut over")],
                    ..MIGRATED.promise
                },
                ..MIGRATED
            },
        ],
        next: FORWARD,
        ..ROLLBACK
    },
    Scenario {
        name: "contracted",
        title: "Rollback: past a schema that was contracted",
        about: "A tag brings a migration that drops a column and says that it breaks older code. The api behaves badly, \
                and the operator asks to flip back, then whether the migration did it.",
        expected: "Both are refused: on blue is code that does not run on this schema. The way is forward: a fix with \
                   the next tag, and no request fails.",
        acts: &[
            Act {
                schema: Schema::Contracts,
                promise: Promise {
                    says: &[("schema-merge", "20260423170303"), ("confirm", "cut over")],
                    ..MIGRATED.promise
                },
                ..MIGRATED
            },
            Act {
                start: Start::Dispatch { inputs: &[("symptom", "behaviour"), ("flip-back", "true")] },
                promise: CONTRACTED,
                ..PLANNED
            },
            Act {
                start: Start::Dispatch { inputs: &[("symptom", "migration")] },
                promise: CONTRACTED,
                ..PLANNED
            },
            Act {
                tag: "prod-3",
                promise: Promise {
                    colours: ACT.promise.colours,
                    ledger: &["cut over", "cut over", "cut over"],
                    says: &[("schema-merge", "20260423170305"), ("confirm", "cut over")],
                    ..MIGRATED.promise
                },
                ..MIGRATED
            },
        ],
        next: FORWARD,
        ..ROLLBACK
    },
    Scenario {
        name: "class-5",
        title: "Rollback, class 5: the code from before is lost",
        about: "A day after a cutover blue is synced, and Render lists no deploy any more of what ran before. Then the \
                api behaves badly, and the operator asks to flip back.",
        expected: "Nothing moves: the summary says to declare disaster recovery, and that a fix can go forward, which \
                   the next tag does; no request fails.",
        acts: &[
            cutovers::FIRST,
            Act { before: sync::a_day_passes, ..sync::SYNCED },
            Act {
                start: Start::Dispatch { inputs: &[("symptom", "behaviour"), ("flip-back", "true")] },
                before: forget_what_ran_before,
                promise: Promise {
                    colours: cutovers::FIRST.promise.colours,
                    ledger: &["cut over", "cut over"],
                    says: &[
                        ("rollback", "class 5, the code from before is lost"),
                        ("rollback", "the colour that served before was made the same since"),
                        (
                            "rollback",
                            "declare disaster recovery (ADR-040), for Render lists no deploy of what api, dashboard, workers ran before any more",
                        ),
                        (
                            "rollback",
                            "generation 42 goes on serving, and a fix of its code can go forward with a new tag",
                        ),
                        ("rollback", "this is class 5, in which the names are not to go back"),
                    ],
                    ..NOT_DUE
                },
                ..PLANNED
            },
            Act {
                changes: &["dashboard"],
                tag: "prod-3",
                promise: Promise {
                    colours: [
                        ("api", Colour::Green),
                        ("dashboard", Colour::Blue),
                        ("operations", Colour::Blue),
                    ],
                    ledger: &["cut over", "cut over", "cut over"],
                    ..dashboard::CUTOVER.promise
                },
                ..dashboard::CUTOVER
            },
        ],
        next: FORWARD,
        ..ROLLBACK
    },
];

/// After each of them a tag went forward.
const FORWARD: &str = "Nothing: keep what stands by warm for the hold of 24 hours, then sync it.";

/// A tag brings a migration; the api, whose schema it is, moves with its workers.
const MIGRATED: Act = Act {
    schema: Schema::Grows(1),
    tag: "prod-2",
    promise: Promise {
        succeeding: cutovers::API_JOBS,
        results: &[("schema-merge", "success"), ("confirm", "success"), ("recorded", "success")],
        colours: [("api", Colour::Green), ("dashboard", Colour::Blue), ("operations", Colour::Blue)],
        ledger: &["cut over", "cut over"],
        says: &[("schema-merge", "20260423170303"), ("confirm", "cut over")],
        ..ACT.promise
    },
    ..ACT
};

/// Refused, whatever the symptom: nothing goes back.
const CONTRACTED: Promise = Promise {
    conclusion: Conclusion::Failure,
    failing: Some(("rollback", 1)),
    succeeding: &[],
    results: &[("rollback", "refused")],
    colours: MIGRATED.promise.colours,
    ledger: &["cut over", "cut over"],
    says: &[
        (
            "rollback",
            "the code before generation 42 does not run on the schema of today: 20260423170303 took away what it needs",
        ),
        (
            "rollback",
            "go forward: a fix on today's code, or a migration that brings back what was taken away",
        ),
        ("rollback", "nothing was changed"),
    ],
    ..PLANNED.promise
};

/// What the generation before the cutover ran is listed for no colour any more.
fn forget_what_ran_before(estate: &Estate, _: &Service) -> Result<()> {
    let commit =
        estate.production.postgres.value("select sha from core.deployments where generation = 41")?;
    for name in ["api", "workers", "dashboard"] {
        let target = estate.target(name)?;
        for service in [&target.blue, &target.green] {
            estate.platform.render.forget_deploys(service, &commit)?;
        }
    }
    Ok(())
}

//! The ways back after a cutover, class by class (ADR-053 D14).

use std::time::Duration;

use anyhow::Result;

use crate::estate::Estate;
use crate::origins::Behaviour;
use crate::twins::render::{End, Plan};
use crate::visitors::Colour;
use crate::workflow_run::{Conclusion, Moment, Service, What};

use super::act::{ACT, Act, Commit, Marker, Promise, Start};
use super::dashboard::{self, NO_FLIP};
use super::{Place, SCENARIO, Scenario, aborts, cutovers, drain, usual};

/// Every rehearsal of this kind.
pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "class-2",
        title: "Rollback, class 2: the names go back",
        about: "After a cutover of the dashboard it behaves badly: the operator has its name flipped back, and \
                another tag comes.",
        expected: "app is back on blue and the ledger says so; the next tag goes through, and no request fails.",
        acts: &[
            dashboard::CUTOVER,
            FLIPPED_BACK,
            Act {
                promise: Promise {
                    ledger: &["cut over", "rolled back", "cut over"],
                    ..dashboard::CUTOVER.promise
                },
                ..dashboard::SECOND_TAG
            },
        ],
        ..ROLLBACK
    },
    Scenario {
        name: "class-1",
        title: "Rollback, class 1: nothing of it is visible",
        about: "A deploy of the dashboard fails before the flip. The operator takes its data for the trouble, then its \
                behaviour, and asks to flip back.",
        expected: "The first question does not fit and is refused; the second is answered with class 1, and ends as stale: \
                   what was asked is not done. The next tag goes through, and no request fails.",
        arm: aborts::break_build,
        acts: &[
            Act {
                promise: Promise {
                    failing: Some(("dashboard", 1)),
                    results: &[("dashboard", "failed")],
                    says: &[("dashboard", "ended as build_failed")],
                    ..NO_FLIP
                },
                ..dashboard::CUTOVER
            },
            Act {
                start: Start::Dispatch { inputs: &[("symptom", "data")] },
                promise: Promise {
                    conclusion: Conclusion::Failure,
                    failing: Some(("rollback", 6)),
                    succeeding: &[],
                    results: &[("rollback", "stale")],
                    ledger: &["allocated", "cut over"],
                    says: &[("rollback", "does not fit: nobody was served by generation 42")],
                    ..PLANNED.promise
                },
                ..PLANNED
            },
            Act {
                start: Start::Dispatch { inputs: &[("symptom", "behaviour"), ("flip-back", "true")] },
                promise: Promise {
                    ledger: &["allocated", "cut over"],
                    says: &[
                        ("rollback", "class 1, nothing of it is visible"),
                        ("rollback", "this is class 1, in which the names are not to go back"),
                        ("rollback", "find out why it failed, fix it, push a new tag"),
                        ("rollback", "is the newest that serves; if that is the trouble, ask about it"),
                    ],
                    ..NOT_DUE
                },
                ..PLANNED
            },
            dashboard::SECOND_TAG,
        ],
        next: super::KEEP_WARM,
        ..ROLLBACK
    },
    Scenario {
        name: "failed-tag",
        title: "Rollback: a tag failed since the cutover that misbehaves",
        about: "After a cutover of the dashboard it behaves badly, and the next tag does not build. The operator asks to \
                flip back, then does what the summary says: asks again, about the generation that serves.",
        expected: "The first run ends as stale and names the generation that serves; the second flips app back to blue, \
                   and no request fails.",
        arm: break_second_build,
        acts: &[
            dashboard::CUTOVER,
            Act {
                tag: "prod-3",
                promise: Promise {
                    failing: Some(("dashboard", 1)),
                    results: &[("dashboard", "failed")],
                    colours: dashboard::GREEN,
                    ledger: &["allocated", "cut over", "cut over"],
                    says: &[("dashboard", "ended as build_failed")],
                    ..NO_FLIP
                },
                ..dashboard::CUTOVER
            },
            Act {
                start: Start::Dispatch { inputs: &[("symptom", "behaviour"), ("flip-back", "true")] },
                promise: Promise {
                    colours: dashboard::GREEN,
                    ledger: &["allocated", "cut over", "cut over"],
                    says: &[
                        ("rollback", "this is class 1, in which the names are not to go back"),
                        ("rollback", "generation 42 (dashboard) is the newest that serves"),
                        (
                            "rollback",
                            "gh workflow run rollback.yml -f symptom=behaviour -f generation=42 -f flip-back=true",
                        ),
                    ],
                    ..NOT_DUE
                },
                ..PLANNED
            },
            Act {
                start: Start::Dispatch {
                    inputs: &[("symptom", "behaviour"), ("generation", "42"), ("flip-back", "true")],
                },
                promise: Promise {
                    ledger: &["allocated", "rolled back", "cut over"],
                    ..FLIPPED_BACK.promise
                },
                ..FLIPPED_BACK
            },
        ],
        next: "Find out why it behaved badly and why the other did not build, fix both, and push a new tag.",
        ..ROLLBACK
    },
    Scenario {
        name: "unverified",
        title: "Rollback: names that moved and were never confirmed",
        about: "The name has moved, and then the dashboard reports another commit, so nobody confirms it. Its data is \
                bad, and the operator asks to flip back.",
        expected: "It is class 3, and the name goes back first: app is back on blue and the ledger says so, and no \
                   request fails.",
        meddle: misreport,
        acts: &[
            Act {
                promise: Promise {
                    failing: Some(("confirm", 3)),
                    succeeding: MOVED,
                    results: &[("flip", "success")],
                    colours: dashboard::GREEN,
                    ledger: &["open", "cut over"],
                    says: &[("confirm", "Way back: class 2")],
                    ..NO_FLIP
                },
                ..dashboard::CUTOVER
            },
            Act {
                start: Start::Dispatch { inputs: &[("symptom", "data"), ("flip-back", "true")] },
                promise: Promise {
                    says: &[
                        ("rollback", "class 3, the code from before is deployed again"),
                        ("rollback", "lead the names of generation 42 back"),
                        ("rollback", "gh workflow run drain-legacy-generation.yml -f target_generation=42"),
                        ("rollback", "shows the target"),
                    ],
                    ..FLIPPED_BACK.promise
                },
                ..FLIPPED_BACK
            },
        ],
        next: "Drain what the generation left, find out what was wrong with the data, fix it, and push a new tag.",
        ..ROLLBACK
    },
    Scenario {
        name: "class-3",
        title: "Rollback, class 3: the code from before is deployed again",
        about: "After a cutover of api, workers and dashboard their data is bad, and the workers die with work in \
                their hands. The operator pushes the tag that the plan names, and has the stranded generation \
                drained.",
        expected: "The tag passes every gate as a new generation and all names are back on blue; the drain does each \
                   piece of work once, and no request fails.",
        arm: let_green_die,
        meddle: leave_work,
        acts: &[
            cutovers::FIRST,
            Act {
                start: Start::Dispatch { inputs: &[("symptom", "data")] },
                once: drain::first_piece_is_taken,
                promise: Promise {
                    colours: cutovers::FIRST.promise.colours,
                    ledger: &["cut over", "cut over"],
                    says: &[
                        ("rollback", "class 3, the code from before is deployed again"),
                        ("rollback", "git tag $'prod-1-rollback'"),
                        ("rollback", "git push origin $'refs/tags/prod-1-rollback'"),
                        ("rollback", "gh workflow run drain-legacy-generation.yml -f target_generation=42"),
                    ],
                    ..PLANNED.promise
                },
                ..PLANNED
            },
            Act {
                commit: Commit::First,
                marker: Marker::AsItIs,
                tag: "prod-1-rollback",
                promise: Promise {
                    colours: ACT.promise.colours,
                    ledger: &["cut over", "cut over", "cut over"],
                    says: &[
                        ("changes", "Affected targets: 3 of 6"),
                        ("changes", "this ends the class-2 way back of generation 42"),
                        ("heartbeat", "Workers of generation 43"),
                        ("confirm", "cut over"),
                    ],
                    ..cutovers::FIRST.promise
                },
                ..ACT
            },
            Act {
                start: Start::Dispatch { inputs: &[("target_generation", "42")] },
                before: two_minutes_pass,
                promise: Promise {
                    results: &[("drain", "success")],
                    colours: ACT.promise.colours,
                    ledger: &["cut over", "cut over", "cut over"],
                    says: &[("drain", "refs/tags/prod-2"), ("drain", "4 rows pending, 1 in flight")],
                    ..drain::DRAINED.promise
                },
                ..drain::DRAINED
            },
        ],
        also: drain::each_piece_is_done_once,
        next: "Find out what was wrong with the data, fix it, and push a new tag.",
        ..ROLLBACK
    },
    Scenario {
        name: "wrong-symptom",
        title: "Rollback: a symptom that does not fit the world",
        about: "After a cutover of the dashboard that brought no migration the operator takes a migration for the \
                trouble and asks to flip back; then its behaviour.",
        expected: "The first question does not fit and is refused, so nothing moves; the second flips app back to blue, \
                   and no request fails.",
        acts: &[
            dashboard::CUTOVER,
            Act {
                start: Start::Dispatch { inputs: &[("symptom", "migration"), ("flip-back", "true")] },
                promise: Promise {
                    conclusion: Conclusion::Failure,
                    failing: Some(("rollback", 6)),
                    succeeding: &[],
                    results: &[("rollback", "stale")],
                    colours: dashboard::GREEN,
                    ledger: &["cut over", "cut over"],
                    says: &[
                        ("rollback", "generation 42 applied no migration that generation 41 does not know"),
                        (
                            "rollback",
                            "use `behaviour` or `data`, or name the generation that brought the migration",
                        ),
                        ("rollback", "nothing was changed"),
                    ],
                    ..PLANNED.promise
                },
                ..PLANNED
            },
            FLIPPED_BACK,
        ],
        next: "Find out why it behaved badly, fix it, and push a new tag.",
        ..ROLLBACK
    },
    Scenario {
        name: "older",
        title: "Rollback: a generation that is not the newest",
        about: "The dashboard is cut over, then operations by a tag of its own. The dashboard behaves badly, and the \
                operator names its generation and has it flipped back.",
        expected: "app is back on blue and operations stays on green; the next tag takes the dashboard along again, and \
                   no request fails.",
        acts: &[
            dashboard::CUTOVER,
            Act {
                changes: &["operations"],
                tag: "prod-3",
                promise: Promise {
                    succeeding: OPERATIONS,
                    colours: BOTH_GREEN,
                    ledger: &["cut over", "cut over", "cut over"],
                    ..dashboard::CUTOVER.promise
                },
                ..dashboard::CUTOVER
            },
            Act {
                start: Start::Dispatch {
                    inputs: &[("symptom", "behaviour"), ("generation", "42"), ("flip-back", "true")],
                },
                promise: Promise {
                    colours: [
                        ("api", Colour::Blue),
                        ("dashboard", Colour::Blue),
                        ("operations", Colour::Green),
                    ],
                    ledger: &["cut over", "rolled back", "cut over"],
                    ..FLIPPED_BACK.promise
                },
                ..FLIPPED_BACK
            },
            Act {
                tag: "prod-4",
                promise: Promise {
                    colours: BOTH_GREEN,
                    ledger: &["cut over", "cut over", "rolled back", "cut over"],
                    ..dashboard::CUTOVER.promise
                },
                ..dashboard::SECOND_TAG
            },
        ],
        ..ROLLBACK
    },
];

/// A rehearsal that only says what it has of its own.
pub(super) const ROLLBACK: Scenario = Scenario { place: Place::Rollback, ..SCENARIO };

/// The operator asks what is to be done.
pub(super) const PLANNED: Act = Act {
    place: Place::Rollback,
    promise: Promise { succeeding: &["rollback"], results: &[("rollback", "success")], ..ACT.promise },
    ..ACT
};

/// The operator sees bad behaviour and has the names of the cutover flipped back.
const FLIPPED_BACK: Act = Act {
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
};

/// The operator asked to flip back, and that is not what has to be done: green would look as if it were.
pub(super) const NOT_DUE: Promise = Promise {
    conclusion: Conclusion::Failure,
    failing: Some(("rollback", 6)),
    succeeding: &[],
    results: &[("rollback", "stale")],
    ..PLANNED.promise
};

/// The jobs of a cutover of the dashboard until its name has moved.
pub(super) const MOVED: &[&str] = &[
    "approval",
    "marker",
    "changes",
    "schema-rehearse",
    "schema-merge",
    "generation",
    "dashboard",
    "blue-quiet",
    "flip",
];

/// The jobs of a cutover of operations alone.
const OPERATIONS: &[&str] = &[
    "approval",
    "marker",
    "changes",
    "schema-rehearse",
    "schema-merge",
    "generation",
    "operations",
    "blue-quiet",
    "flip",
    "confirm",
    "recorded",
];

const BOTH_GREEN: [(&str, Colour); 3] =
    [("api", Colour::Blue), ("dashboard", Colour::Green), ("operations", Colour::Green)];

/// The workers of the cutover die with their first piece of work.
fn let_green_die(estate: &Estate) -> Result<()> {
    usual(estate)?;
    drain::note_what_is_done(estate)?;
    estate.production.workers.set_behaviour(&estate.target("workers")?.green, Behaviour::Crashes);
    Ok(())
}

/// At the very end of the cutover.
fn leave_work(estate: &Estate, moment: Moment<'_>) -> Result<()> {
    let Moment { run: 100, what: What::JobStarts { job: "recorded" }, .. } = moment else { return Ok(()) };
    drain::leave_work_of(estate, 42)
}

/// The dashboard's next deploy after its cutover does not build.
fn break_second_build(estate: &Estate) -> Result<()> {
    let fails = Plan::live().build(Duration::from_secs(1)).end(End::BuildFailed);
    estate.platform.render.plan_deploys(&estate.target("dashboard")?.blue, [fails])?;
    usual(estate)
}

/// When the cutover looks at what visitors get.
fn misreport(estate: &Estate, moment: Moment<'_>) -> Result<()> {
    let Moment { run: 100, what: What::JobStarts { job: "confirm" }, .. } = moment else { return Ok(()) };
    estate.platform.origins.set_app(&estate.target("dashboard")?.green, aborts::another_commit());
    Ok(())
}

fn two_minutes_pass(estate: &Estate, _: &Service) -> Result<()> {
    drain::age_heartbeats_of(estate, 42)
}

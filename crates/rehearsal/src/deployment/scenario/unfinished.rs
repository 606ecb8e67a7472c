//! What goes wrong at the flip and after it (runbook, step 11): names may have moved that are not recorded as cut
//! over. Each rehearsal goes on as the summary says, to finish it or to undo it.

use anyhow::Result;

use crate::estate::Estate;
use crate::fault::What as Fault;
use crate::fault::When;
use crate::workflow_run::{Conclusion, Moment, Run, Service, What};

use super::aborts::{another_commit, green_dashboard, mend_green};
use super::act::{ACT, Act, Promise, Start};
use super::dashboard::{self, NO_FLIP};
use super::{SCENARIO, Scenario};

/// Where Cloudflare takes all changes of a flip.
const BATCH: &str = "POST /client/v4/zones/{zone}/dns_records/batch";

/// Where it shows them.
const RECORDS: &str = "GET /client/v4/zones/{zone}/dns_records";

/// The jobs before the flip.
pub(super) const BEFORE_THE_FLIP: &[&str] = &[
    "approval",
    "marker",
    "changes",
    "schema-rehearse",
    "schema-merge",
    "generation",
    "dashboard",
    "blue-quiet",
];

/// Cloudflare takes no changes, so no name has moved.
const FAILING_FLIP: Act = Act {
    before: break_batch,
    promise: Promise {
        failing: Some(("flip", 5)),
        succeeding: BEFORE_THE_FLIP,
        results: &[("flip", "unreachable")],
        ledger: &["open", "cut over"],
        says: &[
            ("flip", "no name has moved so far"),
            ("flip", "run again with the same inputs: it looks first"),
        ],
        ..NO_FLIP
    },
    ..dashboard::CUTOVER
};

/// The name has moved, and visitors get another version than was asked for.
const UNVERIFIED: Act = Act {
    promise: Promise {
        failing: Some(("confirm", 3)),
        succeeding: &[
            "approval",
            "marker",
            "changes",
            "schema-rehearse",
            "schema-merge",
            "generation",
            "dashboard",
            "blue-quiet",
            "flip",
        ],
        results: &[("flip", "success")],
        colours: dashboard::GREEN,
        ledger: &["open", "cut over"],
        says: &[
            ("confirm", "Way back: class 2"),
            ("confirm", "cname-flip --mode restore --zone-id"),
            ("confirm", "cutover-record --mode rolled-back --generation 42"),
            ("confirm", "of this run verifies again"),
        ],
        ..NO_FLIP
    },
    ..dashboard::CUTOVER
};

/// A new tag while the name has moved and nobody has said what becomes of that.
const REFUSED: Act = Act {
    tag: "prod-3",
    promise: Promise {
        conclusion: Conclusion::Failure,
        failing: Some(("changes", 6)),
        succeeding: &["approval", "marker"],
        results: &[("changes", "stale")],
        colours: dashboard::GREEN,
        ledger: &["open", "cut over"],
        says: &[
            ("changes", "The flip of generation 42 is unfinished"),
            ("changes", "of run 100"),
            ("changes", "cname-flip --mode restore --zone-id"),
            ("changes", "cutover-record --mode rolled-back --generation 42"),
        ],
        ..ACT.promise
    },
    ..ACT
};

/// The operator runs the lines of a summary: the name goes back, and that is recorded.
const fn undone(of: usize, job: &'static str) -> Act {
    Act {
        start: Start::Lines { of, job },
        promise: Promise {
            succeeding: &["cname-flip", "cutover-record"],
            ledger: &["rolled back", "cut over"],
            says: &[("cname-flip", "app.example.localhost"), ("cutover-record", "rolled back")],
            ..ACT.promise
        },
        ..ACT
    }
}

/// A tag when everything is as it was before the first one.
const NEXT_TAG: Act = Act {
    tag: "prod-4",
    promise: Promise { ledger: &["cut over", "rolled back", "cut over"], ..dashboard::CUTOVER.promise },
    ..dashboard::SECOND_TAG
};

/// Every rehearsal of this kind.
pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "flip-fails",
        title: "Production: Cloudflare takes no changes",
        about: "Every change of the names is answered with an error; then a second tag comes when that is over.",
        expected: "The first run moves no name; the second closes its row and goes through, and no request fails.",
        acts: &[
            FAILING_FLIP,
            Act {
                before: mend_cloudflare,
                promise: Promise {
                    says: &[("changes", "dashboard"), ("flip", "shows the target")],
                    ..NEXT_TAG.promise
                },
                ..NEXT_TAG
            },
        ],
        ..SCENARIO
    },
    Scenario {
        name: "flip-again",
        title: "Production: Cloudflare takes no changes for a while",
        about: "Every change of the names is answered with an error; then the failed jobs are run again.",
        expected: "The first attempt moves no name, the second one does; no request fails.",
        acts: &[
            FAILING_FLIP,
            Act { start: Start::FailedJobs { of: 0 }, before: mend_cloudflare, ..dashboard::CUTOVER },
        ],
        ..SCENARIO
    },
    Scenario {
        name: "flip-lost",
        title: "Production: Cloudflare's answer is lost",
        about: "The change of the names is made, and its answer never arrives.",
        expected: "The flip finds the names moved and goes on; the run succeeds, and no request fails.",
        acts: &[Act { before: lose_batch, ..dashboard::CUTOVER }],
        also: names_move_once,
        ..SCENARIO
    },
    Scenario {
        name: "flip-unseen",
        title: "Production: Cloudflare falls silent in the middle of a flip",
        about: "The name moves, and then its record cannot be read. A second tag comes, the operator undoes the flip \
                with the lines that this tag's summary gives, and a third tag comes.",
        expected: "The second tag is refused; after the lines the third one goes through, and no request fails.",
        meddle: go_dark,
        acts: &[
            Act {
                promise: Promise {
                    failing: Some(("flip", 5)),
                    succeeding: BEFORE_THE_FLIP,
                    results: &[("flip", "unreachable")],
                    colours: dashboard::GREEN,
                    ledger: &["open", "cut over"],
                    says: &[
                        ("flip", "cannot be looked at"),
                        ("flip", "go back with `cname-flip --mode restore"),
                    ],
                    ..NO_FLIP
                },
                ..dashboard::CUTOVER
            },
            Act { before: mend_cloudflare, ..REFUSED },
            undone(1, "changes"),
            NEXT_TAG,
        ],
        ..SCENARIO
    },
    Scenario {
        name: "unverified",
        title: "Production: visitors get another version, and the name goes back",
        about: "The name has moved, and then the dashboard reports another commit. A second tag comes, the operator \
                takes the way back that the first one's summary gives, and a third tag comes.",
        expected: "The cutover is not recorded and the second tag is refused; after the way back the third one goes \
                   through, and no request fails.",
        meddle: misreport_later,
        acts: &[UNVERIFIED, REFUSED, undone(0, "confirm"), Act { before: mend_green, ..NEXT_TAG }],
        ..SCENARIO
    },
    Scenario {
        name: "unverified-mended",
        title: "Production: visitors get another version for a while",
        about: "The name has moved, and then the dashboard reports another commit; it is mended, and the failed jobs \
                are run again.",
        expected: "The cutover is recorded by the second attempt, which moves nothing; no request fails.",
        meddle: misreport_later,
        acts: &[
            UNVERIFIED,
            Act { start: Start::FailedJobs { of: 0 }, before: mend_green, ..dashboard::CUTOVER },
        ],
        also: names_move_once,
        ..SCENARIO
    },
];

/// Cloudflare was asked for one change of names in all.
#[expect(clippy::unnecessary_wraps, reason = "others fail")]
pub(super) fn names_move_once(estate: &Estate, _: &[Run]) -> Result<Vec<String>> {
    let count = estate.platform.cloudflare_api.journal().count(BATCH);
    Ok((count != 1)
        .then(|| format!("Cloudflare was asked for {count} changes of names"))
        .into_iter()
        .collect())
}

/// When the first run looks at what visitors get.
fn misreport_later(estate: &Estate, moment: Moment<'_>) -> Result<()> {
    let Moment { run: 100, attempt: 1, what: What::JobStarts { job: "confirm" }, .. } = moment else {
        return Ok(());
    };
    estate.platform.origins.set_app(green_dashboard(estate)?, another_commit());
    Ok(())
}

/// The first run's flip reads the record twice before it changes it, and then looks what became of it.
#[expect(clippy::unnecessary_wraps, reason = "others can fail here")]
fn go_dark(estate: &Estate, moment: Moment<'_>) -> Result<()> {
    let Moment { run: 100, what: What::JobStarts { job: "flip" }, .. } = moment else { return Ok(()) };
    estate.platform.cloudflare_faults().on(RECORDS, When::From(3), Fault::status(502));
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "other acts can fail here")]
fn break_batch(estate: &Estate, _: &Service) -> Result<()> {
    estate.platform.cloudflare_faults().on(BATCH, When::Always, Fault::status(502));
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "other acts can fail here")]
fn mend_cloudflare(estate: &Estate, _: &Service) -> Result<()> {
    estate.platform.cloudflare_faults().clear();
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "other acts can fail here")]
fn lose_batch(estate: &Estate, _: &Service) -> Result<()> {
    estate.platform.cloudflare_faults().on(BATCH, When::Nth(1), Fault::ApplyThenLose);
    Ok(())
}

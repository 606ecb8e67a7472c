//! What a generation has left behind is worked off by its own code (ADR-053 D13), or is not to be.

use anyhow::Result;

use crate::estate::Estate;
use crate::origins::Behaviour;
use crate::twins::render::Change;
use crate::workflow_run::{Conclusion, Moment, Run, Service, What};

use super::act::{ACT, Act, Promise, Start};
use super::{Place, SCENARIO, Scenario, cutovers, sync, usual};

/// The pieces of work that the generation before the cutover leaves.
const LEFT: &str = "5";

/// Every rehearsal of this kind.
pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "drain",
        title: "Drain: workers die with work in their hands",
        about: "At the end of a cutover work of the generation before comes in, and its workers die with the first \
                piece; the operator has it drained, twice.",
        expected: "A worker of that generation's own commit does each piece of work once and is deleted; the second \
                   run finds nothing left, and no request fails.",
        arm: let_blue_die,
        meddle: leave_work,
        acts: &[
            cutovers::FIRST,
            Act {
                once: first_piece_is_taken,
                before: two_minutes_pass,
                promise: Promise {
                    results: &[("drain", "success")],
                    says: &[
                        ("drain", "refs/tags/prod-1"),
                        ("drain", "4 rows pending, 1 in flight"),
                        ("drain", "deleted"),
                    ],
                    ..DRAINED.promise
                },
                ..DRAINED
            },
            DRAINED,
        ],
        also: each_piece_is_done_once,
        ..DRAIN
    },
    Scenario {
        name: "refused",
        title: "Drain: generations that are not to be drained",
        about: "The operator asks for a generation that serves, for one that never was, and for one whose workers \
                still run; then the hold ends, what stands by is synced, and the operator asks once more.",
        expected: "Each is refused and creates nothing; the last one finds nothing left, and no request fails.",
        acts: &[
            Act {
                promise: Promise {
                    says: &[("drain", "generation 41 still serves workers")],
                    ..BEFORE_THE_CUTOVER
                },
                ..DRAINED
            },
            Act {
                start: Start::Dispatch { inputs: &[("target_generation", "40")] },
                promise: Promise {
                    says: &[("drain", "the ledger has no generation 40")],
                    ..BEFORE_THE_CUTOVER
                },
                ..DRAINED
            },
            cutovers::FIRST,
            Act {
                promise: Promise {
                    conclusion: Conclusion::Failure,
                    failing: Some(("drain", 6)),
                    results: &[("drain", "stale")],
                    says: &[
                        ("drain", "workers of generation 41 are running"),
                        ("drain", "what served before keeps its workers"),
                    ],
                    ..DRAINED.promise
                },
                ..DRAINED
            },
            Act { before: sync::a_day_passes, ..sync::SYNCED },
            DRAINED,
        ],
        also: no_service_was_created,
        ..DRAIN
    },
];

/// A rehearsal that only says what it has of its own.
const DRAIN: Scenario =
    Scenario { place: Place::Drain, next: "Nothing: the generation has nothing left.", ..SCENARIO };

/// The operator asks for the generation before the cutover, of which nothing is left.
pub(super) const DRAINED: Act = Act {
    place: Place::Drain,
    start: Start::Dispatch { inputs: &[("target_generation", "41")] },
    promise: Promise {
        succeeding: &["drain"],
        results: &[("drain", "unchanged")],
        colours: cutovers::FIRST.promise.colours,
        ledger: &["cut over", "cut over"],
        says: &[("drain", "nothing was left")],
        ..ACT.promise
    },
    ..ACT
};

/// Nothing has been deployed, and nothing is drained.
const BEFORE_THE_CUTOVER: Promise = Promise {
    conclusion: Conclusion::Failure,
    failing: Some(("drain", 6)),
    results: &[("drain", "stale")],
    ..ACT.promise
};

/// The workers that serve first die with their first piece of work.
fn let_blue_die(estate: &Estate) -> Result<()> {
    usual(estate)?;
    note_what_is_done(estate)?;
    estate.production.workers.set_behaviour(&estate.target("workers")?.blue, Behaviour::Crashes);
    Ok(())
}

/// Every time that a piece of work is finished leaves a row.
pub(super) fn note_what_is_done(estate: &Estate) -> Result<()> {
    estate.production.postgres.execute(
        "create table core.finishes (outbox bigint);
         create function core.note_finish() returns trigger language plpgsql as
             $$ begin insert into core.finishes values (new.id); return new; end $$;
         create trigger finish before update on core.outbox for each row when (new.status = 'done')
             execute function core.note_finish()",
    )
}

/// At the very end of the cutover.
fn leave_work(estate: &Estate, moment: Moment<'_>) -> Result<()> {
    let Moment { run: 100, what: What::JobStarts { job: "recorded" }, .. } = moment else { return Ok(()) };
    leave_work_of(estate, 41)
}

/// Work comes in.
pub(super) fn leave_work_of(estate: &Estate, generation: u64) -> Result<()> {
    estate.production.postgres.execute(&format!(
        "insert into core.outbox (generation, status) select {generation}, 'pending' from generate_series(1, {LEFT})"
    ))
}

pub(super) fn first_piece_is_taken(estate: &Estate) -> Result<bool> {
    let taken =
        estate.production.postgres.value("select count(*) from core.outbox where status = 'in_flight'")?;
    Ok(taken == "1")
}

fn two_minutes_pass(estate: &Estate, _: &Service) -> Result<()> {
    age_heartbeats_of(estate, 41)
}

/// The heartbeat of the dead is two minutes old.
pub(super) fn age_heartbeats_of(estate: &Estate, generation: u64) -> Result<()> {
    estate.production.postgres.execute(&format!(
        "update core.workers set last_heartbeat = last_heartbeat - interval '2 minutes' \
         where generation = {generation}"
    ))
}

/// Counted in PostgreSQL; and no temporary service is left.
pub(super) fn each_piece_is_done_once(estate: &Estate, _: &[Run]) -> Result<Vec<String>> {
    let postgres = &estate.production.postgres;
    let mut objections = Vec::new();
    for (what, sql, wanted) in [
        ("pieces of work not done", "select count(*) from core.outbox where status <> 'done'", "0"),
        ("times that one was done", "select count(*) from core.finishes", LEFT),
        ("pieces of work done", "select count(distinct outbox) from core.finishes", LEFT),
    ] {
        let found = postgres.value(sql)?;
        if found != wanted {
            objections.push(format!("PostgreSQL counts {found} {what}, not {wanted}"));
        }
    }
    for generation in [41, 42] {
        let name = format!("workers-drain-gen-{generation}");
        if let Some(service) = estate.platform.render.service_named(&name) {
            objections.push(format!("the temporary service {service} ({name}) is still there"));
        }
    }
    Ok(objections)
}

/// Nor was any deleted.
#[expect(clippy::unnecessary_wraps, reason = "others fail")]
fn no_service_was_created(estate: &Estate, _: &[Run]) -> Result<Vec<String>> {
    let effects = estate.platform.render.effects().into_iter();
    let created = effects.filter(|effect| effect.change == Change::ServiceCreated).count();
    Ok((created > 0).then(|| format!("{created} services were created")).into_iter().collect())
}

//! What a generation has left behind is worked off by its own code (ADR-053 D13), or is not to be.

use anyhow::Result;

use crate::estate::Estate;
use crate::origins::Behaviour;
use crate::workflow_run::{Moment, Run, Service, What};

use super::act::{ACT, Act, Promise, Start};
use super::{Place, SCENARIO, Scenario, cutovers, usual};

/// The pieces of work that the generation before the cutover leaves.
const LEFT: &str = "5";

/// Every rehearsal of this kind.
pub(super) const SCENARIOS: &[Scenario] = &[Scenario {
    name: "drain",
    title: "Drain: workers die with work in their hands",
    about: "At the end of a cutover work of the generation before comes in, and its workers die with the first piece; \
            the operator has it drained, twice.",
    expected: "A worker of that generation's own commit does each piece of work once and is deleted; the second run \
               finds nothing left, and no request fails.",
    arm: note_what_is_done,
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
    next: "Nothing: the generation has nothing left.",
    ..DRAIN
}];

/// A rehearsal that only says what it has of its own.
const DRAIN: Scenario = Scenario { place: Place::Drain, ..SCENARIO };

/// The operator asks for the generation before the cutover, of which nothing is left.
const DRAINED: Act = Act {
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

/// Every time that a piece of work is finished leaves a row; the workers that serve first die with their first piece.
fn note_what_is_done(estate: &Estate) -> Result<()> {
    usual(estate)?;
    estate.production.postgres.execute(
        "create table core.finishes (outbox bigint);
         create function core.note_finish() returns trigger language plpgsql as
             $$ begin insert into core.finishes values (new.id); return new; end $$;
         create trigger finish before update on core.outbox for each row when (new.status = 'done')
             execute function core.note_finish()",
    )?;
    estate.production.workers.set_behaviour(&estate.target("workers")?.blue, Behaviour::Crashes);
    Ok(())
}

/// At the very end of the cutover.
fn leave_work(estate: &Estate, moment: Moment<'_>) -> Result<()> {
    let Moment { run: 100, what: What::JobStarts { job: "recorded" }, .. } = moment else { return Ok(()) };
    estate.production.postgres.execute(&format!(
        "insert into core.outbox (generation, status) select 41, 'pending' from generate_series(1, {LEFT})"
    ))
}

fn first_piece_is_taken(estate: &Estate) -> Result<bool> {
    let taken =
        estate.production.postgres.value("select count(*) from core.outbox where status = 'in_flight'")?;
    Ok(taken == "1")
}

/// The heartbeat of the dead is that old.
fn two_minutes_pass(estate: &Estate, _: &Service) -> Result<()> {
    estate.production.postgres.execute(
        "update core.workers set last_heartbeat = last_heartbeat - interval '2 minutes' where generation = 41",
    )
}

/// Counted in PostgreSQL; and the temporary service is gone.
fn each_piece_is_done_once(estate: &Estate, _: &[Run]) -> Result<Vec<String>> {
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
    if let Some(service) = estate.platform.render.service_named("workers-drain-gen-41") {
        objections.push(format!("the temporary service {service} is still there"));
    }
    Ok(objections)
}

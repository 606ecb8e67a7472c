//! The primitives that read the ledger and nothing else.

use std::marker::PhantomData;
use std::sync::Arc;

use action::{Primitive, SimClock};
use deployed_base::DeployedBase;
use hold_check::HoldCheck;
use rehearsal::in_process::Invocation;
use rehearsal::postgres::PASSWORD;
use workers_heartbeat::WorkersHeartbeat;

use super::database::{Database, Databases};
use super::place::Place;
use super::run::Run;
use super::verdict::{Verdict, ensure, same};
use super::world::World;

/// Two cutovers; the older one was of more targets.
const CUT_OVER: &str = "insert into core.deployments (reference, tag, sha, targets, run_id, intent_at, cut_over_at)
    values ('refs/tags/prod-1', 'prod-1', repeat('a', 40), '{api,docs}', 1, now() - interval '9 days', now() - interval '9 days'),
           ('refs/tags/prod-2', 'prod-2', repeat('b', 40), '{api}', 2, now() - interval '1 hour', now() - interval '1 hour')";

/// One worker at work, one that starts, one of another generation.
const WORKERS: &str = "insert into core.workers (worker_id, generation, state, last_heartbeat)
    values ('w-1', 42, 'running', now()), ('w-2', 42, 'starting', now()), ('w-3', 41, 'running', now())";

/// What is left to do, and by whom.
const WORK: &str =
    "insert into core.outbox (generation, status) values (1, 'in_flight'), (1, 'done'), (2, 'pending')";

/// The world of `P`.
pub(crate) struct ReaderWorld<P> {
    clock: Arc<SimClock>,
    database: Database,
    before: String,
    inputs: &'static [(&'static str, &'static str)],
    /// The outputs of a run that ends well.
    wanted: &'static [(&'static str, &'static str)],
    is_shut: bool,
    waits: bool,
    primitive: PhantomData<fn() -> P>,
}

impl ReaderWorld<DeployedBase> {
    pub(crate) fn bases(databases: &Databases) -> Self {
        const BASES: &str =
            "api bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\ndocs aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        Self::start(databases, CUT_OVER, &[], &[("bases", BASES)])
    }
}

impl ReaderWorld<HoldCheck> {
    const INPUTS: &'static [(&'static str, &'static str)] = &[("targets", r#"["api"]"#), ("hold", "24h")];

    /// A hold that ends because nothing older is left to do.
    pub(crate) fn hold(databases: &Databases) -> Self {
        Self::start(databases, CUT_OVER, Self::INPUTS, &[("ends", "2")])
    }

    /// A hold that must not end.
    pub(crate) fn held(databases: &Databases) -> Self {
        let world = Self::start(databases, &format!("{CUT_OVER}; {WORK}"), Self::INPUTS, &[]);
        Self { is_shut: true, ..world }
    }
}

impl ReaderWorld<WorkersHeartbeat> {
    pub(crate) fn heartbeat(databases: &Databases) -> Self {
        // A cell may take its time on a machine that has much to do.
        let inputs = &[("generation", "42"), ("max-age", "1h")];
        let world = Self::start(databases, WORKERS, inputs, &[("running", "1")]);
        Self { waits: true, ..world }
    }
}

impl<P> ReaderWorld<P> {
    fn start(
        databases: &Databases,
        sql: &str,
        inputs: &'static [(&'static str, &'static str)],
        wanted: &'static [(&'static str, &'static str)],
    ) -> Self {
        let database = databases.with(sql);
        let before = database.rows();
        let (is_shut, waits, primitive) = (false, false, PhantomData);
        Self { clock: Arc::default(), database, before, inputs, wanted, is_shut, waits, primitive }
    }
}

impl<P: Primitive> World for ReaderWorld<P> {
    type Primitive = P;

    fn places(&self) -> Vec<Place> {
        Vec::new()
    }

    fn database(&self) -> Option<&Database> {
        Some(&self.database)
    }

    fn clock(&self) -> &Arc<SimClock> {
        &self.clock
    }

    fn secrets(&self) -> &'static [&'static str] {
        &[PASSWORD]
    }

    fn job(&self) -> Invocation {
        let job = Invocation::new(self.clock.clone()).variable("DATABASE_URL", self.database.dsn());
        self.inputs.iter().fold(job, |job, (input, value)| job.with(input, value))
    }

    fn holds(&self, run: &Run) -> Verdict {
        same("the rows", &self.database.rows(), &self.before)?;
        ensure(!(self.is_shut && run.is_good()), || "the gate opened".to_owned())?;
        for (output, value) in self.wanted {
            // Nothing but the truth is told, whether it ends well or not.
            let told = run.output(output);
            ensure(told == *value || told.is_empty() && !run.is_good(), || {
                format!("the output {output}: {told:?}")
            })?;
        }
        Ok(())
    }

    fn is_reached(&self) -> Verdict {
        same("the rows", &self.database.rows(), &self.before)
    }

    fn settled(&self) -> &'static str {
        "success"
    }

    fn refusal(&self) -> Option<&'static str> {
        self.is_shut.then_some("refused")
    }

    fn waits(&self) -> bool {
        self.waits
    }
}

//! Records of what becomes of a generation.

use std::sync::Arc;

use action::SimClock;
use cutover_record::CutoverRecord;
use rehearsal::in_process::Invocation;
use rehearsal::postgres::PASSWORD;

use super::database::{Database, Databases};
use super::place::Place;
use super::run::Run;
use super::verdict::{Verdict, ensure, same};
use super::world::World;

const PREVIOUS: &str = "api.example.com api-blue.onrender.com";

/// A generation whose names are where they were before it, and a younger one that is about to flip.
const ALLOCATED: &str = "insert into core.deployments (reference, sha, targets, run_id, intent_at, previous_cnames)
    values ('refs/tags/prod-1', repeat('a', 40), '{api}', 1, now(), '{\"api.example.com\": \"api-blue.onrender.com\"}'),
           ('refs/tags/prod-2', repeat('b', 40), '{api}', 2, null, null)";

const ANNOUNCED: &str = "insert into core.deployments (reference, sha, targets, run_id, intent_at, previous_cnames)
    values ('refs/tags/prod-1', repeat('a', 40), '{api}', 1, null, null),
           ('refs/tags/prod-2', repeat('b', 40), '{api}', 2, now(), '{\"api.example.com\": \"api-blue.onrender.com\"}')";

const NOTHING_FLIPS: &str = "insert into core.deployments (reference, sha, targets, run_id)
    values ('refs/tags/prod-1', repeat('a', 40), '{api}', 1), ('refs/tags/prod-2', repeat('b', 40), '{}', 2)";

/// The world.
pub(crate) struct RecordWorld {
    clock: Arc<SimClock>,
    database: Database,
    mode: &'static str,
    before: String,
    after: &'static str,
}

impl RecordWorld {
    /// An intent that closes an older one whose names never moved.
    pub(crate) fn intent(databases: &Databases) -> Self {
        let after = "1 refs/tags/prod-1 - aaaaaaa {api} 1 intent rolled-back {\"api.example.com\": \"api-blue.onrender.com\"}; \
            2 refs/tags/prod-2 - bbbbbbb {api} 2 intent {\"api.example.com\": \"api-blue.onrender.com\"}";
        Self::start(databases, ALLOCATED, "intent", after)
    }

    pub(crate) fn cut_over(databases: &Databases) -> Self {
        let after = "1 refs/tags/prod-1 - aaaaaaa {api} 1; \
            2 refs/tags/prod-2 - bbbbbbb {api} 2 intent cut-over {\"api.example.com\": \"api-blue.onrender.com\"}";
        Self::start(databases, ANNOUNCED, "cut-over", after)
    }

    pub(crate) fn rolled_back(databases: &Databases) -> Self {
        let after = "1 refs/tags/prod-1 - aaaaaaa {api} 1; \
            2 refs/tags/prod-2 - bbbbbbb {api} 2 intent rolled-back {\"api.example.com\": \"api-blue.onrender.com\"}";
        Self::start(databases, ANNOUNCED, "rolled-back", after)
    }

    /// A Pages target, by whose publication a generation without a flip is cut over.
    pub(crate) fn publish(databases: &Databases) -> Self {
        let after = "1 refs/tags/prod-1 - aaaaaaa {api} 1; 2 refs/tags/prod-2 - bbbbbbb {docs} 2 cut-over";
        Self::start(databases, NOTHING_FLIPS, "publish", after)
    }

    fn start(databases: &Databases, sql: &str, mode: &'static str, after: &'static str) -> Self {
        let database = databases.with(sql);
        let before = database.rows();
        Self { clock: Arc::default(), database, mode, before, after }
    }
}

impl World for RecordWorld {
    type Primitive = CutoverRecord;

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
        let job = Invocation::new(self.clock.clone())
            .variable("DATABASE_URL", self.database.dsn())
            .with("mode", self.mode)
            .with("generation", "2");
        match self.mode {
            "intent" => job.with("previous", PREVIOUS),
            "publish" => job.with("target", "docs"),
            _ => job,
        }
    }

    fn holds(&self, run: &Run) -> Verdict {
        let rows = self.database.rows();
        ensure([self.before.as_str(), self.after].contains(&rows.as_str()), || {
            format!("half recorded: {rows}\n  before: {}\n  wanted: {}", self.before, self.after)
        })?;
        if !run.is_good() {
            return Ok(());
        }
        same("the rows", rows.as_str(), self.after)?;
        let previous = if self.mode == "publish" { "" } else { PREVIOUS };
        same("the output previous", run.output("previous"), previous)
    }

    fn is_reached(&self) -> Verdict {
        same("the rows", self.database.rows().as_str(), self.after)
    }
}

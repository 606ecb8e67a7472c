//! A run that asks for its generation.

use std::sync::Arc;

use action::SimClock;
use generation_allocate::GenerationAllocate;
use rehearsal::in_process::Invocation;
use rehearsal::postgres::PASSWORD;

use super::database::{Database, Databases};
use super::place::Place;
use super::run::Run;
use super::verdict::{Verdict, ensure, same};
use super::world::World;

/// What was deployed before: it must stay as it is.
const BEFORE: &str =
    "insert into core.deployments (reference, tag, sha, targets, run_id, intent_at, cut_over_at)
    values ('refs/tags/prod-6', 'prod-6', repeat('a', 40), '{api}', 76, now(), now())";

/// The world.
pub(crate) struct GenerationWorld {
    clock: Arc<SimClock>,
    database: Database,
    before: String,
}

impl GenerationWorld {
    pub(crate) fn new(databases: &Databases) -> Self {
        let database = databases.with(BEFORE);
        let before = database.rows();
        Self { clock: Arc::default(), database, before }
    }

    /// The rows that there are now; the new one whole or not at all, whatever its number.
    fn new_rows(&self) -> Vec<String> {
        let rows = self.database.rows();
        let rest = rows.strip_prefix(&self.before).unwrap_or("the row of before was changed").to_owned();
        rest.split("; ").filter(|row| !row.is_empty()).map(str::to_owned).collect()
    }
}

impl World for GenerationWorld {
    type Primitive = GenerationAllocate;

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
        Invocation::new(self.clock.clone())
            .variable("DATABASE_URL", self.database.dsn())
            .variable("GITHUB_RUN_ID", "77")
            .with("reference", "refs/tags/prod-7")
            .with("sha", "b".repeat(40))
            .with("targets", r#"["api","workers"]"#)
    }

    fn holds(&self, run: &Run) -> Verdict {
        let rows = self.new_rows();
        ensure(rows.len() < 2, || format!("{} rows for one run: {rows:?}", rows.len()))?;
        let row = rows.first().map(|row| row.split_once(' ').unwrap_or_default());
        if let Some((_, rest)) = row {
            same("the row", rest, "refs/tags/prod-7 prod-7 bbbbbbb {api,workers} 77")?;
        }
        if run.is_good() {
            same("the output generation", Some(run.output("generation")), row.map(|(number, _)| number))?;
        }
        Ok(())
    }

    fn is_reached(&self) -> Verdict {
        same("rows", self.new_rows().len(), 1)
    }
}

//! Two migrations of staging that production is to have.

use std::sync::Arc;

use action::SimClock;
use rehearsal::in_process::Invocation;
use rehearsal::postgres;
use rehearsal::twins::supabase::Change;
use schema_merge::SchemaMerge;

use super::database::{Database, Databases};
use super::place::{Kind, Place};
use super::run::Run;
use super::schema::{A, B, C, Estate, code};
use super::secrets::SUPABASE_TOKEN;
use super::statements::Statement;
use super::verdict::{Verdict, ensure, same};
use super::world::World;

/// The merges that are written down: how many, how many of them did not end, how many added all.
const MERGES: &str = "select concat_ws(' ', count(*), count(*) filter (where ended_at is null),
    count(*) filter (where ended_at is not null and applied = pending)) from core.schema_merges";

/// The world.
pub(crate) struct MergeWorld {
    estate: Estate,
    staging: String,
    /// Lent as long as the world stands.
    _of_staging: Database,
}

impl MergeWorld {
    pub(crate) fn new(databases: &Databases) -> Self {
        let estate = Estate::new(databases);
        let of_staging = databases.with("");
        let server = of_staging.postgres();
        let staging = estate.twin.adopt_persistent_branch(&estate.production, "staging", server).unwrap();
        for (stem, sql) in [B, C] {
            estate.twin.migrate(&staging, stem, &[sql]).unwrap();
        }
        Self { estate, staging, _of_staging: of_staging }
    }

    fn merges(&self) -> usize {
        let began = |change: &Change| matches!(change, Change::MergeStarted { .. });
        self.estate.twin.effects().iter().filter(|effect| began(&effect.change)).count()
    }

    /// Rows of the ledger: all, open ones, and those that added what was expected.
    fn rows(&self) -> [usize; 3] {
        let told = self.estate.database.postgres().value(MERGES).unwrap();
        let numbers: Vec<usize> = told.split(' ').map(|number| number.parse().unwrap()).collect();
        numbers.try_into().unwrap()
    }
}

impl World for MergeWorld {
    type Primitive = SchemaMerge;

    fn places(&self) -> Vec<Place> {
        vec![Place::api(Kind::Supabase, &self.estate.server)]
    }

    fn database(&self) -> Option<&Database> {
        Some(&self.estate.database)
    }

    fn clock(&self) -> &Arc<SimClock> {
        &self.estate.clock
    }

    fn secrets(&self) -> &'static [&'static str] {
        &[SUPABASE_TOKEN, postgres::PASSWORD]
    }

    fn job(&self) -> Invocation {
        Invocation::new(self.estate.clock.clone())
            .directory(code().0.path())
            .with("project-ref", &self.estate.production)
            .with("branch-ref", &self.staging)
            .with("commit", &code().1)
            // By the database's clock, which nobody can move on; here every merge shows at once.
            .with("shows-within", "1ms")
            .variable("PATH", std::env::var("PATH").unwrap())
            .variable("GITHUB_RUN_ID", "77")
            .variable("SUPABASE_API_URL", self.estate.server.base_url())
            .variable("SUPABASE_ACCESS_TOKEN", SUPABASE_TOKEN)
            .variable("DATABASE_URL", self.estate.database.dsn())
    }

    fn holds(&self, run: &Run) -> Verdict {
        let (merges, [rows, open, _], applied) = (self.merges(), self.rows(), self.estate.applied());
        ensure(merges <= 1, || format!("{merges} merges"))?;
        ensure(merges <= rows, || format!("{merges} merges, and {rows} rows tell of them"))?;
        ensure(open <= 1, || format!("{open} rows are open"))?;
        let asked = run.writes.iter().filter(|entry| entry.method == "POST").count();
        ensure(asked <= 1, || format!("{asked} merges were asked for"))?;
        let is_whole = applied == [A.0, B.0, C.0];
        ensure(!run.is_good() || (is_whole && open == 0), || {
            format!("{}, and production has {applied:?}, and {open} rows are open", run.word())
        })
    }

    fn is_reached(&self) -> Verdict {
        same("what production has", self.estate.applied(), [A.0, B.0, C.0].map(str::to_owned).to_vec())?;
        let [_, open, whole] = self.rows();
        same("merges, open rows, rows that added all", (self.merges(), open, whole), (1, 0, 1))
    }

    /// What is looked at is looked at again; what is written down is written at once.
    fn waits_at(&self, statement: &Statement) -> bool {
        statement.only_reads
    }
}

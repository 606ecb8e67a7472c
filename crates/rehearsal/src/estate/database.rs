//! One environment's database: the ledger, and the workers that work beside it.

use anyhow::{Context as _, Result};

use crate::origins::Workers;
use crate::postgres::Postgres;
use crate::twins::render::Render;

/// A real PostgreSQL with a ledger, and the workers that use it.
#[derive(Debug)]
pub struct Database {
    /// The workers; they stop before their database does.
    pub workers: Workers,
    /// The server.
    pub postgres: Postgres,
}

/// A row of `core.deployments`, as a person reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its generation.
    pub generation: u64,
    /// Its tag, empty without one.
    pub tag: String,
    /// Its commit.
    pub sha: String,
    /// Its targets.
    pub targets: Vec<String>,
    /// `rolled back`, `cut over`, `open` (an intent without an end) or `allocated`.
    pub state: String,
}

impl Database {
    /// Starts a server with an empty ledger, and the workers of these services.
    pub(super) fn start(
        render: &Render,
        workers: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Self> {
        let postgres = Postgres::with_ledger().context("start a PostgreSQL")?;
        let workers = Workers::start(render.clone(), &postgres.dsn(), workers)?;
        Ok(Self { workers, postgres })
    }

    /// The value of `DATABASE_URL`.
    #[must_use]
    pub fn dsn(&self) -> String {
        self.postgres.dsn()
    }

    /// Everything has run this commit for two days: one row, cut over and synced, so
    /// that no hold lasts any more.
    pub(super) fn begin_with(&self, generation: u64, commit: &str, targets: &[&str]) -> Result<()> {
        let targets = targets.join(",");
        self.postgres.execute(&format!(
            "insert into core.deployments (generation, reference, tag, sha, targets, run_id, created_at, intent_at, \
             cut_over_at, synced_at) overriding system value values ({generation}, 'refs/tags/prod-1', 'prod-1', \
             '{commit}', '{{{targets}}}', 1, now() - interval '48 hours', now() - interval '48 hours', \
             now() - interval '48 hours', now() - interval '24 hours'); \
             select setval(pg_get_serial_sequence('core.deployments', 'generation'), {generation})"
        ))
    }

    /// The ledger, newest row first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn rows(&self) -> Result<Vec<Row>> {
        let rows = self.postgres.query(
            "select generation, coalesce(tag, ''), sha, array_to_string(targets, ','), \
             case when rolled_back_at is not null then 'rolled back' when cut_over_at is not null then 'cut over' \
             when intent_at is not null then 'open' else 'allocated' end \
             from core.deployments order by generation desc",
        )?;
        rows.into_iter().map(row).collect()
    }
}

fn row(values: Vec<Option<String>>) -> Result<Row> {
    let mut values = values.into_iter().map(Option::unwrap_or_default);
    let mut next = || values.next().context("a row of the ledger is too short");
    Ok(Row {
        generation: next()?.parse().context("read a generation")?,
        tag: next()?,
        sha: next()?,
        targets: next()?.split(',').filter(|target| !target.is_empty()).map(str::to_owned).collect(),
        state: next()?,
    })
}

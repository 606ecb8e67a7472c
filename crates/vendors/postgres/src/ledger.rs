//! The deployment ledger: which generation is what, which one serves, which flip
//! is unfinished (ADR-053 D7 and D9, runbook steps 5, 9 and 11).
//!
//! Times are the database's clock, never ours. Columns are read by name and cast,
//! so tables with more columns, or with an enumeration for a word, work.
//!
//! Every change runs under one advisory lock and looks before it changes, so that
//! two callers, or one that comes again, end up with one row.

mod deployment;
mod drain;
mod flip;
mod generation;
mod hold;
mod newer;
mod outbox;
mod refusal;
mod rollback;
mod schema;
mod schema_merge;
mod stranded;
mod sync;
mod workers;

use action::{Context, Permit, Secret};
use tokio_postgres::Transaction;

use crate::database::Database;
use crate::error::Error;

pub use deployment::Deployment;
pub use flip::Recorded;
pub use generation::{Allocated, AllocationRefusal, NewDeployment, OtherDeployment};
pub use hold::Hold;
pub use outbox::Outbox;
pub use refusal::{FlipRefusal, LedgerError};
pub use rollback::Surroundings;
pub use schema::SCHEMA;
pub use schema_merge::{Begun, MergeEnd, NewSchemaMerge, SchemaMerge};
pub use stranded::Stranded;
pub use workers::Worker;

/// The variable that holds the database's address.
pub const DATABASE_URL: &str = "DATABASE_URL";

/// The secret that every primitive of the ledger declares.
pub const SECRET: Secret = Secret {
    variable: DATABASE_URL,
    input: "database-url",
    help: "Address of the ledger's database, `postgresql://USER:PASSWORD@HOST:5432/DATABASE`; for Supabase the session pooler's",
    required: true,
};

/// The ledger in one database.
#[derive(Debug)]
pub struct Ledger {
    database: Database,
}

impl Ledger {
    /// The ledger of `DATABASE_URL`; nothing is sent yet.
    ///
    /// # Errors
    /// `invalid`: the variable is not set, or cannot be used.
    pub fn open(context: &Context) -> Result<Self, action::Failure> {
        let address = context.secret(DATABASE_URL)?;
        Ok(Self { database: Database::new(context, &address)? })
    }

    /// The same without a second attempt to connect: inside a wait, the wait is the
    /// retry.
    #[must_use]
    pub fn once(self) -> Self {
        Self { database: self.database.once() }
    }

    async fn read<T>(
        &self,
        work: impl AsyncFn(&Transaction<'_>) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Error> {
        let read = self.database.read(work).await;
        self.explain(read).await
    }

    /// Runs `work` while nobody else changes the ledger.
    async fn write<T>(
        &self,
        permit: &Permit,
        work: impl AsyncFn(&Transaction<'_>) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Error> {
        let written = self.database.write(permit, async |transaction: &Transaction<'_>| {
            // Statements after this one see what the lock's last holder committed.
            transaction
                .execute("select pg_advisory_xact_lock(hashtextextended('core.deployments', 0))", &[])
                .await?;
            work(transaction).await
        });
        let written = written.await;
        self.explain(written).await
    }

    /// Finds out what is missing when something is: the server names only the first.
    async fn explain<T>(&self, outcome: Result<T, Error>) -> Result<T, Error> {
        let Err(Error::Undefined(text)) = outcome else { return outcome };
        let present = self.database.read(schema::present).await;
        match present.map(|present| schema::missing(&present)) {
            Ok(missing) if !missing.is_empty() => Err(Error::Missing(missing)),
            _ => Err(Error::Undefined(text)),
        }
    }
}

/// A generation or a run's id as PostgreSQL has it; none above its range exists.
fn bigint(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The way back.
fn number(row: &tokio_postgres::Row, column: &str) -> Result<u64, tokio_postgres::Error> {
    Ok(u64::try_from(row.try_get::<_, i64>(column)?).unwrap_or_default())
}

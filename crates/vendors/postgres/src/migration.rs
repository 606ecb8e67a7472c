//! One session in which migrations are applied, and the table that records them:
//! `supabase_migrations.schema_migrations` (Supabase CLI, migration history).
//!
//! The ledger's connection serves short transactions that may be done again. This one
//! serves what may run for minutes, holds a lock over several transactions, runs some
//! statements in none, and is never repeated by itself.

use std::time::Duration;

use action::Permit;
use tokio::time::timeout;
use tokio_postgres::types::ToSql;

use crate::database::{Database, Session};
use crate::error::Error;

/// The lock that keeps two of us apart. Others that migrate do not take it.
const LOCK: &str = "select pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended('supabase_migrations.schema_migrations', 0))";

/// How much longer than the server we wait for the end of a statement.
const GRACE: Duration = Duration::from_secs(30);

/// How long migrations may wait and work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a statement waits for a lock on a table: whoever queues behind it waits
    /// too, visitors among them.
    pub lock_timeout: Duration,
    /// How long one statement may take.
    pub statement_timeout: Duration,
}

impl Default for Limits {
    /// 4 seconds for a lock, as Supabase's CLI has it; 15 minutes for a statement.
    fn default() -> Self {
        Self { lock_timeout: Duration::from_secs(4), statement_timeout: Duration::from_secs(15 * 60) }
    }
}

/// A row of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationRow {
    /// The digits of the file's name.
    pub version: String,
    /// The rest of it; absent in rows of old tools.
    pub name: Option<String>,
    /// What was run; absent when nobody recorded it.
    pub statements: Option<Vec<String>>,
}

/// What the server says against a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The SQLSTATE, such as `42P07`.
    pub code: String,
    /// The server's words.
    pub message: String,
    /// More of its words.
    pub detail: Option<String>,
    /// Its advice.
    pub hint: Option<String>,
    /// Where in the statement, in characters from 1.
    pub position: Option<u32>,
}

impl Refusal {
    /// Whether a lock was not to be had in time (SQLSTATE 55P03), so that the same may
    /// succeed a little later.
    #[must_use]
    pub fn is_lock_timeout(&self) -> bool {
        self.code == "55P03"
    }
}

/// How far a migration came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Its transaction was to begin.
    Begin,
    /// This statement, from 0.
    Statement(usize),
    /// Its row.
    Row,
    /// Its transaction was to be committed; when that fails the outcome is unknown.
    Commit,
}

/// Why a migration was not applied.
#[derive(Clone, Debug, PartialEq)]
pub struct MigrationFailure {
    /// How far it came.
    pub stage: Stage,
    /// What the server said, if it was the server.
    pub refusal: Option<Refusal>,
    /// The same as every other error of the database.
    pub error: Error,
}

/// A session of its own, which ends when this is dropped; so does its lock.
pub struct MigrationSession {
    session: Session,
    settings: String,
    patience: Duration,
}

impl std::fmt::Debug for MigrationSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MigrationSession").finish_non_exhaustive()
    }
}

impl Database {
    /// Opens a session for migrations; one attempt. Names without a schema mean what
    /// they mean to the role, mostly `public`.
    ///
    /// # Errors
    /// Any [`Error`] of connecting.
    pub async fn migrate(&self, limits: &Limits, _permit: &Permit) -> Result<MigrationSession, Error> {
        let millis = |duration: Duration| duration.as_millis().max(1);
        let settings = format!(
            "reset session authorization; reset role; reset all; set lock_timeout = {}; set statement_timeout = {}; \
             set idle_in_transaction_session_timeout = '60s'; set client_min_messages = warning",
            millis(limits.lock_timeout),
            millis(limits.statement_timeout)
        );
        let session = self.open(&settings).await?;
        Ok(MigrationSession { session, settings, patience: limits.statement_timeout + GRACE })
    }

    /// What the database has applied, by version; none when there is no such table.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn migrations(&self) -> Result<Vec<MigrationRow>, Error> {
        let rows = self
            .read(async |transaction| {
                let present = transaction.query_one(PRESENT, &[]).await?.try_get::<_, bool>(0)?;
                if present { transaction.query(ROWS, &[]).await } else { Ok(Vec::new()) }
            })
            .await?;
        rows.iter().map(row).collect()
    }
}

const PRESENT: &str =
    "select pg_catalog.to_regclass('supabase_migrations.schema_migrations') is not null as present";

/// Through JSON, because the oldest tables have `version` alone and the newest have more
/// columns than these.
const ROWS: &str = "select m.version::text as version, pg_catalog.to_jsonb(m) ->> 'name' as name, \
    (pg_catalog.to_jsonb(m) -> 'statements')::text as statements \
    from supabase_migrations.schema_migrations m order by m.version";

const CREATE: [&str; 4] = [
    "create schema if not exists supabase_migrations",
    "create table if not exists supabase_migrations.schema_migrations (version text not null primary key)",
    "alter table supabase_migrations.schema_migrations add column if not exists statements text[]",
    "alter table supabase_migrations.schema_migrations add column if not exists name text",
];

const RECORD: &str =
    "insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, $3)";

impl MigrationSession {
    /// Takes the lock if nobody has it; it is kept until the session ends. There is no
    /// waiting for it: a waiting statement keeps a snapshot, and `CREATE INDEX
    /// CONCURRENTLY` waits for all of those, so two of us would wait for each other.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn try_lock(&self) -> Result<bool, Error> {
        let row = self.bounded(self.session.client.query_one(LOCK, &[])).await?;
        row.try_get(0).map_err(|error| self.session.told(&error))
    }

    /// Makes the history's table, or what an old one lacks.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn create_history(&self) -> Result<(), Error> {
        let row = self.bounded(self.session.client.query_one(COMPLETE, &[])).await?;
        if row.try_get::<_, bool>(0).map_err(|error| self.session.told(&error))? {
            return Ok(());
        }
        self.bounded(self.session.client.batch_execute(&CREATE.join("; "))).await
    }

    /// What is applied, by version. The table must be there.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn history(&self) -> Result<Vec<MigrationRow>, Error> {
        self.bounded(self.session.client.query(ROWS, &[])).await?.iter().map(row).collect()
    }

    /// Runs statements and records them, all in one transaction: after an error nothing
    /// of them is applied, unless the error is that of the commit.
    ///
    /// # Errors
    /// How far it came, and why no farther.
    pub async fn apply(&self, row: &MigrationRow) -> Result<(), MigrationFailure> {
        self.reset(Stage::Begin).await?;
        self.simple("begin", Stage::Begin).await?;
        let done = self.statements(row).await;
        if let Err(failure) = done {
            // A server that says nothing is not asked again: it rolls back by itself when the session ends.
            if failure.refusal.is_some() {
                let _ = self.simple("rollback", Stage::Begin).await;
            }
            return Err(failure);
        }
        self.simple("commit", Stage::Commit).await
    }

    async fn statements(&self, row: &MigrationRow) -> Result<(), MigrationFailure> {
        for (index, statement) in row.statements.iter().flatten().enumerate() {
            self.simple(statement, Stage::Statement(index)).await?;
        }
        self.record(row).await
    }

    /// Runs statements one by one, each in no transaction of ours, and records them
    /// after the last: after an error those before it are applied and no row tells.
    ///
    /// # Errors
    /// How far it came, and why no farther.
    pub async fn apply_apart(&self, row: &MigrationRow) -> Result<(), MigrationFailure> {
        self.reset(Stage::Begin).await?;
        self.statements(row).await
    }

    async fn record(&self, row: &MigrationRow) -> Result<(), MigrationFailure> {
        let name = row.name.as_deref();
        let values: [&(dyn ToSql + Sync); 3] = [&row.version, &name, &row.statements];
        self.outcome(self.session.client.execute(RECORD, &values), Stage::Row).await.map(drop)
    }

    /// What one file sets must not reach the next.
    async fn reset(&self, stage: Stage) -> Result<(), MigrationFailure> {
        self.simple(&self.settings, stage).await
    }

    async fn simple(&self, sql: &str, stage: Stage) -> Result<(), MigrationFailure> {
        self.outcome(self.session.client.batch_execute(sql), stage).await
    }

    async fn outcome<T>(
        &self,
        work: impl Future<Output = Result<T, tokio_postgres::Error>>,
        stage: Stage,
    ) -> Result<T, MigrationFailure> {
        match timeout(self.patience, work).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => {
                Err(MigrationFailure { stage, refusal: refusal(&error), error: self.session.told(&error) })
            }
            Err(_) => Err(MigrationFailure { stage, refusal: None, error: self.silence() }),
        }
    }

    async fn bounded<T>(
        &self,
        work: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Error> {
        match timeout(self.patience, work).await {
            Ok(done) => done.map_err(|error| self.session.told(&error)),
            Err(_) => Err(self.silence()),
        }
    }

    fn silence(&self) -> Error {
        let cause = format!("no answer within {}s", self.patience.as_secs());
        Error::Lost { cause, perhaps_applied: false }
    }
}

/// Whether the table has every column that a row needs, so that nothing has to be locked.
const COMPLETE: &str = "select count(*) = 3 from pg_catalog.pg_attribute \
    where attrelid = pg_catalog.to_regclass('supabase_migrations.schema_migrations') \
    and attname in ('version', 'name', 'statements') and not attisdropped";

fn refusal(error: &tokio_postgres::Error) -> Option<Refusal> {
    let error = error.as_db_error()?;
    let position = match error.position() {
        Some(tokio_postgres::error::ErrorPosition::Original(position)) => Some(*position),
        _ => None,
    };
    Some(Refusal {
        code: error.code().code().to_owned(),
        message: error.message().to_owned(),
        detail: error.detail().map(str::to_owned),
        hint: error.hint().map(str::to_owned),
        position,
    })
}

fn row(row: &tokio_postgres::Row) -> Result<MigrationRow, Error> {
    let unreadable = |error: tokio_postgres::Error| Error::Unreadable(error.to_string());
    let statements: Option<String> = row.try_get("statements").map_err(unreadable)?;
    let statements =
        match statements.as_deref() {
            None | Some("null") => None,
            Some(json) => Some(serde_json::from_str(json).map_err(|_| {
                Error::Unreadable("schema_migrations.statements is no array of text".to_owned())
            })?),
        };
    Ok(MigrationRow {
        version: row.try_get("version").map_err(unreadable)?,
        name: row.try_get("name").map_err(unreadable)?,
        statements,
    })
}

//! What became of each merge of a branch's schema into production's (deployment
//! runbook, step 4 and its recovery).
//!
//! A merge goes on after its answer, and may apply some migrations and not others. So
//! it is written down before it is asked for; a row that began and did not end tells
//! the next run that it may have been asked for, and what it was expected to add.

use std::cell::Cell;
use std::time::{Duration, SystemTime};

use action::Permit;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Transaction};

use super::{Ledger, Recorded, bigint, number};
use crate::error::Error;

/// A merge that is about to be asked for. Migrations are named by their versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSchemaMerge {
    /// The workflow run that asks.
    pub run_id: u64,
    /// The commit whose files it is to apply.
    pub sha: String,
    /// What production has before it.
    pub before: Vec<String>,
    /// What it is expected to add, and nothing else.
    pub pending: Vec<String>,
}

/// One merge. Times are the database's; migrations are named by their versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaMerge {
    /// Its number.
    pub id: u64,
    /// The workflow run that asked for it.
    pub run_id: u64,
    /// The commit whose files it was to apply.
    pub sha: String,
    /// What production had before it.
    pub before: Vec<String>,
    /// What it was expected to add.
    pub pending: Vec<String>,
    /// When it was about to be asked for.
    pub began_at: SystemTime,
    /// How long ago that was.
    pub since_began: Duration,
    /// When it was known what became of it, and no question was left.
    pub ended_at: Option<SystemTime>,
    /// What it added, as far as that is known.
    pub applied: Option<Vec<String>>,
    /// When a person said that what it added is known and may stay.
    pub acknowledged_at: Option<SystemTime>,
}

/// Whether a merge may be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Written down; ask for it.
    New(SchemaMerge),
    /// This one is not ended: ask for none.
    Open(SchemaMerge),
}

/// How a merge ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeEnd {
    /// By itself: it added all, or nothing.
    Clear,
    /// It added some, and a person has acknowledged which.
    Acknowledged,
}

const COLUMNS: &str = "m.id::int8 as id, m.run_id::int8 as run_id, m.sha::text as sha, m.before::text[] as before, \
    m.pending::text[] as pending, m.began_at::timestamptz as began_at, m.ended_at::timestamptz as ended_at, \
    m.applied::text[] as applied, m.acknowledged_at::timestamptz as acknowledged_at, \
    extract(epoch from clock_timestamp() - m.began_at)::float8 as since_began";

impl SchemaMerge {
    fn of(row: &Row) -> Result<Self, tokio_postgres::Error> {
        let since: f64 = row.try_get("since_began")?;
        Ok(Self {
            id: number(row, "id")?,
            run_id: number(row, "run_id")?,
            sha: row.try_get("sha")?,
            before: row.try_get("before")?,
            pending: row.try_get("pending")?,
            began_at: row.try_get("began_at")?,
            since_began: Duration::try_from_secs_f64(since).unwrap_or_default(),
            ended_at: row.try_get("ended_at")?,
            applied: row.try_get("applied")?,
            acknowledged_at: row.try_get("acknowledged_at")?,
        })
    }

    fn is_of(&self, new: &NewSchemaMerge) -> bool {
        (self.run_id, &self.sha, &self.before, &self.pending)
            == (new.run_id, &new.sha, &new.before, &new.pending)
    }
}

impl Ledger {
    /// The merge that is not ended. There is at most one, unless somebody wrote by
    /// hand; then the newest.
    ///
    /// # Errors
    /// The database's.
    pub async fn open_schema_merge(&self) -> Result<Option<SchemaMerge>, Error> {
        self.read(async |transaction: &Transaction<'_>| open(transaction).await).await
    }

    /// Writes a merge down before it is asked for; of several callers at once one may
    /// go on.
    ///
    /// # Errors
    /// The database's; then ask for nothing: the next run finds the row, if there is one.
    pub async fn begin_schema_merge(&self, permit: &Permit, new: &NewSchemaMerge) -> Result<Begun, Error> {
        // Done again after a lost answer, it finds its own row.
        let again = Cell::new(false);
        self.write(permit, async |transaction: &Transaction<'_>| {
            if let Some(found) = open(transaction).await? {
                let own = again.get() && found.is_of(new);
                return Ok(if own { Begun::New(found) } else { Begun::Open(found) });
            }
            again.set(true);
            let sql = format!(
                "insert into core.schema_merges as m (run_id, sha, before, pending)
                 values ($1::int8, $2::text, $3::text[], $4::text[]) returning {COLUMNS}"
            );
            let values: [&(dyn ToSql + Sync); 4] = [&bigint(new.run_id), &new.sha, &new.before, &new.pending];
            Ok(Begun::New(SchemaMerge::of(&transaction.query_one(&sql, &values).await?)?))
        })
        .await
    }

    /// Writes down what a merge has added that is not ended, so that it shows in the
    /// table.
    ///
    /// # Errors
    /// The database's.
    pub async fn note_schema_merge(
        &self,
        permit: &Permit,
        id: u64,
        applied: &[String],
    ) -> Result<Recorded, Error> {
        let sql = "update core.schema_merges set applied = $2::text[]
            where id = $1::int8 and ended_at is null and applied is distinct from $2::text[]";
        self.change_schema_merge(permit, sql, id, applied).await
    }

    /// Ends a merge that added this.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_schema_merge(
        &self,
        permit: &Permit,
        id: u64,
        applied: &[String],
        end: MergeEnd,
    ) -> Result<Recorded, Error> {
        let sql = match end {
            MergeEnd::Clear => {
                "update core.schema_merges set ended_at = now(), applied = $2::text[]
                where id = $1::int8 and ended_at is null"
            }
            MergeEnd::Acknowledged => {
                "update core.schema_merges set ended_at = now(), acknowledged_at = now(), applied = $2::text[]
                where id = $1::int8 and ended_at is null"
            }
        };
        self.change_schema_merge(permit, sql, id, applied).await
    }

    async fn change_schema_merge(
        &self,
        permit: &Permit,
        sql: &str,
        id: u64,
        applied: &[String],
    ) -> Result<Recorded, Error> {
        let id = bigint(id);
        self.write(permit, async |transaction: &Transaction<'_>| {
            let changed = transaction.execute(sql, &[&id, &applied]).await?;
            Ok(if changed == 0 { Recorded::Already } else { Recorded::New })
        })
        .await
    }
}

async fn open(transaction: &Transaction<'_>) -> Result<Option<SchemaMerge>, tokio_postgres::Error> {
    let sql = format!(
        "select {COLUMNS} from core.schema_merges m where m.ended_at is null order by m.id desc limit 1"
    );
    transaction.query_opt(&sql, &[]).await?.as_ref().map(SchemaMerge::of).transpose()
}

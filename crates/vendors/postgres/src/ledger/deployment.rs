//! One row of `core.deployments`, and the questions about rows.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tokio_postgres::{Row, Transaction};

use super::{Ledger, bigint, number};
use crate::error::Error;

/// One deployment. Times are the database's.
#[derive(Clone, Debug, PartialEq)]
pub struct Deployment {
    /// The number that its services carry.
    pub generation: u64,
    /// What was deployed, as a Git reference such as `refs/tags/prod-7`.
    pub reference: String,
    /// The tag, when it was one.
    pub tag: Option<String>,
    /// The commit.
    pub sha: String,
    /// The targets that it covers.
    pub targets: Vec<String>,
    /// The workflow run that asked for it.
    pub run_id: u64,
    /// When the number was handed out.
    pub created_at: SystemTime,
    /// When a flip of its names was announced.
    pub intent_at: Option<SystemTime>,
    /// When it served, verified.
    pub cut_over_at: Option<SystemTime>,
    /// When the standby was made the same, after the hold.
    pub synced_at: Option<SystemTime>,
    /// When its names were put back.
    pub rolled_back_at: Option<SystemTime>,
    /// Where its names pointed before its flip, as they were recorded with the intent.
    pub previous_cnames: Option<Value>,
    /// How long ago a flip of its names was announced, by the database's clock.
    pub since_intent: Option<Duration>,
    /// How long ago it was cut over, by the database's clock.
    pub since_cut_over: Option<Duration>,
}

impl Deployment {
    /// Whether it is an unfinished flip: announced, neither finished nor undone.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.intent_at.is_some() && self.cut_over_at.is_none() && self.rolled_back_at.is_none()
    }

    /// Whether it was cut over and still holds.
    #[must_use]
    pub const fn serves(&self) -> bool {
        self.cut_over_at.is_some() && self.rolled_back_at.is_none()
    }

    pub(super) fn of(row: &Row) -> Result<Self, tokio_postgres::Error> {
        let previous: Option<String> = row.try_get("previous_cnames")?;
        Ok(Self {
            generation: number(row, "generation")?,
            reference: row.try_get("reference")?,
            tag: row.try_get("tag")?,
            sha: row.try_get("sha")?,
            targets: row.try_get("targets")?,
            run_id: number(row, "run_id")?,
            created_at: row.try_get("created_at")?,
            intent_at: row.try_get("intent_at")?,
            cut_over_at: row.try_get("cut_over_at")?,
            synced_at: row.try_get("synced_at")?,
            rolled_back_at: row.try_get("rolled_back_at")?,
            // jsonb is valid JSON by construction.
            previous_cnames: previous.and_then(|text| serde_json::from_str(&text).ok()),
            since_intent: since(row, "since_intent")?,
            since_cut_over: since(row, "since_cut_over")?,
        })
    }
}

/// A time that has passed, in seconds; one that has not come yet counts as none.
fn since(row: &Row, column: &str) -> Result<Option<Duration>, tokio_postgres::Error> {
    let seconds: Option<f64> = row.try_get(column)?;
    Ok(seconds.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or_default()))
}

/// The columns of [`Deployment`], of the table under the name `d`.
pub(super) const COLUMNS: &str = "d.generation::int8 as generation, d.reference::text as reference, d.tag::text as tag, \
    d.sha::text as sha, d.targets::text[] as targets, d.run_id::int8 as run_id, d.created_at::timestamptz as created_at, \
    d.intent_at::timestamptz as intent_at, d.cut_over_at::timestamptz as cut_over_at, \
    d.synced_at::timestamptz as synced_at, d.rolled_back_at::timestamptz as rolled_back_at, \
    d.previous_cnames::text as previous_cnames, extract(epoch from now() - d.intent_at)::float8 as since_intent, \
    extract(epoch from now() - d.cut_over_at)::float8 as since_cut_over";

/// The newest row of those that `condition` is true of.
pub(super) async fn newest(
    transaction: &Transaction<'_>,
    condition: &str,
    parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)],
) -> Result<Option<Deployment>, tokio_postgres::Error> {
    let sql = format!(
        "select {COLUMNS} from core.deployments d where {condition} order by d.generation desc limit 1"
    );
    transaction.query_opt(&sql, parameters).await?.as_ref().map(Deployment::of).transpose()
}

impl Ledger {
    /// The row of one generation.
    ///
    /// # Errors
    /// The database's.
    pub async fn deployment(&self, generation: u64) -> Result<Option<Deployment>, Error> {
        let generation = bigint(generation);
        self.read(async |transaction: &Transaction<'_>| {
            newest(transaction, "d.generation = $1::int8", &[&generation]).await
        })
        .await
    }

    /// The newest row that was cut over and not rolled back: what serves.
    ///
    /// # Errors
    /// The database's.
    pub async fn newest_cut_over(&self) -> Result<Option<Deployment>, Error> {
        self.read(async |transaction: &Transaction<'_>| {
            newest(transaction, "d.cut_over_at is not null and d.rolled_back_at is null", &[]).await
        })
        .await
    }

    /// The row that is an unfinished flip. There is at most one, unless somebody
    /// wrote by hand; then the newest.
    ///
    /// # Errors
    /// The database's.
    pub async fn open_deployment(&self) -> Result<Option<Deployment>, Error> {
        self.read(async |transaction: &Transaction<'_>| newest(transaction, OPEN, &[]).await).await
    }

    /// The commit that each target runs: of the newest row that covers it, was cut
    /// over and was not rolled back. A target that never was is absent.
    ///
    /// # Errors
    /// The database's.
    pub async fn deployed_bases(&self) -> Result<BTreeMap<String, String>, Error> {
        let sql = "select distinct on (t.target) t.target, d.sha::text as sha
            from core.deployments d cross join unnest(d.targets::text[]) as t (target)
            where d.cut_over_at is not null and d.rolled_back_at is null
            order by t.target, d.generation desc";
        self.read(async |transaction: &Transaction<'_>| {
            let rows = transaction.query(sql, &[]).await?;
            rows.iter().map(|row| Ok((row.try_get("target")?, row.try_get("sha")?))).collect()
        })
        .await
    }
}

/// What an unfinished flip is.
pub(super) const OPEN: &str =
    "d.intent_at is not null and d.cut_over_at is null and d.rolled_back_at is null";

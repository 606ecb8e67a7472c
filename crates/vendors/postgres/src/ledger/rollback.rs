//! One generation and what lies around it: what a way back depends on (ADR-053 D14).

use std::collections::BTreeMap;

use tokio_postgres::Transaction;

use super::deployment::{COLUMNS, Deployment, OPEN, newest};
use super::newer::{HOLDS, newer_flip};
use super::outbox::{Outbox, left_behind};
use super::{Ledger, bigint, number};
use crate::error::Error;

/// What the ledger tells of a generation, all of it at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Surroundings {
    /// Its own row.
    pub row: Deployment,
    /// The newest generation beyond it that took its place: cut over and not rolled back, and of the same names or,
    /// where it moved none, of one of its targets.
    pub newer: Option<Deployment>,
    /// The newest flip beyond it of the same names that is open; none where it moved none.
    pub open: Option<Deployment>,
    /// Every generation beyond it, oldest first, whatever became of it.
    pub beyond: Vec<Deployment>,
    /// The newest generation below it that was cut over and not rolled back.
    pub prior: Option<Deployment>,
    /// What each target ran before it: the commit of the newest such generation that
    /// covers the target. One that was never deployed is absent.
    pub bases: BTreeMap<String, String>,
    /// How many rows of its own the outbox holds that are not known to be done.
    pub own_work: u64,
    /// What the generations below have left, see [`Ledger::outbox_below`].
    pub work_below: Outbox,
    /// The tags of all generations.
    pub tags: Vec<String>,
}

/// Cut over and not rolled back, below `$1`.
const BELOW: &str = "d.generation < $1::int8 and d.cut_over_at is not null and d.rolled_back_at is null";
/// Beyond `$1`, of one of the targets `$2`.
const BEYOND: &str = "d.generation > $1::int8 and d.targets::text[] && $2::text[]";

impl Ledger {
    /// The surroundings of `generation`, or of the newest there is. `None` if there is
    /// no such row. `worker_target` is the target whose workers do the work of the outbox.
    ///
    /// # Errors
    /// The database's.
    pub async fn surroundings(
        &self,
        generation: Option<u64>,
        worker_target: &str,
    ) -> Result<Option<Surroundings>, Error> {
        self.read(async |transaction: &Transaction<'_>| {
            let row = match generation {
                Some(generation) => {
                    newest(transaction, "d.generation = $1::int8", &[&bigint(generation)]).await?
                }
                None => newest(transaction, "true", &[]).await?,
            };
            match row {
                Some(row) => around(transaction, row, worker_target).await.map(Some),
                None => Ok(None),
            }
        })
        .await
    }
}

async fn around(
    transaction: &Transaction<'_>,
    row: Deployment,
    worker_target: &str,
) -> Result<Surroundings, tokio_postgres::Error> {
    let generation = bigint(row.generation);
    Ok(Surroundings {
        newer: newer(transaction, &row).await?,
        open: open(transaction, &row).await?,
        beyond: beyond(transaction, generation).await?,
        prior: newest(transaction, BELOW, &[&generation]).await?,
        bases: bases(transaction, generation).await?,
        own_work: own_work(transaction, generation).await?,
        work_below: left_behind(transaction, row.generation, worker_target).await?,
        tags: tags(transaction).await?,
        row,
    })
}

/// What took the place of `row`. Names are told apart by name, and what has none by target.
async fn newer(
    transaction: &Transaction<'_>,
    row: &Deployment,
) -> Result<Option<Deployment>, tokio_postgres::Error> {
    if row.intent_at.is_some() {
        return newer_flip(transaction, row, HOLDS).await;
    }
    let condition = format!("{BEYOND} and {HOLDS}");
    newest(transaction, &condition, &[&bigint(row.generation), &row.targets]).await
}

async fn open(
    transaction: &Transaction<'_>,
    row: &Deployment,
) -> Result<Option<Deployment>, tokio_postgres::Error> {
    if row.intent_at.is_some() { newer_flip(transaction, row, OPEN).await } else { Ok(None) }
}

async fn beyond(
    transaction: &Transaction<'_>,
    generation: i64,
) -> Result<Vec<Deployment>, tokio_postgres::Error> {
    let sql = format!(
        "select {COLUMNS} from core.deployments d where d.generation > $1::int8 order by d.generation"
    );
    transaction.query(&sql, &[&generation]).await?.iter().map(Deployment::of).collect()
}

async fn bases(
    transaction: &Transaction<'_>,
    generation: i64,
) -> Result<BTreeMap<String, String>, tokio_postgres::Error> {
    let sql = format!(
        "select distinct on (t.target) t.target, d.sha::text as sha
         from core.deployments d cross join unnest(d.targets::text[]) as t (target)
         where {BELOW} order by t.target, d.generation desc"
    );
    let rows = transaction.query(&sql, &[&generation]).await?;
    rows.iter().map(|row| Ok((row.try_get("target")?, row.try_get("sha")?))).collect()
}

/// A status that is none of the three words is not known to be done.
async fn own_work(transaction: &Transaction<'_>, generation: i64) -> Result<u64, tokio_postgres::Error> {
    let sql = "select count(*) as own from core.outbox
        where generation = $1::int8 and (status is null or status::text <> 'done')";
    number(&transaction.query_one(sql, &[&generation]).await?, "own")
}

async fn tags(transaction: &Transaction<'_>) -> Result<Vec<String>, tokio_postgres::Error> {
    let sql = "select distinct d.tag::text as tag from core.deployments d where d.tag is not null order by 1";
    transaction.query(sql, &[]).await?.iter().map(|row| row.try_get("tag")).collect()
}

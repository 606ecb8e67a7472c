//! Who works on a generation (runbook step 9).

use std::time::Duration;

use tokio_postgres::Transaction;

use super::{Ledger, bigint};
use crate::error::Error;

/// One worker, as it reports itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// Its id.
    pub id: String,
    /// What it says it does; `running` is the word that counts.
    pub state: Option<String>,
    /// How long ago its last heartbeat was, by the database's clock; nothing when
    /// there was none. One from the future is as far away as one from the past: a
    /// worker whose clock is wrong proves nothing.
    pub age: Option<Duration>,
}

impl Ledger {
    /// The workers of one generation, by id.
    ///
    /// # Errors
    /// The database's.
    pub async fn workers(&self, generation: u64) -> Result<Vec<Worker>, Error> {
        let sql = "select worker_id::text as id, state::text as state,
            abs(extract(epoch from now() - last_heartbeat))::float8 as age
            from core.workers where generation = $1::int8 order by worker_id";
        let generation = bigint(generation);
        self.read(async |transaction: &Transaction<'_>| {
            let rows = transaction.query(sql, &[&generation]).await?;
            rows.iter()
                .map(|row| {
                    let age: Option<f64> = row.try_get("age")?;
                    let age = age.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or_default());
                    Ok(Worker { id: row.try_get("id")?, state: row.try_get("state")?, age })
                })
                .collect()
        })
        .await
    }
}

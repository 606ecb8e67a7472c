//! Whether the standby was made the same, after the hold (ADR-053 D11, runbook step 12).

use action::Permit;
use tokio_postgres::Transaction;

use super::deployment::{Deployment, newest};
use super::flip::Recorded;
use super::refusal::{FlipRefusal, LedgerError};
use super::{Ledger, bigint};
use crate::error::Error;

impl Ledger {
    /// The newest flip of any of `targets` that was announced, whatever became of it.
    ///
    /// # Errors
    /// The database's.
    pub async fn newest_flip(&self, targets: &[String]) -> Result<Option<Deployment>, Error> {
        let condition = "d.intent_at is not null and d.targets::text[] && $1::text[]";
        self.read(async |transaction: &Transaction<'_>| newest(transaction, condition, &[&targets]).await)
            .await
    }

    /// Records that what stands by runs `generation` too. The first time counts.
    ///
    /// # Errors
    /// A [`FlipRefusal`]: it was rolled back, or never cut over.
    pub async fn record_synced(&self, permit: &Permit, generation: u64) -> Result<Recorded, LedgerError> {
        self.record(permit, generation, async |transaction, row| {
            if row.rolled_back_at.is_some() {
                return Ok(Err(FlipRefusal::RolledBack(generation)));
            }
            if row.cut_over_at.is_none() {
                return Ok(Err(FlipRefusal::NotServing(generation)));
            }
            if row.synced_at.is_some() {
                return Ok(Ok(Recorded::Already));
            }
            let sql = "update core.deployments set synced_at = now() where generation = $1::int8";
            transaction.execute(sql, &[&bigint(generation)]).await?;
            Ok(Ok(Recorded::New))
        })
        .await
    }
}

//! Which cutovers still have a way back by their names (ADR-053 D11, runbook step 12).

use std::time::Duration;

use tokio_postgres::Transaction;

use super::Ledger;
use super::deployment::{COLUMNS, Deployment};
use super::outbox::{Outbox, left_behind};
use crate::error::Error;

/// A flip whose hold runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Hold {
    /// Its row.
    pub flip: Deployment,
    /// What older generations have left that would be stranded if its way back ended.
    pub left_behind: Outbox,
}

/// Cut over less than `$1` seconds ago, not rolled back, its standby not synced; and of one of the targets `$2` the
/// newest cutover: a newer one has ended the way back already.
pub(super) const HELD: &str = "d.intent_at is not null and d.cut_over_at is not null and d.rolled_back_at is null
    and d.synced_at is null and d.cut_over_at + make_interval(secs => $1::float8) > now()
    and exists (select from unnest(d.targets::text[]) as t (target) where t.target = any ($2::text[])
        and not exists (select from core.deployments n where n.generation > d.generation
            and n.cut_over_at is not null and n.rolled_back_at is null and t.target = any (n.targets::text[])))";

impl Ledger {
    /// The flips that hold any of `targets`, the newest first, all as of one moment: cut over less than `hold` ago,
    /// not rolled back, the standby not synced, and not followed by a newer cutover of the same targets.
    /// `worker_target` is the target whose workers do the work of the outbox, see [`Ledger::outbox_below`].
    ///
    /// # Errors
    /// The database's.
    pub async fn holds(
        &self,
        hold: Duration,
        targets: &[String],
        worker_target: &str,
    ) -> Result<Vec<Hold>, Error> {
        let sql = format!("select {COLUMNS} from core.deployments d where {HELD} order by d.generation desc");
        let seconds = hold.as_secs_f64();
        self.read(async |transaction: &Transaction<'_>| {
            let mut holds = Vec::new();
            for row in transaction.query(&sql, &[&seconds, &targets]).await? {
                let flip = Deployment::of(&row)?;
                let left_behind = left_behind(transaction, flip.generation, worker_target).await?;
                holds.push(Hold { flip, left_behind });
            }
            Ok(holds)
        })
        .await
    }
}

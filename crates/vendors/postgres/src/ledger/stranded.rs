//! What nobody finishes by itself: flips without an end, and work without workers.

use std::time::Duration;

use tokio_postgres::Transaction;

use super::deployment::{COLUMNS, Deployment, OPEN};
use super::hold::HELD;
use super::outbox::{COUNTS, Outbox};
use super::{Ledger, number};
use crate::error::Error;

/// What somebody has to look after.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stranded {
    /// The flips that were announced some time ago, and neither confirmed nor undone; the oldest first.
    pub flips: Vec<Deployment>,
    /// What each older generation than the one whose workers serve has left, the oldest first; none without work, and
    /// none while a hold keeps the workers from before.
    pub work: Vec<(u64, Outbox)>,
}

/// Older than what serves the target `$3`, and not known to be done. Where nothing serves it nobody can tell.
const OLD_WORK: &str = "(status is null or status::text <> 'done') and generation < (
        select max(d.generation::int8) from core.deployments d where d.cut_over_at is not null
        and d.rolled_back_at is null and $3::text = any (d.targets::text[]))";

impl Ledger {
    /// What is stranded, all of it at one moment: flips announced at least `hold` ago, and work of generations that
    /// were followed by another one on `worker_target`, the target whose workers do the work of the outbox, at least
    /// `hold` ago.
    ///
    /// # Errors
    /// The database's.
    pub async fn stranded(&self, hold: Duration, worker_target: &str) -> Result<Stranded, Error> {
        let flips = format!(
            "select {COLUMNS} from core.deployments d
            where {OPEN} and d.intent_at + make_interval(secs => $1::float8) <= now() order by d.generation"
        );
        let work = format!(
            "select generation::int8 as generation, {COUNTS} from core.outbox
            where {OLD_WORK} and not exists (select from core.deployments d where {HELD})
            group by generation order by generation"
        );
        let hold = hold.as_secs_f64();
        self.read(async |transaction: &Transaction<'_>| {
            let flips = transaction.query(&flips, &[&hold]).await?;
            let work =
                transaction.query(&work, &[&hold, &[worker_target].as_slice(), &worker_target]).await?;
            Ok(Stranded {
                flips: flips.iter().map(Deployment::of).collect::<Result<_, _>>()?,
                work: work
                    .iter()
                    .map(|row| Ok((number(row, "generation")?, Outbox::of(row)?)))
                    .collect::<Result<_, tokio_postgres::Error>>()?,
            })
        })
        .await
    }
}

//! What older generations still have to do (runbook step 12, legacy drain).

use tokio_postgres::{Row, Transaction};

use super::{Ledger, bigint};
use crate::error::Error;

/// How much is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outbox {
    /// Rows that nobody has claimed.
    pub pending: u64,
    /// Rows that a worker has claimed and not finished.
    pub in_flight: u64,
    /// Rows whose status is none of the three words: not known to be done.
    pub unknown: u64,
}

impl Outbox {
    /// Whether nothing is left.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.total() == 0
    }

    /// How many rows are left.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.pending + self.in_flight + self.unknown
    }
}

/// The columns of [`Outbox`], of any rows of `core.outbox`.
pub(super) const COUNTS: &str = "count(*) filter (where status::text = 'pending') as pending,
    count(*) filter (where status::text = 'in_flight') as in_flight,
    count(*) filter (where status is null or status::text not in ('pending', 'in_flight', 'done')) as unknown";

/// What is left of `core.outbox` as far as `condition` is true, as the columns of [`Outbox`].
pub(super) fn counts(condition: &str) -> String {
    format!("select {COUNTS} from core.outbox where {condition}")
}

impl Outbox {
    pub(super) fn of(row: &Row) -> Result<Self, tokio_postgres::Error> {
        let count = |column| super::number(row, column);
        Ok(Self { pending: count("pending")?, in_flight: count("in_flight")?, unknown: count("unknown")? })
    }
}

/// Older than `$1`, and not the generation that the workers of the target `$2` serve: what that one has left is
/// live work, which never runs dry and which no way back depends on. A target that nothing serves excuses nobody.
const LEFT_BEHIND: &str = "generation < $1::int8 and generation is distinct from (
        select max(d.generation::int8) from core.deployments d where d.cut_over_at is not null
        and d.rolled_back_at is null and $2::text = any (d.targets::text[]))";

/// What `generation` would strand if its way back ended, see [`Ledger::outbox_below`].
pub(super) async fn left_behind(
    transaction: &Transaction<'_>,
    generation: u64,
    worker_target: &str,
) -> Result<Outbox, tokio_postgres::Error> {
    Outbox::of(&transaction.query_one(&counts(LEFT_BEHIND), &[&bigint(generation), &worker_target]).await?)
}

impl Ledger {
    /// What is left of the generations below `generation`, without the one that serves `worker_target`, the target
    /// whose workers do the work of the outbox.
    ///
    /// # Errors
    /// The database's.
    pub async fn outbox_below(&self, generation: u64, worker_target: &str) -> Result<Outbox, Error> {
        self.read(async |transaction: &Transaction<'_>| {
            left_behind(transaction, generation, worker_target).await
        })
        .await
    }
}

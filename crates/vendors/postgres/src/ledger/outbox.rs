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
        self.pending == 0 && self.in_flight == 0 && self.unknown == 0
    }
}

/// What is left of `core.outbox` as far as `condition` is true, as the columns of [`Outbox`].
pub(super) fn counts(condition: &str) -> String {
    format!(
        "select count(*) filter (where status::text = 'pending') as pending,
        count(*) filter (where status::text = 'in_flight') as in_flight,
        count(*) filter (where status is null or status::text not in ('pending', 'in_flight', 'done')) as unknown
        from core.outbox where {condition}"
    )
}

impl Outbox {
    pub(super) fn of(row: &Row) -> Result<Self, tokio_postgres::Error> {
        let count = |column| super::number(row, column);
        Ok(Self { pending: count("pending")?, in_flight: count("in_flight")?, unknown: count("unknown")? })
    }
}

impl Ledger {
    /// What is left of the generations below `generation`.
    ///
    /// # Errors
    /// The database's.
    pub async fn outbox_below(&self, generation: u64) -> Result<Outbox, Error> {
        let (sql, generation) = (counts("generation < $1::int8"), bigint(generation));
        self.read(async |transaction: &Transaction<'_>| {
            Outbox::of(&transaction.query_one(&sql, &[&generation]).await?)
        })
        .await
    }
}

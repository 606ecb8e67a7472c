//! What a generation that no longer serves has left behind (ADR-053 D13).

use tokio_postgres::Transaction;

use super::outbox::{Outbox, counts};
use super::{Ledger, bigint};
use crate::error::Error;

impl Ledger {
    /// What is left of `generation` itself.
    ///
    /// # Errors
    /// The database's.
    pub async fn outbox_of(&self, generation: u64) -> Result<Outbox, Error> {
        let (sql, generation) = (counts("generation = $1::int8"), bigint(generation));
        self.read(async |transaction: &Transaction<'_>| {
            Outbox::of(&transaction.query_one(&sql, &[&generation]).await?)
        })
        .await
    }

    /// The targets that `generation` still serves: it was cut over, was not rolled
    /// back, and nothing newer of which that is true covers them. By name.
    ///
    /// # Errors
    /// The database's.
    pub async fn targets_served_by(&self, generation: u64) -> Result<Vec<String>, Error> {
        let sql = "select distinct t.target
            from core.deployments d cross join unnest(d.targets::text[]) as t (target)
            where d.generation = $1::int8 and d.cut_over_at is not null and d.rolled_back_at is null
            and not exists (select from core.deployments n where n.generation > d.generation
                and n.cut_over_at is not null and n.rolled_back_at is null and t.target = any (n.targets::text[]))
            order by t.target";
        let generation = bigint(generation);
        self.read(async |transaction: &Transaction<'_>| {
            let rows = transaction.query(sql, &[&generation]).await?;
            rows.iter().map(|row| row.try_get("target")).collect()
        })
        .await
    }
}

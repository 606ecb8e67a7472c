//! What becomes of a generation: intent, cut over, published, rolled back.

use action::Permit;
use serde_json::Value;
use tokio_postgres::Transaction;
use tokio_postgres::types::ToSql;

use super::deployment::{Deployment, OPEN, newest};
use super::newer::{HOLDS, newer_flip, overtaken};
use super::refusal::{FlipRefusal, LedgerError};
use super::{Ledger, bigint};

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It was made.
    New,
    /// It was there already; nothing was changed.
    Already,
}

/// A decision about one row: make the record, it is there, or no.
pub(super) type Decision = Result<Recorded, FlipRefusal>;

impl Ledger {
    /// Announces the flip of `generation`, with where its names point now, as an object
    /// `{host: target}`. The first announcement counts: a later one finds names that may be
    /// half moved.
    ///
    /// An older flip whose names are all, by `previous`, where they were before it never took
    /// place or was put back: it is closed as rolled back.
    ///
    /// # Errors
    /// A [`FlipRefusal`]: another flip is unfinished, a newer flip of the same targets was cut
    /// over (even if it was rolled back), or this one was rolled back.
    pub async fn record_intent(
        &self,
        permit: &Permit,
        generation: u64,
        previous: &Value,
    ) -> Result<Recorded, LedgerError> {
        let previous = previous.to_string();
        self.record(permit, generation, async |transaction, row| {
            if row.serves() {
                return Ok(overtaken(transaction, row).await?.map(|()| Recorded::Already));
            }
            if row.intent_at.is_none() {
                let parameters: [&(dyn ToSql + Sync); 2] = [&bigint(generation), &previous];
                transaction.execute(CLOSE_PUT_BACK, &parameters).await?;
            }
            if let Err(refusal) = may_go_on(transaction, row).await? {
                return Ok(Err(refusal));
            }
            if row.intent_at.is_some() {
                return Ok(Ok(Recorded::Already));
            }
            let sql = "update core.deployments set intent_at = now(), previous_cnames = $2::text::jsonb
                where generation = $1::int8";
            transaction.execute(sql, &[&bigint(generation), &previous]).await?;
            Ok(Ok(Recorded::New))
        })
        .await
    }

    /// Records that `generation` serves, verified.
    ///
    /// # Errors
    /// A [`FlipRefusal`]: no intent was recorded, it was rolled back, or a newer flip of the same
    /// targets was cut over.
    pub async fn record_cut_over(&self, permit: &Permit, generation: u64) -> Result<Recorded, LedgerError> {
        self.record(permit, generation, async |transaction, row| {
            if row.serves() {
                return Ok(Ok(Recorded::Already));
            }
            if let Err(refusal) = may_go_on(transaction, row).await? {
                return Ok(Err(refusal));
            }
            if row.intent_at.is_none() {
                return Ok(Err(FlipRefusal::NoIntent(generation)));
            }
            let sql = "update core.deployments set cut_over_at = now() where generation = $1::int8";
            transaction.execute(sql, &[&bigint(generation)]).await?;
            Ok(Ok(Recorded::New))
        })
        .await
    }

    /// Adds a target that was published in place, such as a Pages project. A generation
    /// without targets of its own has no flip, so its first publication is its cutover.
    ///
    /// # Errors
    /// A [`FlipRefusal`]: it was rolled back, or its flip is still to come.
    pub async fn append_target(
        &self,
        permit: &Permit,
        generation: u64,
        target: &str,
    ) -> Result<Recorded, LedgerError> {
        self.record(permit, generation, async |transaction, row| {
            if row.rolled_back_at.is_some() {
                return Ok(Err(FlipRefusal::RolledBack(generation)));
            }
            if row.targets.iter().any(|known| known == target) {
                return Ok(Ok(Recorded::Already));
            }
            let flips = row.intent_at.is_some() || !row.targets.is_empty();
            if row.cut_over_at.is_none() && flips {
                return Ok(Err(FlipRefusal::NotCutOver(generation)));
            }
            let sql = "update core.deployments set targets = array_append(targets, $2::text),
                cut_over_at = coalesce(cut_over_at, now()) where generation = $1::int8";
            transaction.execute(sql, &[&bigint(generation), &target]).await?;
            Ok(Ok(Recorded::New))
        })
        .await
    }

    /// Records that the names of `generation` were put back.
    ///
    /// # Errors
    /// A [`FlipRefusal`]: no intent was recorded, or it was cut over and a newer flip of the same
    /// targets holds.
    pub async fn record_rolled_back(
        &self,
        permit: &Permit,
        generation: u64,
    ) -> Result<Recorded, LedgerError> {
        self.record(permit, generation, async |transaction, row| {
            if row.rolled_back_at.is_some() {
                return Ok(Ok(Recorded::Already));
            }
            if row.intent_at.is_none() {
                return Ok(Err(FlipRefusal::NoIntent(generation)));
            }
            // One that never served holds no name that a newer one could have taken over.
            if row.serves()
                && let Some(newer) = newer_flip(transaction, row, HOLDS).await?
            {
                return Ok(Err(FlipRefusal::Below { generation, newer: newer.generation }));
            }
            let sql = "update core.deployments set rolled_back_at = now() where generation = $1::int8";
            transaction.execute(sql, &[&bigint(generation)]).await?;
            Ok(Ok(Recorded::New))
        })
        .await
    }

    /// Decides about one row under the lock.
    pub(super) async fn record(
        &self,
        permit: &Permit,
        generation: u64,
        decide: impl AsyncFn(&Transaction<'_>, &Deployment) -> Result<Decision, tokio_postgres::Error>,
    ) -> Result<Recorded, LedgerError> {
        let decision = self.write(permit, async |transaction: &Transaction<'_>| {
            match newest(transaction, "d.generation = $1::int8", &[&bigint(generation)]).await? {
                Some(row) => decide(transaction, &row).await,
                None => Ok(Err(FlipRefusal::Unknown(generation))),
            }
        });
        Ok(decision.await??)
    }
}

/// Closes older unfinished flips of which every name is, by `$2`, where it was before. One that has a name which
/// `$2` does not know stays open: whether that name moved is not known here.
const CLOSE_PUT_BACK: &str = "update core.deployments d set rolled_back_at = now()
    where d.intent_at is not null and d.cut_over_at is null and d.rolled_back_at is null and d.generation < $1::int8
    and d.previous_cnames::jsonb <> '{}'::jsonb and $2::text::jsonb @> d.previous_cnames::jsonb";

/// Whether a row may be announced or cut over: no other flip is open, none newer went ahead.
async fn may_go_on(
    transaction: &Transaction<'_>,
    row: &Deployment,
) -> Result<Result<(), FlipRefusal>, tokio_postgres::Error> {
    let generation = row.generation;
    if row.rolled_back_at.is_some() {
        return Ok(Err(FlipRefusal::RolledBack(generation)));
    }
    let others = format!("{OPEN} and d.generation <> $1::int8");
    if let Some(open) = newest(transaction, &others, &[&bigint(generation)]).await? {
        return Ok(Err(FlipRefusal::Open { generation, open: Box::new(open) }));
    }
    overtaken(transaction, row).await
}

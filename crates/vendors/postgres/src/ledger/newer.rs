//! Which flips came after a generation and took its place.

use serde_json::Value;
use tokio_postgres::Transaction;

use super::deployment::{Deployment, newest};
use super::refusal::{FlipRefusal, LedgerError};
use super::{Ledger, bigint};

/// What took a place and keeps it.
pub(super) const HOLDS: &str = "d.cut_over_at is not null and d.rolled_back_at is null";

/// What took a place, or is about to. One that was undone without having served took none; one that served was
/// there, even if it was undone since.
const TOOK: &str = "(d.cut_over_at is not null or d.rolled_back_at is null)";

/// Flips beyond `$1` that touch one of the targets `$2`. What is only published in place is no flip. Two flips that
/// are known to have moved other names, `$3`, touch one another only in what both published in place.
const FLIPS: &str = "d.generation > $1::int8 and d.intent_at is not null and d.targets::text[] && $2::text[]
    and (cardinality($3::text[]) = 0 or coalesce(d.previous_cnames::jsonb, '{}') in ('{}', '[]')
        or d.previous_cnames::jsonb ?| $3::text[])";

impl Ledger {
    /// Whether `generation` may be deployed onto what stands by. A run from before that is run again knows the
    /// colours of then: what stood by may serve by now.
    ///
    /// # Errors
    /// A [`FlipRefusal`]: it was cut over or rolled back, or a newer flip of the same targets is open or served.
    pub async fn may_deploy(&self, generation: u64) -> Result<(), LedgerError> {
        self.judge(generation, async |transaction, row| {
            if row.rolled_back_at.is_some() {
                return Ok(Err(FlipRefusal::RolledBack(generation)));
            }
            if row.cut_over_at.is_some() {
                return Ok(Err(FlipRefusal::Served(generation)));
            }
            overtaken(transaction, row).await
        })
        .await
    }

    /// Whether `generation` may be deployed where it is seen at once: all its targets, or the one that is given.
    /// The newest generation that names a target is the one to be there, whatever became of it.
    ///
    /// # Errors
    /// A [`FlipRefusal`]: it was rolled back, or a newer generation names one of the targets.
    pub async fn may_deploy_in_place(
        &self,
        generation: u64,
        target: Option<&str>,
    ) -> Result<(), LedgerError> {
        self.judge(generation, async |transaction, row| {
            if row.rolled_back_at.is_some() {
                return Ok(Err(FlipRefusal::RolledBack(generation)));
            }
            let targets = target.map_or_else(|| row.targets.clone(), |target| vec![target.to_owned()]);
            let newer = "d.generation > $1::int8 and d.targets::text[] && $2::text[]";
            let newer = newest(transaction, newer, &[&bigint(generation), &targets]).await?;
            Ok(newer.map_or(Ok(()), |newer| Err(replaced(generation, &targets, newer))))
        })
        .await
    }

    /// Judges one row; nothing is written.
    async fn judge(
        &self,
        generation: u64,
        judge: impl AsyncFn(
            &Transaction<'_>,
            &Deployment,
        ) -> Result<Result<(), FlipRefusal>, tokio_postgres::Error>,
    ) -> Result<(), LedgerError> {
        let judged = self.read(async |transaction: &Transaction<'_>| {
            match newest(transaction, "d.generation = $1::int8", &[&bigint(generation)]).await? {
                Some(row) => judge(transaction, &row).await,
                None => Ok(Err(FlipRefusal::Unknown(generation))),
            }
        });
        Ok(judged.await??)
    }
}

fn replaced(generation: u64, targets: &[String], newer: Deployment) -> FlipRefusal {
    let both = newer.targets.into_iter().filter(|target| targets.contains(target)).collect();
    FlipRefusal::Replaced { generation, newer: newer.generation, run_id: newer.run_id, targets: both }
}

/// The newest flip beyond `row` that touches it, of those that `condition` is true of.
pub(super) async fn newer_flip(
    transaction: &Transaction<'_>,
    row: &Deployment,
    condition: &str,
) -> Result<Option<Deployment>, tokio_postgres::Error> {
    let names = row.previous_cnames.as_ref().and_then(Value::as_object);
    let names: Vec<&String> = names.into_iter().flatten().map(|(host, _)| host).collect();
    let condition = format!("{FLIPS} and {condition}");
    newest(transaction, &condition, &[&bigint(row.generation), &row.targets, &names]).await
}

/// Refuses when a newer flip of the same targets is open, or served.
pub(super) async fn overtaken(
    transaction: &Transaction<'_>,
    row: &Deployment,
) -> Result<Result<(), FlipRefusal>, tokio_postgres::Error> {
    let generation = row.generation;
    Ok(match newer_flip(transaction, row, TOOK).await? {
        None => Ok(()),
        Some(open) if open.is_open() => Err(FlipRefusal::Open { generation, open: Box::new(open) }),
        Some(newer) => Err(FlipRefusal::Newer { generation, newer: newer.generation }),
    })
}

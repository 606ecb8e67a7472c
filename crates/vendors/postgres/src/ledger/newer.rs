//! Which flips came after a generation and took its place.

use serde_json::Value;
use tokio_postgres::Transaction;

use super::bigint;
use super::deployment::{Deployment, newest};
use super::refusal::FlipRefusal;

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

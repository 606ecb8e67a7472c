//! A worker that was told to drain (ADR-053 D13): it works off what its generation has left behind, waits a while
//! for stragglers, says so in its log, and ends.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;
use tokio_postgres::{Client, Error};

use super::{Worker, claim, finish, report};

/// The variable that tells it to.
const DRAIN_AND_EXIT: &str = "SPECTRAL_DRAIN_AND_EXIT";

/// The variable that says for how many seconds nothing may have been left before it ends.
const COOLING: &str = "SPECTRAL_DRAIN_COOLING_SECONDS";

/// What it writes then.
const COMPLETE: &str = "drain complete, exiting";

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Drain {
    cooling: Duration,
    idle_since: Option<Instant>,
    ended: bool,
}

impl Drain {
    /// What a process with these variables does; nothing of the kind unless it was told to.
    pub(super) fn of(variables: &BTreeMap<String, String>) -> Option<Self> {
        let is_told = variables.get(DRAIN_AND_EXIT).is_some_and(|value| value == "true");
        let cooling = variables.get(COOLING).and_then(|seconds| seconds.parse().ok()).unwrap_or_default();
        is_told.then_some(Self { cooling: Duration::from_secs(cooling), idle_since: None, ended: false })
    }
}

/// One turn: finishes what it has in hand, takes the next, or ends.
pub(super) async fn take_turn(
    client: &Client,
    worker: &mut Worker,
    log: &impl Fn(&str),
) -> Result<(), Error> {
    let Some(Drain { cooling, idle_since, ended: false }) = worker.drain else { return Ok(()) };
    report(client, worker, "draining").await?;
    if let Some(id) = worker.in_hand.take() {
        finish(client, id).await?;
    }
    worker.in_hand = match claim(client, worker.generation).await? {
        Some(id) => Some(id),
        None => take_over(client, worker).await?,
    };
    let is_idle = worker.in_hand.is_none() && is_done(client, worker.generation).await?;
    let idle_since = is_idle.then(|| idle_since.unwrap_or_else(Instant::now));
    let ended = idle_since.is_some_and(|since| since.elapsed() >= cooling);
    worker.drain = Some(Drain { cooling, idle_since, ended });
    if ended {
        report(client, worker, "stopped").await?;
        log(COMPLETE);
    }
    Ok(())
}

/// Whether nothing of a generation is pending, nor in anybody's hands.
async fn is_done(client: &Client, generation: i64) -> Result<bool, Error> {
    let sql = "select not exists (select from core.outbox where generation = $1 and status <> 'done')";
    Ok(client.query_one(sql, &[&generation]).await?.get(0))
}

/// Takes a piece of work that a worker of its generation died with: as long as anybody else of that generation
/// has a pulse, it may be in good hands.
async fn take_over(client: &Client, worker: &Worker) -> Result<Option<i64>, Error> {
    let sql = "select id from core.outbox where generation = $1 and status = 'in_flight' and not exists (
            select from core.workers where generation = $1 and worker_id <> $2 and state <> 'stopped'
            and last_heartbeat > now() - interval '10 seconds'
        ) order by id for update skip locked limit 1";
    Ok(client.query_opt(sql, &[&worker.generation, &worker.id]).await?.map(|row| row.get(0)))
}

//! The generation that is to be drained, as the ledger knows it.

use std::time::Duration;

use action::Failure;
use postgres::Ledger;
use postgres::ledger::{Deployment, Outbox};

/// How old a heartbeat may be and still be that of a worker at work, by the database's clock. Workers write one
/// every few seconds; this is twice what workers-heartbeat asks for.
const FRESH: Duration = Duration::from_secs(60);

/// A generation, and what is left of it.
#[derive(Debug)]
pub(crate) struct Stranded {
    pub(crate) deployment: Deployment,
    pub(crate) left: Outbox,
}

impl Stranded {
    /// Reads it.
    ///
    /// # Errors
    /// `stale`: it never existed, it still serves `target`, or it has rows of which nobody knows
    /// what they are; and those of the database.
    pub(crate) async fn read(ledger: &Ledger, generation: u64, target: &str) -> Result<Self, Failure> {
        let deployment = ledger.deployment(generation).await?.ok_or_else(|| {
            Failure::stale(format!("the ledger has no generation {generation}"))
                .hint("check `target-generation`, and that DATABASE_URL leads to production's database")
                .hint("numbers may have gaps: a number is spent even if its run was killed")
        })?;
        let serves = ledger.targets_served_by(generation).await?;
        // A generation that never was one of its workers is judged by whatever it serves.
        let counts =
            |served: &&String| *served == target || !deployment.targets.iter().any(|one| one == target);
        if let Some(served) = serves.iter().find(counts) {
            return Err(Failure::stale(format!("generation {generation} still serves {served}"))
                .hint("its own workers do its work; there is nothing to drain")
                .hint(
                    "a generation is drained after a newer one was cut over, or after it was rolled back",
                ));
        }
        let left = ledger.outbox_of(generation).await?;
        if left.unknown > 0 {
            return Err(Failure::stale(format!(
                "core.outbox has {} of generation {generation} whose status is neither pending, in_flight nor done",
                rows(left.unknown)
            ))
            .hint("no worker takes such a row; find out what it is, and set its status by hand"));
        }
        Ok(Self { deployment, left })
    }

    /// Refuses while workers of the generation are at work.
    ///
    /// # Errors
    /// `stale`; and those of the database.
    pub(crate) async fn refuse_while_worked_on(&self, ledger: &Ledger) -> Result<(), Failure> {
        let generation = self.deployment.generation;
        let workers = ledger.workers(generation).await?;
        let at_work = workers.iter().filter(|worker| {
            worker.state.as_deref() == Some("running") && worker.age.is_some_and(|age| age <= FRESH)
        });
        let names: Vec<&str> = at_work.map(|worker| worker.id.as_str()).collect();
        if names.is_empty() {
            return Ok(());
        }
        Err(Failure::stale(format!("workers of generation {generation} are running: {}", names.join(", ")))
            .hint("they do its work themselves: wait until core.outbox has nothing of it, or until they are stopped")
            .hint("during the hold, what served before keeps its workers"))
    }

    /// `generation 42 (prod-7)`.
    pub(crate) fn name(&self) -> String {
        let Deployment { generation, tag, reference, .. } = &self.deployment;
        format!("generation {generation} ({})", tag.as_deref().unwrap_or(reference))
    }

    /// `3 rows pending and 1 in flight`.
    pub(crate) fn left_in_words(&self) -> String {
        in_words(self.left)
    }
}

/// What is left, for a person.
pub(crate) fn in_words(left: Outbox) -> String {
    match left {
        _ if left.is_empty() => "nothing is left".to_owned(),
        Outbox { pending, in_flight, unknown: 0 } => {
            format!("{} pending and {in_flight} in flight", rows(pending))
        }
        Outbox { pending, in_flight, unknown } => {
            format!("{} pending, {in_flight} in flight and {unknown} with an unknown status", rows(pending))
        }
    }
}

fn rows(number: u64) -> String {
    format!("{number} row{}", if number == 1 { "" } else { "s" })
}

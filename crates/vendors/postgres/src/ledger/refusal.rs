//! Why the ledger refuses, and what to do about it.

use action::Failure;

use super::deployment::Deployment;
use crate::error::Error;

/// Why a record was not made. Nothing was changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FlipRefusal {
    /// No such row.
    #[error("the ledger has no generation {0}")]
    Unknown(u64),
    /// Somebody else's flip is unfinished.
    #[error("generation {generation} cannot go on: the flip of generation {} (run {}) is unfinished", open.generation, open.run_id)]
    Open {
        /// The generation that was to be recorded.
        generation: u64,
        /// The unfinished one.
        open: Box<Deployment>,
    },
    /// Another one was faster.
    #[error("generation {generation} comes too late: generation {newer} was cut over meanwhile")]
    Newer {
        /// The generation that was to be recorded.
        generation: u64,
        /// The newest flip of the same targets that was cut over.
        newer: u64,
    },
    /// The names are those of another one by now.
    #[error(
        "generation {generation} cannot be recorded as rolled back: generation {newer} moved its names since, and holds"
    )]
    Below {
        /// The generation that was to be recorded.
        generation: u64,
        /// The newest flip of the same targets that holds.
        newer: u64,
    },
    /// It was undone before.
    #[error("generation {0} was rolled back")]
    RolledBack(u64),
    /// It served already, so nothing of it is to be deployed.
    #[error("generation {0} was cut over before: what it deployed serves, or was replaced since")]
    Served(u64),
    /// A newer one is to be there instead.
    #[error("generation {generation} is not to be deployed any more: generation {newer} (run {run_id}) covers {}", targets.join(", "))]
    Replaced {
        /// The generation that was to be deployed.
        generation: u64,
        /// The newest that covers the same.
        newer: u64,
        /// The run of that one.
        run_id: u64,
        /// What both cover.
        targets: Vec<String>,
    },
    /// Published before its names moved.
    #[error("generation {0} is not cut over yet, so nothing of it may be published in place")]
    NotCutOver(u64),
    /// Said to be synced before it served.
    #[error("generation {0} is not cut over yet, so nothing stands by to be made like it")]
    NotServing(u64),
    /// Cut over without an intent: who flipped?
    #[error("generation {0} has no intent recorded, so nothing of it can have been flipped")]
    NoIntent(u64),
}

/// What helps whoever is too late.
const PUSH: &str = "push a new tag, and do not run this one again";

impl From<FlipRefusal> for Failure {
    fn from(refusal: FlipRefusal) -> Self {
        let failure = Self::stale(refusal.to_string());
        match refusal {
            FlipRefusal::Unknown(_) => {
                failure.hint("check that DATABASE_URL leads to the database that handed the number out")
            }
            FlipRefusal::Open { open, .. } => {
                failure.hint(format!("run {} again: it finishes its flip", open.run_id)).hint(format!(
                    "or put its names back and record generation {} as rolled back",
                    open.generation
                ))
            }
            FlipRefusal::Newer { .. } | FlipRefusal::RolledBack(_) | FlipRefusal::Served(_) => {
                failure.hint(PUSH)
            }
            FlipRefusal::Replaced { run_id, .. } => failure.hint(format!(
                "do not run this one again: run {run_id} deploys something newer; if that failed, run that one again, or push anew"
            )),
            FlipRefusal::Below { generation, newer } => failure
                .hint(format!(
                    "if the names are where they were before generation {generation}, {newer} is undone as well: cutover-record --mode rolled-back --generation {newer}, then this again"
                ))
                .hint(format!(
                    "if generation {newer} is to serve on, move the names back to it with cname-flip; generation {generation} needs no record then"
                )),
            FlipRefusal::NotCutOver(_) => failure
                .hint("publish after the cutover was recorded, so that an abort leaves nothing visible"),
            FlipRefusal::NotServing(_) => {
                failure.hint("a sync comes after the hold of a cutover (ADR-053 D11)")
            }
            FlipRefusal::NoIntent(_) => failure.hint("record the intent first, before any name is changed"),
        }
    }
}

/// Why a record was not made: the ledger said no, or the database failed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LedgerError {
    /// The ledger's own rules.
    #[error(transparent)]
    Refused(#[from] FlipRefusal),
    /// The database.
    #[error(transparent)]
    Database(#[from] Error),
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Refused(refusal) => refusal.into(),
            LedgerError::Database(error) => error.into(),
        }
    }
}

//! Handing out generations (runbook step 5).

use std::collections::BTreeSet;

use action::{Failure, Permit};
use tokio_postgres::Transaction;

use super::deployment::newest;
use super::newer::overtaken;
use super::refusal::FlipRefusal;
use super::{Ledger, bigint, number};
use crate::error::Error;

/// What a generation is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDeployment {
    /// The Git reference, such as `refs/tags/prod-7`.
    pub reference: String,
    /// The tag, when it is one.
    pub tag: Option<String>,
    /// The commit.
    pub sha: String,
    /// The targets that it covers.
    pub targets: Vec<String>,
    /// The workflow run that asks.
    pub run_id: u64,
}

/// A generation, and whether it is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allocated {
    /// A row was inserted for it.
    New(u64),
    /// The run got its own number back.
    Again(u64),
}

impl Allocated {
    /// The number.
    #[must_use]
    pub const fn generation(self) -> u64 {
        match self {
            Self::New(generation) | Self::Again(generation) => generation,
        }
    }
}

/// The run holds a generation for something else.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("run {run_id} holds generation {generation} for another {what}: {held} instead of {wanted}")]
pub struct OtherDeployment {
    /// The run.
    pub run_id: u64,
    /// What it holds.
    pub generation: u64,
    /// What differs: `commit`, `reference` or `set of targets`.
    pub what: &'static str,
    /// What the row says.
    pub held: String,
    /// What was asked for.
    pub wanted: String,
}

/// Why a run gets no generation.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AllocationRefusal {
    /// It holds one for something else.
    #[error(transparent)]
    Other(#[from] OtherDeployment),
    /// A newer flip took the place of the one that it holds.
    #[error(transparent)]
    Overtaken(#[from] FlipRefusal),
}

impl From<AllocationRefusal> for Failure {
    fn from(refusal: AllocationRefusal) -> Self {
        match refusal {
            AllocationRefusal::Other(other) => other.into(),
            AllocationRefusal::Overtaken(refusal) => refusal.into(),
        }
    }
}

impl From<OtherDeployment> for Failure {
    fn from(other: OtherDeployment) -> Self {
        Self::stale(other.to_string()).hint(
            "the world changed between two attempts of this run; start a new run instead of this one again",
        )
    }
}

impl NewDeployment {
    /// The first way in which a row of the same run is about something else.
    fn difference(&self, held: &super::Deployment) -> Option<OtherDeployment> {
        let other = |what, held_text: String, wanted: String| {
            Some(OtherDeployment {
                run_id: self.run_id,
                generation: held.generation,
                what,
                held: held_text,
                wanted,
            })
        };
        let set = |targets: &[String]| targets.iter().cloned().collect::<BTreeSet<_>>();
        let list = |targets: &[String]| set(targets).into_iter().collect::<Vec<_>>().join(", ");
        if held.sha != self.sha {
            other("commit", held.sha.clone(), self.sha.clone())
        } else if held.reference != self.reference {
            other("reference", held.reference.clone(), self.reference.clone())
        } else if set(&held.targets) != set(&self.targets) {
            other(
                "set of targets",
                format!("[{}]", list(&held.targets)),
                format!("[{}]", list(&self.targets)),
            )
        } else {
            None
        }
    }
}

/// A row that its run may have back: not cut over, not rolled back.
const UNUSED: &str = "d.run_id = $1::int8 and d.cut_over_at is null and d.rolled_back_at is null";

impl Ledger {
    /// The number that [`Self::allocate`] would give back, if the run holds one.
    ///
    /// # Errors
    /// The database's.
    pub async fn allocated(
        &self,
        new: &NewDeployment,
    ) -> Result<Result<Option<u64>, AllocationRefusal>, Error> {
        self.read(async |transaction: &Transaction<'_>| held(transaction, new).await).await
    }

    /// Hands out the next generation. The same run gets its own number back until
    /// that row was cut over or rolled back; two callers at once get one number.
    ///
    /// A number whose transaction came to nothing is lost: gaps are normal.
    ///
    /// # Errors
    /// The database's; inside, that the run holds a generation for something else, or one that a newer flip of
    /// the same targets overtook.
    pub async fn allocate(
        &self,
        permit: &Permit,
        new: &NewDeployment,
    ) -> Result<Result<Allocated, AllocationRefusal>, Error> {
        let run_id = bigint(new.run_id);
        self.write(permit, async |transaction: &Transaction<'_>| {
            match held(transaction, new).await? {
                Ok(None) => {}
                Ok(Some(generation)) => return Ok(Ok(Allocated::Again(generation))),
                Err(refusal) => return Ok(Err(refusal)),
            }
            let sql = "insert into core.deployments (reference, tag, sha, targets, run_id)
                values ($1::text, $2::text, $3::text, $4::text[], $5::int8) returning generation::int8 as generation";
            let row = transaction
                .query_one(sql, &[&new.reference, &new.tag, &new.sha, &new.targets, &run_id])
                .await?;
            Ok(Ok(Allocated::New(number(&row, "generation")?)))
        })
        .await
    }
}

/// The number that the run of `new` holds, if it may have it back.
async fn held(
    transaction: &Transaction<'_>,
    new: &NewDeployment,
) -> Result<Result<Option<u64>, AllocationRefusal>, tokio_postgres::Error> {
    let Some(held) = newest(transaction, UNUSED, &[&bigint(new.run_id)]).await? else { return Ok(Ok(None)) };
    if let Some(other) = new.difference(&held) {
        return Ok(Err(other.into()));
    }
    Ok(overtaken(transaction, &held).await?.map(|()| Some(held.generation)).map_err(Into::into))
}

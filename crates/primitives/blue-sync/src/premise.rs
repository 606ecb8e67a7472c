//! What a sync relies on: that the ledger's newest flip serves, and that the names lead where they led.
//!
//! A service takes minutes, and the queue of the workflows (`concurrency:`) does not hold back a person at a shell. So
//! this is looked at again before each deploy, and before the record.

use action::Failure;
use cloudflare::Cloudflare;
use colours::TargetRoles;
use cutover::{Pointing, same_host};
use postgres::Ledger;
use postgres::ledger::Deployment;

use crate::job::Job;
use crate::standing::{Group, Standing, name};

/// What was seen when the run began, and where to look again.
pub(crate) struct Premise<'a> {
    pub(crate) cloudflare: &'a Cloudflare,
    pub(crate) ledger: &'a Ledger,
    pub(crate) job: &'a Job,
    pub(crate) groups: &'a [Group],
    /// Where the names pointed.
    pub(crate) began: &'a Pointing,
}

impl Premise<'_> {
    /// Looks again at what `target` being synced to `flip` relies on.
    ///
    /// # Errors
    /// `stale`: there is a newer flip, this one was rolled back, or a name has moved; and those of the database and of
    /// Cloudflare.
    pub(crate) async fn holds(&self, target: &TargetRoles, flip: &Deployment) -> Result<(), Failure> {
        self.is_still_due(target, flip).await?;
        let hosts = target.hostnames.iter().map(String::as_str);
        let now = colours::pointing(self.cloudflare, &self.job.zone_id, hosts).await?;
        refuse_if_put_back(&target.hostnames, flip, &now)?;
        refuse_if_moved(&target.hostnames, self.began, &now)
    }

    async fn is_still_due(&self, target: &TargetRoles, flip: &Deployment) -> Result<(), Failure> {
        let group = self.groups.iter().find(|group| group.targets.contains(&target.name));
        let Some(Group { targets, .. }) = group else { return Ok(()) };
        let now = Standing::of(self.ledger.newest_flip(targets).await?, self.job.hold);
        match &now {
            Standing::Due(now) | Standing::Synced(now) if now.generation == flip.generation => Ok(()),
            _ => Err(Failure::stale(format!(
                "the ledger has changed since this run began: {} of {} was due, and now {now}",
                name(flip),
                targets.join(", ")
            ))
            .hint(
                "what stood by may serve now, or be the way back of another flip: the next sync looks anew",
            )),
        }
    }
}

/// A name that is where it was before the flip was put back behind the ledger's back: then what stands by is what
/// the flip brought, and what serves is not its commit.
///
/// # Errors
/// `stale`: one is.
pub(crate) fn refuse_if_put_back(
    hostnames: &[String],
    flip: &Deployment,
    now: &Pointing,
) -> Result<(), Failure> {
    let before = |host: &str| {
        let names = flip.previous_cnames.as_ref()?.as_object()?;
        names.iter().find(|(name, _)| same_host(name, host))?.1.as_str()
    };
    let is_back =
        |host: &&String| before(host).zip(of(now, host)).is_some_and(|(was, is)| same_host(was, is));
    match hostnames.iter().find(is_back) {
        None => Ok(()),
        Some(host) => Err(Failure::stale(format!(
            "{host} is where it was before the flip of {}, which the ledger says serves",
            name(flip)
        ))
        .hint(format!(
            "if it was put back on purpose: cutover-record --mode rolled-back --generation {}",
            flip.generation
        ))),
    }
}

fn refuse_if_moved(hostnames: &[String], began: &Pointing, now: &Pointing) -> Result<(), Failure> {
    let has_moved = |host: &&String| !same_host(place(began, host), place(now, host));
    match hostnames.iter().find(has_moved) {
        None => Ok(()),
        Some(host) => Err(Failure::stale(format!(
            "{host} points at {}, and pointed at {} when this run began",
            place(now, host),
            place(began, host)
        ))
        .hint("find out who moved it; run again once names and ledger agree")),
    }
}

fn place<'p>(pointing: &'p Pointing, host: &str) -> &'p str {
    of(pointing, host).unwrap_or("nothing")
}

fn of<'p>(pointing: &'p Pointing, host: &str) -> Option<&'p str> {
    pointing.iter().find(|(name, _)| same_host(name, host)).map(|(_, is)| is.as_str())
}

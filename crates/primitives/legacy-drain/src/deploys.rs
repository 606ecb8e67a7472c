//! The deploys of the temporary service: the first one, which is not wanted, and the one that drains.
//!
//! Lists of deploys may lag behind (Render promises nothing about them), so a deploy whose id is known is looked at by
//! its id.

use std::cell::Cell;
use std::time::Duration;

use action::{Failure, Permit};
use render::{CreatedService, Deploy, DeployFilter, Service};
use wait::{Ended, Fault, Look, Schedule};

use crate::job::DRAIN_AND_EXIT;
use crate::temporary::{CADENCE, Temporary};

/// How long the first deploy may take to come into being and to end, once it was cancelled.
const STOPS_WITHIN: Duration = Duration::from_secs(120);

/// How long a deploy of which nobody has told the id may be missing from the list.
const APPEARS_WITHIN: Duration = Duration::from_secs(15);

impl Temporary<'_> {
    /// Cancels the deploy that the creation began, and waits for its end. One that has
    /// ended by itself has run without anything to work on.
    ///
    /// # Errors
    /// `timed-out`: it neither ends nor can be cancelled; and Render's.
    pub(crate) async fn stop_first_deploy(
        &self,
        created: &CreatedService,
        permit: &Permit,
    ) -> Result<(), Failure> {
        let CreatedService { service, deploy_id } = created;
        let (once, started, asked) = (self.render.once(), self.clock.now(), Cell::new(false));
        let schedule = Schedule::new(STOPS_WITHIN, CADENCE).at_once();
        let stopped = wait::until(self.clock, schedule, "first deploy", async |_| {
            let first = match self.first_deploy(created).await {
                Ok(first) => first,
                Err(error) if error.is_passing() => return Ok(Look::Fault(Fault::from(&error))),
                Err(error) => return Err(error),
            };
            let Some(first) = first else {
                let may_come = deploy_id.is_some() || self.clock.now() - started < APPEARS_WITHIN;
                return Ok(match may_come {
                    true => Look::NotYet("not begun".to_owned()),
                    false => Look::Done(None),
                });
            };
            if first.status.is_terminal() {
                return Ok(Look::Done(Some(first)));
            }
            if !asked.get() {
                match once.cancel_deploy(&service.id, &first.id, permit).await {
                    Ok(_) => asked.set(true),
                    Err(error) if error.is_passing() => return Ok(Look::Fault(Fault::from(&error))),
                    // It may have ended just now, or be in a stage that cannot be cancelled: the next look tells.
                    Err(error) if matches!(error.status(), Some(400 | 404 | 409)) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(Look::Near(first.status.to_string()))
        });
        match stopped.await {
            Ok(Some(first)) => {
                tracing::info!("the first deploy {} of {} is {}", first.id, service.name, first.status);
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(Ended::TimedOut(seen)) => {
                Err(Failure::timed_out(format!("the first deploy of {} does not end: {seen}", service.name))
                    .hint("cancel it on the service's page, then run again"))
            }
            Err(Ended::Failed(error)) => {
                Err(Failure::from(error).context(format!("stop the first deploy of {}", service.name)))
            }
        }
    }

    /// The first deploy: by its id, when the creation told it, else the oldest in the list.
    async fn first_deploy(&self, created: &CreatedService) -> Result<Option<Deploy>, http::Error> {
        let (once, service) = (self.render.once(), &created.service.id);
        let Some(id) = &created.deploy_id else {
            return Ok(oldest(once.deploys(service, &DeployFilter::default()).await?.items));
        };
        match once.deploy(service, id).await {
            Err(error) if error.status() == Some(404) => Ok(None),
            found => found.map(Some),
        }
    }

    /// Whether an earlier run has already asked for the deploy that drains: the creation made the first one only. A
    /// list without it is believed at once only while the service was not told to drain, which comes before the asking.
    ///
    /// # Errors
    /// Render's.
    pub(crate) async fn is_begun(&self, service: &Service) -> Result<bool, Failure> {
        let told = self.render.variable(&service.id, DRAIN_AND_EXIT).await;
        let told = told
            .map_err(|error| Failure::from(error).context(format!("read a variable of {}", service.name)))?;
        let (once, started) = (self.render.once(), self.clock.now());
        let schedule = Schedule::new(STOPS_WITHIN, CADENCE).at_once();
        let begun = wait::until(self.clock, schedule, "deploy that drains", async |_| {
            match once.deploys(&service.id, &DeployFilter::default()).await {
                Ok(page) if page.items.len() > 1 => Ok(Look::Done(true)),
                Ok(_) if told.is_some() && self.clock.now() - started < APPEARS_WITHIN => {
                    Ok(Look::NotYet("not listed"))
                }
                Ok(_) => Ok(Look::Done(false)),
                Err(error) if error.is_passing() => Ok(Look::Fault(Fault::from(&error))),
                Err(error) => Err(error),
            }
        });
        let what = || format!("list the deploys of {}", service.name);
        begun.await.map_err(|ended| match ended {
            Ended::Failed(error) => Failure::from(error).context(what()),
            Ended::TimedOut(seen) => Failure::unreachable(format!("{}: {seen}", what())),
        })
    }
}

/// The one that was made first: of those with a time stamp by that, else the last one listed.
fn oldest(deploys: Vec<Deploy>) -> Option<Deploy> {
    deploys.into_iter().rev().min_by_key(|deploy| deploy.created_at)
}

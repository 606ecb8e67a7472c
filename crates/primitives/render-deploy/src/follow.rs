//! Waiting for the end of a deploy.

use std::cell::Cell;

use action::Failure;
use render::{Deploy, Status};
use wait::{Ended, Look, Schedule, TimedOut};

use crate::DeployOutputs;
use crate::run::{Run, look};
use crate::target::shipped;
use crate::words::short;

/// How many looks of one second each a stage near the end gets before looks slow
/// down to the poll interval again. A stage that takes longer than that takes
/// minutes as a rule (migrations, a slow start), and all jobs of a workspace share
/// 400 reads a minute (Render's API reference, rate limiting).
const QUICK_LOOKS_IN_PRE_DEPLOY: u32 = 5;
const QUICK_LOOKS_IN_UPDATE: u32 = 10;

/// A deploy that was there a moment ago may be missing from one answer; missing
/// from this many in a row it is gone.
const MISSING: u32 = 3;

impl Run<'_> {
    /// Looks until the deploy has ended; `deploy` is always what was seen last.
    pub(crate) async fn follow(
        &self,
        deploy: &mut Deploy,
        outputs: &mut DeployOutputs,
    ) -> Result<(), Failure> {
        if deploy.status.is_terminal() {
            return Ok(());
        }
        self.say_what_stays(deploy);
        let id = deploy.id.clone();
        let render = self.render.once();
        let pace = Pace::default();
        let missing = Cell::new(0);
        let schedule = Schedule::new(self.left(), self.job.poll_interval);
        let what = format!("deploy {id}");
        let ended = wait::until(self.context.clock(), schedule, &what, async |_| {
            let seen = render.deploy(&self.service.id, &id).await;
            match self.excuse(seen, &missing)? {
                Ok(seen) => *deploy = seen,
                Err(fault) => return Ok(Look::Fault(fault)),
            }
            self.tell(deploy, outputs);
            Ok::<_, http::Error>(pace.judge(&deploy.status))
        })
        .await;
        match ended {
            Ok(()) => Ok(()),
            Err(Ended::TimedOut(seen)) => Err(self.too_late(deploy, &seen).await),
            Err(Ended::Failed(error)) => Err(Failure::from(error)
                .context(format!("watch deploy {id} of {}", self.name()))
                .hint(format!("the deploy goes on at Render{}", self.page_of(&id)))),
        }
    }

    /// Takes a deploy that is missing from one answer for a passing fault.
    fn excuse(
        &self,
        answer: Result<Deploy, http::Error>,
        missing: &Cell<u32>,
    ) -> Result<Result<Deploy, wait::Fault>, http::Error> {
        match answer {
            Err(error) if error.status() == Some(404) && missing.get() + 1 < MISSING => {
                missing.set(missing.get() + 1);
                Ok(Err(wait::Fault { what: error.to_string(), retry_after: None }))
            }
            answer => {
                missing.set(0);
                look(answer)
            }
        }
    }

    fn say_what_stays(&self, deploy: &Deploy) {
        let page = self.page_of(&deploy.id);
        self.context.leaves_behind(match self.job.begun().is_some() && self.job.cancel_on_interrupt {
            true => format!("this run began deploy {}{page}", deploy.id),
            false => format!("deploy {} goes on at Render{page}; run again to attach to it", deploy.id),
        });
    }

    async fn too_late(&self, deploy: &Deploy, seen: &TimedOut<Status>) -> Failure {
        let still = format!(
            "deploy {} of {} is still {} after {}",
            deploy.id,
            self.name(),
            deploy.status,
            short(self.context.clock().now() - self.started)
        );
        // What becomes of a deploy that is skipped in the queue is not documented.
        let waits = matches!(deploy.status, Status::Created | Status::Queued | Status::Other(_));
        if waits
            && let Some(newer) = self.successor(deploy).await
            && newer.status == Status::Live
        {
            return Failure::stale(format!("{still}, and the newer deploy {} is live", newer.id))
                .hint(format!("{} ships {}{}", newer.id, shipped(&newer), self.page_of(&newer.id)))
                .hint("find out who began it; run again only if this deploy is still wanted");
        }
        let mut failure = Failure::timed_out(still);
        if let Some(fault) = &seen.last_fault {
            let faults = format!("{} of {} looks failed, the last one: {fault}", seen.faults, seen.looks);
            failure = failure.hint(faults);
        }
        failure
            .hint(format!("the deploy goes on at Render{}", self.page_of(&deploy.id)))
            .hint("run again to attach to it, with a longer `timeout` if it usually takes this long")
            .hint("what served before serves until it is live")
    }
}

/// Which looks come quickly.
#[derive(Default)]
struct Pace {
    pre_deploy: Cell<u32>,
    update: Cell<u32>,
}

impl Pace {
    fn judge(&self, status: &Status) -> Look<(), Status> {
        let (used, most) = match status {
            _ if status.is_terminal() => return Look::Done(()),
            Status::PreDeployInProgress => (&self.pre_deploy, QUICK_LOOKS_IN_PRE_DEPLOY),
            Status::UpdateInProgress => (&self.update, QUICK_LOOKS_IN_UPDATE),
            _ => return Look::NotYet(status.clone()),
        };
        used.set(used.get() + 1);
        if used.get() <= most { Look::Near(status.clone()) } else { Look::NotYet(status.clone()) }
    }
}

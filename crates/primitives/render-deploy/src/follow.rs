//! Waiting for the end of a deploy.

use std::cell::Cell;

use action::Failure;
use render::{Deploy, Status};
use wait::{Ended, Look, Schedule, TimedOut};

use crate::DeployOutputs;
use crate::run::{Run, look};
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
    /// Looks until the deploy has ended. `first` is what the last answer said of it.
    pub(crate) async fn follow(&self, first: Deploy, outputs: &mut DeployOutputs) -> Result<Deploy, Failure> {
        if first.status.is_terminal() {
            return Ok(first);
        }
        self.say_what_stays(&first);
        let render = self.render.once();
        let pace = Pace::default();
        let missing = Cell::new(0);
        let schedule = Schedule::new(self.left(), self.job.poll_interval);
        let what = format!("deploy {}", first.id);
        let ended = wait::until(self.context.clock(), schedule, &what, async |_| {
            let deploy = render.deploy(&self.service.id, &first.id).await;
            let deploy = match self.excuse(deploy, &missing)? {
                Ok(deploy) => deploy,
                Err(fault) => return Ok(Look::Fault(fault)),
            };
            self.tell(&deploy, outputs);
            Ok::<_, http::Error>(pace.judge(deploy))
        })
        .await;
        match ended {
            Ok(deploy) => Ok(deploy),
            Err(Ended::TimedOut(seen)) => Err(self.too_late(&first, &seen)),
            Err(Ended::Failed(error)) => Err(Failure::from(error)
                .context(format!("watch deploy {} of {}", first.id, self.name()))
                .hint(format!("the deploy goes on at Render{}", self.page_of(&first.id)))),
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

    fn too_late(&self, deploy: &Deploy, seen: &TimedOut<Status>) -> Failure {
        let status = seen.last.as_ref().unwrap_or(&deploy.status);
        let mut failure = Failure::timed_out(format!(
            "deploy {} of {} is still {status} after {}",
            deploy.id,
            self.name(),
            short(self.context.clock().now() - self.started)
        ));
        if let Some(fault) = &seen.last_fault {
            failure = failure
                .hint(format!("{} of {} looks failed, the last one: {fault}", seen.faults, seen.looks));
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
    fn judge(&self, deploy: Deploy) -> Look<Deploy, Status> {
        let budget = match deploy.status {
            _ if deploy.status.is_terminal() => return Look::Done(deploy),
            Status::PreDeployInProgress => (&self.pre_deploy, QUICK_LOOKS_IN_PRE_DEPLOY),
            Status::UpdateInProgress => (&self.update, QUICK_LOOKS_IN_UPDATE),
            _ => return Look::NotYet(deploy.status),
        };
        let (used, most) = budget;
        used.set(used.get() + 1);
        if used.get() <= most { Look::Near(deploy.status) } else { Look::NotYet(deploy.status) }
    }
}

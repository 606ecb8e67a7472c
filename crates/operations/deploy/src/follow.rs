//! Waiting for the end of a deploy.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use action::Failure;
use render::{Deploy, Status};
use wait::{Ended, Look, Schedule, TimedOut};

use crate::listener::Listener;
use crate::run::{Run, look};
use crate::target::shipped;
use crate::words::short;

/// In the stages before the end a look comes a second after the first sight of the
/// stage. After that a pause is at most this part of the time that the stage has
/// taken so far, so what ends soon is noticed within a second, and what takes long
/// is noticed late by that part only. Looks of one second throughout would be 300
/// in a start of five minutes, and all jobs of a workspace share 400 reads a minute
/// (Render's API reference, rate limiting). The end of the pre-deploy command
/// matters less: it is not what is waited for.
const PART_OF_UPDATE: f64 = 0.25;
const PART_OF_PRE_DEPLOY: f64 = 1.0;

/// The shortest pause between two looks.
const SHORTEST: Duration = Duration::from_secs(1);

/// A deploy that was there a moment ago may be missing from one answer; missing
/// from this many in a row it is gone.
const MISSING: u32 = 3;

impl Run<'_> {
    /// Looks until the deploy has ended; `deploy` is always what was seen last.
    pub(crate) async fn follow(
        &self,
        deploy: &mut Deploy,
        listener: &mut impl Listener,
    ) -> Result<(), Failure> {
        if deploy.status.is_terminal() {
            return Ok(());
        }
        self.say_what_stays(deploy);
        let id = deploy.id.clone();
        let render = self.render.once();
        let pace = Pace::default();
        let missing = Cell::new(0);
        let schedule = Schedule::new(self.left(), self.request.poll_interval);
        let what = format!("deploy {id}");
        let ended = wait::until(self.context.clock(), schedule, &what, async |_| {
            let seen = render.deploy(&self.service.id, &id).await;
            match self.excuse(seen, &missing)? {
                Ok(seen) => *deploy = seen,
                Err(fault) => return Ok(Look::Fault(fault)),
            }
            self.tell(deploy, listener);
            Ok::<_, http::Error>(pace.judge(&deploy.status, self.context.clock().now()))
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
        self.context.leaves_behind(
            match self.request.begun().is_some() && self.request.cancel_on_interrupt {
                true => format!("this run began deploy {}{page}", deploy.id),
                false => format!("deploy {} goes on at Render{page}; run again to attach to it", deploy.id),
            },
        );
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

/// When to look next: by how long the deploy has been where it is.
#[derive(Default)]
struct Pace {
    stage: RefCell<Option<(Status, Instant)>>,
}

impl Pace {
    fn judge(&self, status: &Status, now: Instant) -> Look<(), Status> {
        let part = match status {
            _ if status.is_terminal() => return Look::Done(()),
            Status::PreDeployInProgress => PART_OF_PRE_DEPLOY,
            Status::UpdateInProgress => PART_OF_UPDATE,
            _ => return Look::NotYet(status.clone()),
        };
        let mut stage = self.stage.borrow_mut();
        let since = match &*stage {
            Some((seen, since)) if seen == status => *since,
            _ => now,
        };
        *stage = Some((status.clone(), since));
        Look::Within(status.clone(), SHORTEST.max((now - since).mul_f64(part)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_with_the_time_in_a_stage() {
        let (pace, start) = (Pace::default(), Instant::now());
        let at = |status: Status, second: u64| match pace.judge(&status, start + Duration::from_secs(second))
        {
            Look::Within(_, pause) => pause.as_secs_f64(),
            other => panic!("{other:?}"),
        };
        let pauses = [10, 12, 14, 20].map(|second| at(Status::PreDeployInProgress, second));
        assert_eq!(pauses, [1.0, 2.0, 4.0, 10.0]);
        let pauses = [20, 22, 24, 30, 60].map(|second| at(Status::UpdateInProgress, second));
        assert_eq!(pauses, [1.0, 1.0, 1.0, 2.5, 10.0]);
        assert_eq!(pace.judge(&Status::Queued, start), Look::NotYet(Status::Queued));
        assert_eq!(pace.judge(&Status::Live, start), Look::Done(()));
    }
}

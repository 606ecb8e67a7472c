//! Removing the mark once the deploy is live.

use std::time::Duration;

use action::{Failure, Permit};
use render::Deploy;
use wait::{Ended, Look, Schedule};

use crate::mark::{self, Mark};
use crate::run::{Found, Run, look};

/// How long the service's variables may differ from what was written before
/// somebody else is taken to have changed them: an answer may be stale.
const SETTLES_WITHIN: Duration = Duration::from_secs(10);

const CADENCE: Duration = Duration::from_secs(3);

impl Run<'_> {
    /// Removes the mark, unless the world has changed since it was written. A mark
    /// that cannot be removed is a warning only: the deploy is live, and the next
    /// run removes it.
    ///
    /// # Errors
    /// `stale` when somebody else wrote variables while the deploy was on its way.
    pub(crate) async fn clear(&self, own: &Mark, deploy: &Deploy, permit: &Permit) -> Result<(), Failure> {
        self.context.leaves_behind(format!(
            "deploy {} is live; only {} is left over, and the next run removes it",
            deploy.id,
            mark::KEY
        ));
        let once = self.render.once();
        let schedule = Schedule::new(SETTLES_WITHIN, CADENCE).at_once();
        let what = format!("variables of {}", self.name());
        let checked = wait::until(self.context.clock(), schedule, &what, async |_| {
            Ok::<_, http::Error>(match look(self.compare(&once).await)? {
                Ok(found) => match difference(&found, own) {
                    None => Look::Done(found.mark.is_some()),
                    Some(difference) => Look::NotYet(difference),
                },
                Err(fault) => Look::Fault(fault),
            })
        });
        match checked.await {
            Ok(true) => {
                let removed = self.render.delete_variable(&self.service.id, mark::KEY, permit).await;
                removed.unwrap_or_else(|error| self.keep_mark(&error.to_string()));
                Ok(())
            }
            Ok(false) => Ok(()),
            Err(Ended::TimedOut(seen)) => match seen.last {
                Some(difference) => Err(self.overwritten(&difference, deploy)),
                None => {
                    self.keep_mark(&seen.to_string());
                    Ok(())
                }
            },
            Err(Ended::Failed(error)) => {
                self.keep_mark(&error.to_string());
                Ok(())
            }
        }
    }

    fn overwritten(&self, difference: &str, deploy: &Deploy) -> Failure {
        Failure::stale(format!("{difference} of {} while deploy {} was on its way", self.name(), deploy.id))
            .hint("the deploy is live, but whether it carries the variables that were asked for is not known")
            .hint("let one job at a time deploy a service (`concurrency:`), and run again")
    }

    fn keep_mark(&self, problem: &str) {
        self.context.warn(&format!(
            "the deploy is live, but {} of {} could not be removed: {problem}; the next run removes it",
            mark::KEY,
            self.name()
        ));
    }
}

/// What somebody else did to the variables, before "of srv-1 (api)".
fn difference(found: &Found, own: &Mark) -> Option<String> {
    if let Some(change) = found.changes.first() {
        return Some(format!("somebody else changed {}", change.key));
    }
    match &found.mark {
        Some(mark) if mark != own => Some(format!("another run replaced {}", mark::KEY)),
        _ => None,
    }
}

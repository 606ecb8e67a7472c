//! Whether a rehearsal ended as promised.

use anyhow::Result;

use crate::estate::{Estate, REPOSITORY, STAGING_SUCCESS};
use crate::visitors::{Colour, Counts, Report};
use crate::workflow_run::{Conclusion, Job, Run};

use super::play::colour_of;
use super::scenario::{Act, Place, Promise};

/// The share of visitors whose resolvers hold on to old answers, with room for
/// chance: at the end no more than this share may see another colour.
const STRAGGLERS: f64 = 0.35;

/// What was not as promised, if anything.
#[derive(Debug, Default)]
pub(super) struct Verdict(Vec<String>);

impl Verdict {
    /// Adds an objection.
    pub(super) fn object(&mut self, objection: String) {
        self.0.push(objection);
    }

    /// All of them.
    pub(super) fn into_objections(self) -> Vec<String> {
        self.0
    }

    fn hold(&mut self, holds: bool, objection: impl FnOnce() -> String) {
        if !holds {
            self.object(objection());
        }
    }

    /// The run, and each of its jobs, ended as the act promises.
    pub(super) fn run(&mut self, act: &Act, run: &Run) {
        let promise = &act.promise;
        self.hold(run.conclusion == promise.conclusion, || {
            format!("{} ended with {}, not with {}", run.file, run.conclusion, promise.conclusion)
        });
        for job in &run.jobs {
            let failing = promise.failing.filter(|(name, _)| *name == job.id);
            let wanted = match failing {
                Some(_) => Conclusion::Failure,
                None if promise.succeeding.contains(&job.id.as_str()) => Conclusion::Success,
                None => Conclusion::Skipped,
            };
            self.hold(job.conclusion == wanted, || {
                format!("the job {} ended with {}, not with {wanted}", job.id, job.conclusion)
            });
            if let Some((_, code)) = failing {
                let failed = job.steps.iter().find(|step| step.outcome == Conclusion::Failure);
                let found = failed.and_then(|step| step.exit_code);
                self.hold(found == Some(code), || {
                    format!("the job {} failed with the exit code {found:?}, not {code}", job.id)
                });
            }
        }
        for (job, words) in promise.says {
            // As it reads on the page: Markdown's escapes are not seen there.
            let summary = run.job(job).map(Job::summary).unwrap_or_default().replace('\\', "");
            self.hold(summary.contains(words), || {
                format!("the summary of the job {job} does not say {words:?}; it says: {summary}")
            });
        }
        let names: Vec<_> = run.jobs.iter().map(|job| job.id.as_str()).collect();
        for name in promise.succeeding.iter().filter(|name| !names.contains(*name)) {
            self.object(format!("{} has no job {name}", run.file));
        }
    }

    /// Runs that were started at once went one after the other, in order.
    pub(super) fn queue(&mut self, runs: &[Run]) {
        for (earlier, later) in runs.iter().zip(runs.iter().skip(1)) {
            self.hold(later.queued < earlier.ended, || {
                format!("run {} came when run {} had ended already", later.id, earlier.id)
            });
            // A run makes room for the next one a moment before it is over itself: its jobs count.
            let worked = earlier.jobs.iter().map(|job| job.ended).max();
            self.hold(worked.is_some() && later.started >= worked, || {
                format!("run {} did not wait for the end of run {}", later.id, earlier.id)
            });
        }
    }

    /// Where the names point and what production's ledger holds when a run is over.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub(super) fn after(&mut self, promise: &Promise, estate: &Estate) -> Result<()> {
        for (target, colour) in promise.colours {
            let Some(host) = estate.target(target).ok().and_then(|target| target.host.clone()) else {
                self.object(format!("{target} has no public name"));
                continue;
            };
            let points_at = estate.platform.target_of(&host);
            self.hold(colour_of(&points_at) == colour.to_string(), || {
                format!("{host} points at {points_at}, not at {colour}")
            });
        }
        let rows = estate.production.rows()?;
        let states: Vec<_> = rows.iter().map(|row| row.state.as_str()).collect();
        self.hold(states == promise.ledger, || {
            format!("the ledger says {states:?}, not {:?}", promise.ledger)
        });
        Ok(())
    }

    /// In the end the visitors of every public name are on the promised colour.
    pub(super) fn visits(&mut self, promise: &Promise, estate: &Estate, last: &Counts) {
        for (target, colour) in promise.colours {
            let Some(host) = estate.target(target).ok().and_then(|target| target.host.clone()) else {
                continue;
            };
            let tally = last.by_host.get(&host).map(|counts| counts.total).unwrap_or_default();
            let (right, wrong) = match colour {
                Colour::Blue => (tally.blue, tally.green),
                Colour::Green => (tally.green, tally.blue),
            };
            #[expect(clippy::cast_precision_loss, reason = "a second holds few visits")]
            let share = wrong as f64 / (right + wrong).max(1) as f64;
            self.hold(right > 0 && share <= STRAGGLERS, || {
                format!("in the end {wrong} of {} visits of {host} were not on {colour}", right + wrong)
            });
        }
    }

    /// What only staging or only production leaves behind: the marker on a commit.
    pub(super) fn place(&mut self, place: Place, estate: &Estate, runs: &[Run]) {
        let context = match place {
            Place::Staging => STAGING_SUCCESS,
            Place::Production => "production-success",
        };
        for run in runs {
            let statuses = estate.github.statuses(REPOSITORY, &run.event.commit);
            let marked = statuses.iter().any(|status| status.context == context && status.state == "success");
            let wanted = run.conclusion == Conclusion::Success;
            self.hold(marked == wanted, || {
                let not = if wanted { " not" } else { "" };
                format!("the commit of run {} is{not} marked {context}", run.id)
            });
        }
    }

    /// Nobody noticed.
    pub(super) fn visitors(&mut self, report: &Report) {
        self.hold(report.total.failed == 0, || {
            format!("{} requests of visitors failed", report.total.failed)
        });
        for (host, seen) in &report.hosts {
            self.hold(seen.counts.total.visits() > 0, || format!("nobody ever asked for {host}"));
        }
    }
}

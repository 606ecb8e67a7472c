//! Whether a rehearsal ended as promised.

use anyhow::Result;

use crate::estate::{Estate, REPOSITORY, STAGING_SUCCESS};
use crate::visitors::{Counts, Report};
use crate::workflow_run::{Conclusion, Job, Run};

use super::names::colour_of;
use super::scenario::{Act, Place, Promise};

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

    /// Whether everything was as promised so far.
    pub(super) fn is_clean(&self) -> bool {
        self.0.is_empty()
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
                None if promise.cancelled.contains(&job.id.as_str()) => Conclusion::Cancelled,
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
        for (job, word) in promise.results {
            let steps = run.job(job).map(|job| job.steps.as_slice()).unwrap_or_default().iter();
            let last = steps.rev().map(|step| step.output("result")).find(|word| !word.is_empty());
            self.hold(last == Some(*word), || format!("the job {job} ended as {last:?}, not as {word}"));
        }
        for (job, words) in promise.says {
            // As it reads on the page: Markdown's escapes are not seen there.
            let summary = run.job(job).map(Job::summary).unwrap_or_default().replace('\\', "");
            self.hold(summary.contains(words), || {
                format!("the summary of the job {job} does not say {words:?}; it says: {summary}")
            });
        }
        for (job, leak) in run.jobs.iter().flat_map(|job| job.leaks.iter().map(move |leak| (job, leak))) {
            self.object(format!("the job {} shows a secret: {leak}", job.id));
        }
        let names: Vec<_> = run.jobs.iter().map(|job| job.id.as_str()).collect();
        let wanted = promise.succeeding.iter().chain(promise.cancelled);
        for name in wanted.filter(|name| !names.contains(*name)) {
            self.object(format!("{} has no job {name}", run.file));
        }
    }

    /// Runs of one workflow that were started at once went one after the other, in order.
    pub(super) fn queue(&mut self, runs: &[Run]) {
        for (at, earlier) in runs.iter().enumerate() {
            let Some(later) = runs[at + 1..].iter().find(|later| later.file == earlier.file) else {
                continue;
            };
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

    /// Where the names point, what the ledgers hold, what is published and what runs in staging when a run is over.
    ///
    /// # Errors
    /// A ledger cannot be read, or a service has gone.
    pub(super) fn after(&mut self, act: &Act, run: &Run, estate: &Estate) -> Result<()> {
        self.names(&act.promise, estate);
        for (place, database, wanted) in [
            (Place::Production, &estate.production, act.promise.ledger),
            (Place::Staging, &estate.staging, act.promise.staging),
        ] {
            let rows = database.rows()?;
            let states: Vec<_> = rows.iter().map(|row| row.state.as_str()).collect();
            let place = place.word();
            self.hold(states == wanted, || format!("the ledger of {place} says {states:?}, not {wanted:?}"));
        }
        self.sites(&act.promise, run, estate);
        if act.place == Place::Staging { self.in_place(run, estate) } else { Ok(()) }
    }

    /// What of the commit is published.
    fn sites(&mut self, promise: &Promise, run: &Run, estate: &Estate) {
        let sites = estate.pages.sites();
        let ours = sites.iter().filter(|site| site.commit == run.event.commit);
        let mut published: Vec<_> = ours.map(|site| (site.project.as_str(), site.branch.as_str())).collect();
        published.sort_unstable();
        let wanted = promise.published;
        self.hold(published == wanted, || format!("{published:?} is published, not {wanted:?}"));
    }

    /// What a job deployed to staging is what runs there.
    fn in_place(&mut self, run: &Run, estate: &Estate) -> Result<()> {
        for target in &estate.targets {
            if run.job(target.name).is_none_or(|job| job.conclusion != Conclusion::Success) {
                continue;
            }
            let live = estate.platform.render.live_deploy(&target.staging)?;
            let commit = live.as_ref().and_then(|deploy| deploy.commit());
            self.hold(commit == Some(&run.event.commit), || {
                format!("{} runs {commit:?} in staging, not {}", target.name, run.event.commit)
            });
        }
        Ok(())
    }

    fn names(&mut self, promise: &Promise, estate: &Estate) {
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
    }

    /// In the end the visitors of every public name are on the promised colour.
    pub(super) fn visits(&mut self, promise: &Promise, estate: &Estate, last: &Counts) {
        for (target, colour) in promise.colours {
            let Some(host) = estate.target(target).ok().and_then(|target| target.host.clone()) else {
                continue;
            };
            let tally = last.by_host.get(&host).map(|counts| counts.total).unwrap_or_default();
            let served = tally.blue + tally.green;
            self.hold(tally.is_on(colour), || {
                let wrong = served - tally.of_colour(colour);
                format!("in the end {wrong} of {served} visits of {host} were not on {colour}")
            });
        }
    }

    /// A commit is marked, by staging and by production each, when a run of it has succeeded there, and not before.
    pub(super) fn marks(&mut self, estate: &Estate, runs: &[Run]) {
        for (place, context) in [(Place::Staging, STAGING_SUCCESS), (Place::Production, "production-success")]
        {
            let ours = || runs.iter().filter(|run| run.file == place.file());
            for run in ours() {
                let commit = &run.event.commit;
                let passed =
                    ours().any(|run| run.event.commit == *commit && run.conclusion == Conclusion::Success);
                let statuses = estate.github.statuses(REPOSITORY, commit);
                let marked =
                    statuses.iter().any(|status| status.context == context && status.state == "success");
                self.hold(marked == passed, || {
                    let not = if passed { " not" } else { "" };
                    format!("the commit of run {} is{not} marked {context}", run.id)
                });
            }
        }
    }

    /// Every fault that a scenario set up was met: it cannot pass because its fault missed.
    pub(super) fn faults(&mut self, estate: &Estate) {
        for faults in [estate.platform.cloudflare_faults(), estate.platform.render_faults()] {
            for unmet in faults.unfired() {
                self.object(format!("nothing ever met the fault {unmet}"));
            }
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

//! How much of a run's time was ours: on its critical path, without what its steps waited for others.

use std::time::{Duration, Instant};

use crate::workflow_run::{Conclusion, Job, Run, Step};

/// The run's time from its first job to its last one, without the waits of the steps on its critical path: each
/// wait is a pause between two questions, so it holds both what the vendors took and the polling.
///
/// `None` for a run that did not succeed, or in which a step with a process of the suite said nothing of its waits
/// (they are said at debug level).
pub(super) fn own_time(run: &Run) -> Option<Duration> {
    if run.conclusion != Conclusion::Success {
        return None;
    }
    let path = critical_path(run);
    let (last, first) = (path.first()?, path.last()?);
    let waits = path.iter().flat_map(|job| &job.steps).map(waited);
    let waited: Duration = waits.sum::<Option<_>>()?;
    Some(last.ended.saturating_duration_since(first.started?).saturating_sub(waited))
}

/// The job that ended last, the one that it waited for longest, and so on to the first.
fn critical_path(run: &Run) -> Vec<&Job> {
    let ran = || run.jobs.iter().filter(|job| job.started.is_some());
    let ended_last = |before: Option<Instant>| {
        let jobs = ran().filter(move |job| before.is_none_or(|before| job.ended <= before));
        jobs.max_by_key(|job| job.ended)
    };
    let last = ended_last(None);
    std::iter::successors(last, |job| ended_last(Some(job.ready))).collect()
}

/// How long a step waited; nothing for one that does not run a primitive, and `None` for a primitive that does not
/// say.
fn waited(step: &Step) -> Option<Duration> {
    let own = step.uses.as_ref().is_some_and(|uses| uses.starts_with("$/"));
    if !own || step.outcome == Conclusion::Skipped {
        return Some(Duration::ZERO);
    }
    let said = step.log.lines().rev().find_map(|line| line.strip_prefix("debug: waited "))?;
    let seconds = said.split_once(" s of ")?.0.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow_run::{Event, EventKind, Reference};

    fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    fn step(start: Instant, uses: &str, log: &str) -> Step {
        Step {
            number: 1,
            id: None,
            name: String::new(),
            uses: Some(uses.to_owned()),
            outcome: Conclusion::Success,
            conclusion: Conclusion::Success,
            started: start,
            ended: start,
            exit_code: Some(0),
            outputs: [].into(),
            summary: String::new(),
            log: log.to_owned(),
            annotations: Vec::new(),
        }
    }

    fn job(start: Instant, id: &str, times: [u64; 3], steps: Vec<Step>) -> Job {
        let [ready, started, ended] = times.map(|time| start + ms(time));
        Job {
            id: id.to_owned(),
            attempt: 1,
            environment: None,
            conclusion: Conclusion::Success,
            ready,
            started: Some(started),
            ended,
            steps,
            outputs: [].into(),
            annotations: Vec::new(),
            survivors: Vec::new(),
            leaks: Vec::new(),
        }
    }

    /// `short` and `long` begin side by side; `last` waits for both.
    fn run(start: Instant, log: &str) -> Run {
        let action = |log: &str| vec![step(start, "$/actions/version-poll", log)];
        let jobs = vec![
            job(start, "first", [0, 10, 100], vec![step(start, "actions/checkout@v6", "")]),
            job(start, "short", [100, 110, 500], action("debug: waited 0.300 s of 0.390 s\n")),
            job(start, "long", [100, 110, 3000], action(log)),
            job(start, "last", [3000, 3010, 3200], action("debug: waited 0.000 s of 0.200 s\n")),
        ];
        let reference = Reference::Tag("prod-1".to_owned());
        Run {
            id: 1,
            number: 1,
            attempt: 1,
            file: "deploy-prod.yml".to_owned(),
            event: Event { kind: EventKind::Push, commit: "0".repeat(40), reference },
            conclusion: Conclusion::Success,
            remark: None,
            queued: start,
            started: Some(start),
            ended: start + ms(3300),
            jobs,
        }
    }

    #[test]
    fn waits_on_the_critical_path_are_not_ours() {
        let run = run(Instant::now(), "polling\ndebug: waited 2.500 s of 2.890 s\n");
        let path: Vec<_> = critical_path(&run).iter().map(|job| job.id.as_str()).collect();
        assert_eq!(path, ["last", "long", "first"]);
        assert_eq!(own_time(&run), Some(ms(3190 - 2500)));
    }

    #[test]
    fn a_run_that_failed_or_keeps_quiet_is_not_measured() {
        let start = Instant::now();
        assert_eq!(own_time(&run(start, "polling\n")), None);
        let failed =
            Run { conclusion: Conclusion::Failure, ..run(start, "debug: waited 2.500 s of 2.890 s\n") };
        assert_eq!(own_time(&failed), None);
    }
}

//! What one look at the workers found.

use std::fmt;
use std::time::Duration;

use action::markdown;
use postgres::ledger::Worker;

/// The state that counts (runbook step 9).
const RUNNING: &str = "running";

/// How many workers one line names.
const NAMED: usize = 8;

/// The workers of a generation.
#[derive(Debug)]
pub(crate) struct Seen {
    workers: Vec<Worker>,
    max_age: Duration,
}

/// Why a worker counts, or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Fresh,
    Silent,
    NotRunning,
}

impl Seen {
    pub(crate) const fn new(workers: Vec<Worker>, max_age: Duration) -> Self {
        Self { workers, max_age }
    }

    /// How many are running with a fresh heartbeat.
    pub(crate) fn fresh(&self) -> u32 {
        let fresh = self.workers.iter().filter(|worker| self.verdict(worker) == Verdict::Fresh).count();
        u32::try_from(fresh).unwrap_or(u32::MAX)
    }

    fn verdict(&self, worker: &Worker) -> Verdict {
        if worker.state.as_deref() != Some(RUNNING) {
            Verdict::NotRunning
        } else if worker.age.is_some_and(|age| age <= self.max_age) {
            Verdict::Fresh
        } else {
            Verdict::Silent
        }
    }

    /// One row a worker, for the job summary.
    pub(crate) fn table(&self, generation: u64) -> String {
        let rows = self.workers.iter().map(|worker| {
            let age = worker.age.map_or_else(|| "never".to_owned(), |age| format!("{} ago", short(age)));
            let counts = if self.verdict(worker) == Verdict::Fresh { "yes" } else { "no" };
            [markdown::code(&worker.id), markdown::text(state(worker)), age, counts.to_owned()]
        });
        let table = markdown::table(["Worker", "State", "Heartbeat", "Counts"], rows);
        let table = if self.workers.is_empty() { "None has reported itself.\n".to_owned() } else { table };
        format!("### Workers of generation {generation}\n\n{table}")
    }
}

impl fmt::Display for Seen {
    /// Without ages, which change with every look and say nothing new.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.workers.is_empty() {
            return f.write_str("no worker has reported itself");
        }
        write!(f, "{} of {} at work", self.fresh(), self.workers.len())?;
        for (index, worker) in self.workers.iter().take(NAMED).enumerate() {
            f.write_str(if index == 0 { ": " } else { ", " })?;
            match self.verdict(worker) {
                Verdict::Fresh => write!(f, "{} running", worker.id)?,
                Verdict::Silent => write!(f, "{} running but silent", worker.id)?,
                Verdict::NotRunning => write!(f, "{} {}", worker.id, state(worker))?,
            }
        }
        if self.workers.len() > NAMED { f.write_str(", ...") } else { Ok(()) }
    }
}

fn state(worker: &Worker) -> &str {
    worker.state.as_deref().unwrap_or("without a state")
}

/// A duration in whole seconds, for people.
fn short(duration: Duration) -> humantime::FormattedDuration {
    humantime::format_duration(Duration::from_secs(duration.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worker(id: &str, state: Option<&str>, age: Option<u64>) -> Worker {
        Worker { id: id.to_owned(), state: state.map(str::to_owned), age: age.map(Duration::from_secs) }
    }

    #[test]
    fn only_running_and_fresh_counts() {
        let workers = vec![
            worker("a", Some("running"), Some(30)),
            worker("b", Some("running"), Some(31)),
            worker("c", Some("Running"), Some(0)),
            worker("d", Some("running"), None),
            worker("e", None, Some(0)),
        ];
        let seen = Seen::new(workers, Duration::from_secs(30));
        assert_eq!(seen.fresh(), 1);
        assert_eq!(
            seen.to_string(),
            "1 of 5 at work: a running, b running but silent, c Running, d running but silent, e without a state"
        );
        assert_eq!(Seen::new(Vec::new(), Duration::ZERO).to_string(), "no worker has reported itself");
        let many = (0..9).map(|number| worker(&number.to_string(), None, None)).collect();
        assert!(Seen::new(many, Duration::ZERO).to_string().ends_with("7 without a state, ..."));
    }
}

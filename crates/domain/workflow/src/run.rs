//! The job graph: which jobs of a run start, and when, by GitHub's rules.
//!
//! | rule | source |
//! |---|---|
//! | a job waits until every job in its `needs` has ended | GitHub, "Workflow syntax", `jobs.<job_id>.needs` |
//! | without a status function in its `if`, `success()` is part of it | GitHub, "Evaluate expressions", "Status check functions" |
//! | `success()` is true when every job that it needs, directly or not, succeeded; a skipped one counts as well | "Workflow syntax", `jobs.<job_id>.needs`; actions/runner, issues 491 and 2205 |
//! | `failure()` is true when any of these failed | "Evaluate expressions", `failure` |
//! | a cancellation asks the `if` of every job that runs once more | GitHub, "Workflow cancellation" |

use std::collections::BTreeSet;
use std::fmt;

use crate::expression::{Contexts, EvaluationError, Scope, StatusFunction};
use crate::value::{Object, Value};
use crate::workflow::{Job, Workflow};

/// How a job, a step or a run ended: `needs.<job>.result`, `steps.<id>.conclusion`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Conclusion {
    /// `success`
    Success,
    /// `failure`
    Failure,
    /// `cancelled`
    Cancelled,
    /// `skipped`
    Skipped,
}

impl fmt::Display for Conclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
        })
    }
}

/// What becomes of a job whose turn has come.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It starts, and [`Run::finish`] is owed its end.
    Start,
    /// Its `if` is false: it has ended as [`Conclusion::Skipped`].
    Skip,
    /// Its `if` has no value: it has ended as [`Conclusion::Failure`] without a step.
    Fail(EvaluationError),
}

/// An end was told of a job that was not running.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the job `{0}` is not running")]
pub struct NotRunning(pub String);

/// One run of a workflow: where each of its jobs stands.
#[derive(Clone, Debug)]
pub struct Run<'w> {
    workflow: &'w Workflow,
    contexts: Contexts,
    /// One for each job, in the order of the file.
    states: Vec<State>,
    cancelled: bool,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum State {
    Waiting,
    Running,
    Ended { conclusion: Conclusion, outputs: Vec<(String, String)> },
}

impl State {
    fn ended(conclusion: Conclusion) -> Self {
        Self::Ended { conclusion, outputs: Vec::new() }
    }
}

impl<'w> Run<'w> {
    /// A run in which nothing has begun. `contexts` are `github`, `vars` and `inputs`, of the repository and not of
    /// an environment, since that is what the `if` of a job can see.
    #[must_use]
    pub fn new(workflow: &'w Workflow, contexts: Contexts) -> Self {
        let states = vec![State::Waiting; workflow.jobs.len()];
        Self { workflow, contexts, states, cancelled: false }
    }

    /// The jobs whose turn has come, with what becomes of them, in the order in which that was decided. Asked again
    /// without an end in between, it has none.
    #[expect(
        clippy::should_implement_trait,
        reason = "several jobs a turn, and more after an end: no iterator"
    )]
    pub fn next(&mut self) -> Vec<(&'w Job, Verdict)> {
        let mut decided = Vec::new();
        // A job that is skipped has ended, so others may have their turn.
        while let Some(index) = self.ready() {
            let job = &self.workflow.jobs[index];
            let verdict = match self.holds(job) {
                Ok(true) => Verdict::Start,
                Ok(false) => Verdict::Skip,
                Err(error) => Verdict::Fail(error),
            };
            self.states[index] = match verdict {
                Verdict::Start => State::Running,
                Verdict::Skip => State::ended(Conclusion::Skipped),
                Verdict::Fail(_) => State::ended(Conclusion::Failure),
            };
            decided.push((job, verdict));
        }
        decided
    }

    /// A running job has ended.
    ///
    /// # Errors
    /// There is no such job, or it is not running.
    pub fn finish(
        &mut self,
        job: &str,
        conclusion: Conclusion,
        outputs: Vec<(String, String)>,
    ) -> Result<(), NotRunning> {
        let index = self.workflow.jobs.iter().position(|known| known.id == job);
        let running = index.filter(|&index| self.states[index] == State::Running);
        let index = running.ok_or_else(|| NotRunning(job.to_owned()))?;
        self.states[index] = State::Ended { conclusion, outputs };
        Ok(())
    }

    /// Somebody cancels the run. Returns the running jobs that are to be cancelled: those whose `if` does not hold
    /// now. Their ends are still owed; the other jobs that run go on.
    pub fn cancel(&mut self) -> Vec<&'w Job> {
        self.cancelled = true;
        let jobs = self.workflow.jobs.iter().zip(&self.states);
        jobs.filter(|(_, state)| **state == State::Running)
            .map(|(job, _)| job)
            .filter(|job| self.holds(job) != Ok(true))
            .collect()
    }

    /// Whether somebody cancelled it.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled
    }

    /// How a job ended; `None` while it waits or runs, and for a job that does not exist.
    #[must_use]
    pub fn conclusion_of(&self, job: &str) -> Option<Conclusion> {
        match self.state(job)? {
            State::Ended { conclusion, .. } => Some(*conclusion),
            State::Waiting | State::Running => None,
        }
    }

    /// How the whole run ended, when every job has: a failure outweighs a cancellation, and a run of which every job
    /// was skipped is skipped.
    #[must_use]
    pub fn conclusion(&self) -> Option<Conclusion> {
        let ends: Option<BTreeSet<Conclusion>> =
            self.workflow.jobs.iter().map(|job| self.conclusion_of(&job.id)).collect();
        let ends = ends?;
        if self.cancelled {
            return Some(Conclusion::Cancelled);
        }
        let order = [Conclusion::Failure, Conclusion::Cancelled, Conclusion::Success];
        Some(order.into_iter().find(|end| ends.contains(end)).unwrap_or(Conclusion::Skipped))
    }

    /// The context `needs` of a job: result and outputs of each job in its own `needs`, and of no other.
    #[must_use]
    pub fn needs(&self, job: &Job) -> Value {
        let entries = job.needs.iter().filter_map(|needed| match self.state(needed)? {
            State::Ended { conclusion, outputs } => Some((needed.clone(), need(*conclusion, outputs))),
            State::Waiting | State::Running => None,
        });
        Value::Object(entries.collect())
    }

    fn state(&self, job: &str) -> Option<&State> {
        let index = self.workflow.jobs.iter().position(|known| known.id == job)?;
        self.states.get(index)
    }

    /// The first waiting job whose `needs` have all ended.
    fn ready(&self) -> Option<usize> {
        let is_ready = |(job, state): (&Job, &State)| {
            *state == State::Waiting && job.needs.iter().all(|needed| self.conclusion_of(needed).is_some())
        };
        self.workflow.jobs.iter().zip(&self.states).position(is_ready)
    }

    fn holds(&self, job: &Job) -> Result<bool, EvaluationError> {
        let scope = JobScope { run: self, job, needs: self.needs(job) };
        match &job.condition {
            Some(condition) => condition.holds(&scope),
            None => Ok(scope.success()),
        }
    }

    /// How every job that this one needs, directly or not, ended.
    fn ends_above(&self, job: &Job) -> Vec<Conclusion> {
        let mut found = BTreeSet::new();
        let mut open: Vec<&str> = job.needs.iter().map(String::as_str).collect();
        while let Some(id) = open.pop() {
            if found.insert(id) {
                let above = self.workflow.job(id).into_iter().flat_map(|job| &job.needs);
                open.extend(above.map(String::as_str));
            }
        }
        found.into_iter().filter_map(|id| self.conclusion_of(id)).collect()
    }
}

fn need(conclusion: Conclusion, outputs: &[(String, String)]) -> Value {
    let outputs: Object =
        outputs.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    let entries = [
        ("result".to_owned(), Value::from(conclusion.to_string())),
        ("outputs".to_owned(), Value::Object(outputs)),
    ];
    Value::Object(entries.into_iter().collect())
}

/// What the `if` of a job sees.
struct JobScope<'r, 'w> {
    run: &'r Run<'w>,
    job: &'r Job,
    needs: Value,
}

impl JobScope<'_, '_> {
    fn success(&self) -> bool {
        !self.run.cancelled && self.run.ends_above(self.job).iter().all(|end| *end == Conclusion::Success)
    }

    fn failure(&self) -> bool {
        !self.run.cancelled && self.run.ends_above(self.job).contains(&Conclusion::Failure)
    }
}

impl Scope for JobScope<'_, '_> {
    fn context(&self, name: &str) -> Option<Value> {
        if name.eq_ignore_ascii_case("needs") {
            return Some(self.needs.clone());
        }
        self.run.contexts.context(name)
    }

    fn status(&self, function: StatusFunction) -> Option<bool> {
        Some(match function {
            StatusFunction::Always => true,
            StatusFunction::Cancelled => self.run.cancelled,
            StatusFunction::Failure => self.failure(),
            StatusFunction::Success => self.success(),
        })
    }
}

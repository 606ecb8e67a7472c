//! The steps of a job: which of them run, by GitHub's rules.
//!
//! | rule | source |
//! |---|---|
//! | one after the other; without a status function in its `if`, `success()` is part of it | GitHub, "Evaluate expressions", "Status check functions" |
//! | `success()` and `failure()` ask how the job stands: the worst conclusion of an earlier step | actions/runner, `SuccessFunction.cs`, `FailureFunction.cs`, `StepsRunner.cs` |
//! | `outcome` is what happened, `conclusion` what counts once `continue-on-error` is applied | GitHub, "Contexts reference", `steps` |
//! | an `if` that has no value fails the step, `continue-on-error` or not | actions/runner, `StepsRunner.cs` |
//! | a cancellation asks the `if` of the step that runs once more, and that of each later one when its turn comes | GitHub, "Workflow cancellation"; `StepsRunner.cs` |

use crate::expression::{EvaluationError, Scope, StatusFunction};
use crate::run::Conclusion;
use crate::value::{Object, Value};
use crate::workflow::{Job, Step};

/// What becomes of the step whose turn it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum StepVerdict {
    /// It runs, and [`StepRun::finish`] is owed its end.
    Run,
    /// Its `if` is false: it has ended as [`Conclusion::Skipped`].
    Skip,
    /// Its `if` has no value: it has ended as [`Conclusion::Failure`].
    Fail(EvaluationError),
}

/// One run of a job's steps.
#[derive(Clone, Debug)]
pub struct StepRun<'w> {
    job: &'w Job,
    /// Of the steps that have ended, in order.
    ended: Vec<Ended>,
    running: bool,
    /// How the job stands.
    status: Conclusion,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Ended {
    outcome: Conclusion,
    conclusion: Conclusion,
    outputs: Vec<(String, String)>,
}

impl<'w> StepRun<'w> {
    /// The steps of a job that starts.
    #[must_use]
    pub fn new(job: &'w Job) -> Self {
        Self { job, ended: Vec::new(), running: false, status: Conclusion::Success }
    }

    /// The step whose turn it is, or that is running; `None` after the last.
    #[must_use]
    pub fn current(&self) -> Option<&'w Step> {
        self.job.steps.get(self.ended.len())
    }

    /// Decides the step whose turn it is; `None` after the last and while one runs. `scope` has every context of the
    /// step but `steps`, which comes from here, as do the status functions.
    pub fn next(&mut self, scope: &dyn Scope) -> Option<(&'w Step, StepVerdict)> {
        let step = self.current().filter(|_| !self.running)?;
        let verdict = match self.holds(step, scope) {
            Ok(true) => StepVerdict::Run,
            Ok(false) => StepVerdict::Skip,
            Err(error) => StepVerdict::Fail(error),
        };
        match verdict {
            StepVerdict::Run => self.running = true,
            StepVerdict::Skip => self.end(Conclusion::Skipped, Conclusion::Skipped, Vec::new()),
            StepVerdict::Fail(_) => self.end(Conclusion::Failure, Conclusion::Failure, Vec::new()),
        }
        Some((step, verdict))
    }

    /// The running step has ended: `outcome` is what happened, a timeout being a failure. Without a running step
    /// nothing happens.
    pub fn finish(&mut self, outcome: Conclusion, outputs: Vec<(String, String)>) {
        let Some(step) = self.current().filter(|_| self.running) else { return };
        let forgiven = step.continue_on_error && outcome == Conclusion::Failure;
        let conclusion = if forgiven { Conclusion::Success } else { outcome };
        self.running = false;
        self.end(outcome, conclusion, outputs);
    }

    /// The job is to be cancelled. Returns whether the running step is to be stopped, which it is unless its `if`
    /// still holds; its end is owed either way.
    pub fn cancel(&mut self, scope: &dyn Scope) -> bool {
        self.status = Conclusion::Cancelled;
        let running = self.current().filter(|_| self.running);
        running.is_some_and(|step| self.holds(step, scope) != Ok(true))
    }

    /// How the job stands, and how it ended when no step is left: success, failure or cancelled; `job.status`.
    #[must_use]
    pub fn status(&self) -> Conclusion {
        self.status
    }

    /// The context `steps`: outputs, outcome and conclusion of the steps that have ended and have an id.
    #[must_use]
    pub fn context(&self) -> Value {
        let steps = self.job.steps.iter().zip(&self.ended);
        let entries = steps.filter_map(|(step, ended)| Some((step.id.clone()?, ended.context())));
        Value::Object(entries.collect())
    }

    fn end(&mut self, outcome: Conclusion, conclusion: Conclusion, outputs: Vec<(String, String)>) {
        self.ended.push(Ended { outcome, conclusion, outputs });
        let worsens = matches!(
            (self.status, conclusion),
            (Conclusion::Success, Conclusion::Failure | Conclusion::Cancelled)
                | (Conclusion::Failure, Conclusion::Cancelled)
        );
        if worsens {
            self.status = conclusion;
        }
    }

    fn holds(&self, step: &Step, scope: &dyn Scope) -> Result<bool, EvaluationError> {
        let scope = StepScope { run: self, scope, steps: self.context() };
        match &step.condition {
            Some(condition) => condition.holds(&scope),
            None => Ok(self.status == Conclusion::Success),
        }
    }
}

impl Ended {
    fn context(&self) -> Value {
        let outputs: Object =
            self.outputs.iter().map(|(name, value)| (name.as_str(), Value::from(value.as_str()))).collect();
        let entries = [
            ("outputs", Value::Object(outputs)),
            ("outcome", Value::from(self.outcome.to_string())),
            ("conclusion", Value::from(self.conclusion.to_string())),
        ];
        Value::Object(entries.into_iter().collect())
    }
}

/// What the `if` of a step sees.
struct StepScope<'r, 'w> {
    run: &'r StepRun<'w>,
    scope: &'r dyn Scope,
    steps: Value,
}

impl Scope for StepScope<'_, '_> {
    fn context(&self, name: &str) -> Option<Value> {
        if name.eq_ignore_ascii_case("steps") {
            return Some(self.steps.clone());
        }
        self.scope.context(name)
    }

    fn status(&self, function: StatusFunction) -> Option<bool> {
        let status = self.run.status;
        Some(match function {
            StatusFunction::Always => true,
            StatusFunction::Cancelled => status == Conclusion::Cancelled,
            StatusFunction::Failure => status == Conclusion::Failure,
            StatusFunction::Success => status == Conclusion::Success,
        })
    }
}

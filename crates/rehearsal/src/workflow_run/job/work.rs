//! A job at work: its steps, one after the other, and its outputs.

use std::collections::BTreeMap;
use std::time::Instant;

use workflow::expression::{Contexts, Scope, StatusFunction};
use workflow::permissions::Permissions;
use workflow::value::Value;
use workflow::workflow as file;
use workflow::{Conclusion, StepRun, StepVerdict};

use super::{Turn, annotation, error, texts, uses};
use crate::runner::{Action, Level, Runner};
use crate::workflow_run::WorkflowRunError;
use crate::workflow_run::contexts;
use crate::workflow_run::hooks::{StepName, What};
use crate::workflow_run::leaks::Secrets;
use crate::workflow_run::record::{self, Job};
use crate::workflow_run::step::{self, Ended};
use crate::workflow_run::stops::{Stop, Stops};

/// A job at work.
pub(in super::super) struct Work<'t> {
    pub(in super::super) turn: &'t Turn,
    pub(super) job: &'t file::Job,
    pub(in super::super) permissions: &'t Permissions,
    pub(in super::super) token: &'t str,
    pub(super) contexts: Contexts,
    pub(in super::super) actions: BTreeMap<String, Action>,
    pub(super) steps: StepRun<'t>,
    pub(super) stops: Stops,
    pub(super) minutes: u32,
    pub(in super::super) runner: Runner,
    pub(super) secrets: Secrets,
    pub(super) record: &'t mut Job,
}

impl<'t> Work<'t> {
    pub(super) async fn steps(&mut self) -> Result<(), WorkflowRunError> {
        while let Some(step) = self.steps.current() {
            while let Some(stop) = self.stops.pending().await {
                self.stop(stop, &BTreeMap::new());
            }
            if self.stops.is_over() {
                break;
            }
            self.turn_of(step).await?;
        }
        self.record.conclusion = self.steps.status();
        Ok(())
    }

    async fn turn_of(&mut self, step: &'t file::Step) -> Result<(), WorkflowRunError> {
        let started = Instant::now();
        let number = self.record.steps.len() + 1;
        let env = texts(&step.env, &self.scope(&BTreeMap::new()));
        let verdict = match &env {
            Ok(env) => self.steps.next(&self.scope(env)),
            // A step whose `env` has no value fails, whatever its `if` says (`StepsRunner.cs`).
            Err(_) => self.steps.next(&Nothing),
        };
        let Some((_, verdict)) = verdict else { return Ok(()) };
        let name = self.name(step, env.as_ref().unwrap_or(&BTreeMap::new()));
        let ended = match (verdict, env) {
            (StepVerdict::Skip, _) => Ended::skipped(),
            (StepVerdict::Fail(_) | StepVerdict::Run, Err(problem)) | (StepVerdict::Fail(problem), Ok(_)) => {
                self.steps.finish(Conclusion::Failure, Vec::new());
                Ended::invalid(&problem.to_string())
            }
            (StepVerdict::Run, Ok(env)) => {
                let place = StepName { number, id: step.id.as_deref(), name: &name };
                self.turn.at(What::StepStarts { job: &self.job.id, step: place }).await;
                let ended = step::Performance { step, place, env }.run(self).await?;
                self.steps.finish(ended.outcome, ended.outputs.clone().into_iter().collect());
                ended
            }
        };
        self.note(step, number, name, started, ended).await;
        Ok(())
    }

    /// Keeps what became of a step, masked.
    async fn note(&mut self, step: &file::Step, number: usize, name: String, started: Instant, ended: Ended) {
        let place = format!("the output of the step {number}");
        self.record.leaks.extend(self.secrets.in_text(&place, &ended.raw));
        let masks = self.runner.masks();
        let forgiven = step.continue_on_error && ended.outcome == Conclusion::Failure && !ended.invalid;
        let note = record::Step {
            number,
            id: step.id.clone(),
            name: masks.hide(&name),
            uses: uses(step),
            outcome: ended.outcome,
            conclusion: if forgiven { Conclusion::Success } else { ended.outcome },
            started,
            ended: Instant::now(),
            exit_code: ended.exit_code,
            outputs: ended.outputs.into_iter().map(|(name, value)| (name, masks.hide(&value))).collect(),
            summary: ended.summary,
            log: ended.log,
            annotations: ended.annotations,
        };
        self.turn.at(What::StepEnded { job: &self.job.id, step: &note }).await;
        self.record.steps.push(note);
    }

    fn name(&self, step: &file::Step, env: &BTreeMap<String, String>) -> String {
        let given = step.name.as_ref().and_then(|name| name.evaluate_text(&self.scope(env)).ok());
        given.unwrap_or_else(|| match &step.action {
            file::Action::Uses { .. } => format!("Run {}", uses(step).unwrap_or_default()),
            file::Action::Run { run, .. } => {
                let text = run.evaluate_text(&self.scope(env)).unwrap_or_default();
                format!("Run {}", text.trim_start().lines().next().unwrap_or_default())
            }
        })
    }

    /// The contexts of a step with these variables of its own.
    pub(in super::super) fn scope(&self, env: &BTreeMap<String, String>) -> Contexts {
        self.contexts
            .clone()
            .with("env", contexts::env(self.runner.variables(), env))
            .with("job", contexts::job(self.steps.status()))
            .with("steps", self.steps.context())
    }

    /// Waits until something ends the job before its time. Gives whether the step that runs must end.
    pub(in super::super) async fn stopped(&mut self, env: &BTreeMap<String, String>) -> bool {
        let stop = self.stops.next().await;
        self.stop(stop, env)
    }

    fn stop(&mut self, stop: Stop, env: &BTreeMap<String, String>) -> bool {
        let words = match stop {
            Stop::Cancelled => "The operation was canceled.".to_owned(),
            Stop::Expired => {
                format!("The job has exceeded the maximum execution time of {}m0s", self.minutes)
            }
            Stop::Forced => return true,
        };
        self.record.annotations.push(error(words));
        let scope = self.scope(env);
        self.steps.cancel(&scope)
    }

    /// Looks for secrets in what the job leaves on its machine.
    pub(super) fn search(&mut self) -> Result<(), WorkflowRunError> {
        let found = self.secrets.in_files(self.runner.folder());
        let found = found.map_err(|source| WorkflowRunError::Io { what: "read what a job left", source })?;
        self.record.leaks.extend(found);
        Ok(())
    }

    /// The job's outputs, whatever became of its steps (`JobExtension.FinalizeJob`).
    pub(super) fn outputs(&mut self) {
        let scope = self.scope(&BTreeMap::new());
        for (name, value) in &self.job.outputs {
            match value.evaluate_text(&scope) {
                Ok(value) if self.runner.masks().hide(&value) != value => {
                    let message = format!("Skip output '{name}' since it may contain secret.");
                    self.record.annotations.push(annotation(Level::Warning, message));
                }
                Ok(value) => drop(self.record.outputs.insert(name.clone(), value)),
                Err(problem) => {
                    self.record.annotations.push(error(format!("Fail to evaluate job outputs: {problem}")));
                    self.record.conclusion = Conclusion::Failure;
                }
            }
        }
    }
}

/// A scope in which nothing can be asked.
struct Nothing;

impl Scope for Nothing {
    fn context(&self, _: &str) -> Option<Value> {
        None
    }

    fn status(&self, _: StatusFunction) -> Option<bool> {
        None
    }
}

//! One job: let in by its environment, run step by step, and ended as the real runner ends it
//! (actions/runner, `JobExtension.cs` and `StepsRunner.cs`).

mod work;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::watch;
use workflow::expression::{Contexts, EvaluationError, Scope};
use workflow::permissions::Permissions;
use workflow::value::Value;
use workflow::workflow::{self as file, Uses, Values};
use workflow::{Conclusion, StepRun, Workflow};

use super::contexts::{self, Identity};
use super::hooks::{Moment, What};
use super::leaks::Secrets;
use super::record::Job;
use super::settings::{Environment, Review, Settings};
use super::stops::Stops;
use super::tokens::Grant;
use super::{Parts, WorkflowRunError, refs};
use crate::runner::{Action, Annotation, Level, Runner};

pub(super) use work::Work;

/// Minutes that a job has when its file says nothing (GitHub docs, `jobs.<job_id>.timeout-minutes`).
const DEFAULT_MINUTES: u32 = 360;

/// A job whose turn has come.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) parts: Arc<Parts>,
    pub(super) settings: Arc<Settings>,
    pub(super) identity: Arc<Identity>,
    pub(super) workflow: Arc<Workflow>,
    pub(super) job: String,
    pub(super) needs: Value,
    pub(super) cancelled: watch::Receiver<bool>,
}

/// Why a job ends before its first step, for the person who reads the run.
type Refusal = String;

impl Turn {
    /// Runs the job to its end.
    ///
    /// # Errors
    /// When something cannot be done here at all; a job that fails is a [`Job`] that says so.
    pub(super) async fn run(self) -> Result<Job, WorkflowRunError> {
        let job = self
            .workflow
            .job(&self.job)
            .ok_or_else(|| WorkflowRunError::Broken(format!("no job {}", self.job)))?;
        let mut record = Job::blank(&self.job, self.identity.attempt, Conclusion::Failure);
        let outcome = match self.gate(job, &mut record).await? {
            Err(refusal) => Err(refusal),
            Ok(environment) => self.work(job, &environment, &mut record).await?,
        };
        if let Err(refusal) = outcome {
            record.annotations.push(error(refusal));
        }
        record.ended = Instant::now();
        self.at(What::JobEnded { job: &record }).await;
        Ok(record)
    }

    /// The environment's rules, which come before everything else.
    async fn gate(
        &self,
        job: &file::Job,
        record: &mut Job,
    ) -> Result<Result<Environment, Refusal>, WorkflowRunError> {
        let Some(wanted) = &job.environment else { return Ok(Ok(Environment::default())) };
        let contexts = self.identity.contexts(&self.settings).with("needs", self.needs.clone());
        let name = match wanted.name.evaluate_text(&contexts) {
            Ok(name) => name,
            Err(problem) => return Ok(Err(problem.to_string())),
        };
        let environment = self.settings.environment(&name);
        record.environment = Some(name.clone());
        let reference = &self.identity.event.reference;
        let admitted = refs::admits(&environment.refs, reference).map_err(|pattern| {
            self.unsupported("", format!("the pattern `{pattern}` of the environment {name}"))
        })?;
        if !admitted {
            let (kind, of) = (if reference.kind() == "tag" { "Tag" } else { "Branch" }, reference.name());
            return Ok(Err(format!(
                "{kind} \"{of}\" is not allowed to deploy to {name} due to environment protection rules."
            )));
        }
        if environment.review == Some(Review::Reject) {
            return Ok(Err(format!("The deployment to {name} was rejected by its reviewer.")));
        }
        Ok(Ok(environment))
    }

    async fn work(
        &self,
        job: &file::Job,
        environment: &Environment,
        record: &mut Job,
    ) -> Result<Result<(), Refusal>, WorkflowRunError> {
        self.at(What::JobStarts { job: &job.id }).await;
        if *self.cancelled.borrow() {
            record.conclusion = Conclusion::Cancelled;
            return Ok(Ok(()));
        }
        record.started = Some(Instant::now());
        let permissions = self.workflow.permissions_of(job).unwrap_or(&self.settings.permissions).clone();
        let token = self.parts.tokens.issue(&Grant {
            repository: self.settings.repository.clone(),
            run: self.identity.id,
            job: job.id.clone(),
            permissions: permissions.clone(),
        });
        let worked = self.work_with(job, environment, &permissions, &token, record).await;
        self.parts.tokens.revoke(&token);
        worked
    }

    async fn work_with(
        &self,
        job: &file::Job,
        environment: &Environment,
        permissions: &Permissions,
        token: &str,
        record: &mut Job,
    ) -> Result<Result<(), Refusal>, WorkflowRunError> {
        let mut runner = self.runner(&job.id, environment, token)?;
        let contexts = self.contexts(job, environment, token, &runner);
        for values in [&self.workflow.env, &job.env] {
            let variables = match texts(values, &contexts) {
                Ok(variables) => variables,
                Err(problem) => return Ok(Err(problem.to_string())),
            };
            for (name, value) in variables {
                runner.env(&name, value);
            }
        }
        let actions = match self.own_actions(job).await? {
            Ok(actions) => actions,
            Err(missing) => return Ok(Err(missing)),
        };
        let minutes = job.timeout_minutes.unwrap_or(DEFAULT_MINUTES);
        let mut work = Work {
            turn: self,
            job,
            permissions,
            token,
            contexts,
            actions,
            steps: StepRun::new(job),
            stops: Stops::new(self.cancelled.clone(), minutes, self.settings.minute),
            minutes,
            runner,
            secrets: Secrets::new(environment.secrets.values().map(String::as_str).chain([token])),
            record,
        };
        work.steps().await?;
        work.outputs();
        work.record.survivors = work.runner.close();
        work.search()?;
        Ok(Ok(()))
    }

    fn runner(&self, job: &str, environment: &Environment, token: &str) -> Result<Runner, WorkflowRunError> {
        let mut runner = Runner::new()?;
        runner.timing = self.settings.timing;
        if let Some(folder) = &self.settings.tool_cache {
            runner.use_tool_cache(folder);
        }
        runner.mask(token);
        for value in environment.secrets.values() {
            runner.mask(value);
        }
        for (name, value) in &self.settings.machine {
            runner.machine(name, value);
        }
        // GitHub docs, "Enabling debug logging": a variable of the repository, or a secret.
        if self.settings.variables.get("ACTIONS_STEP_DEBUG").is_some_and(|value| value == "true") {
            runner.env("RUNNER_DEBUG", "1");
        }
        for (name, value) in self.identity.facts(&self.settings) {
            runner.github(name, value);
        }
        runner.github("job", job);
        Ok(runner)
    }

    /// Everything but `env`, `steps` and `job`, which change from step to step.
    fn contexts(&self, job: &file::Job, environment: &Environment, token: &str, runner: &Runner) -> Contexts {
        let mut github = self.identity.facts(&self.settings);
        github.push(("job", job.id.clone()));
        github.push(("token", token.to_owned()));
        github.push(("workspace", runner.workspace().display().to_string()));
        let mut variables = self.settings.variables.clone();
        variables.extend(environment.variables.clone());
        let secrets =
            environment.secrets.clone().into_iter().chain([("GITHUB_TOKEN".to_owned(), token.to_owned())]);
        Contexts::new()
            .with("github", contexts::object(github))
            .with("needs", self.needs.clone())
            .with("vars", contexts::object(variables))
            .with("secrets", contexts::object(secrets))
            .with("inputs", self.identity.inputs())
            .with("runner", contexts::runner(runner))
    }

    /// The repository's own actions, which the runner has at hand before the first step (`uses: $/path`).
    async fn own_actions(
        &self,
        job: &file::Job,
    ) -> Result<Result<BTreeMap<String, Action>, Refusal>, WorkflowRunError> {
        let mut actions = BTreeMap::new();
        for step in &job.steps {
            let file::Action::Uses { uses: Uses::Own { path }, .. } = &step.action else { continue };
            let tree = self.parts.source.tree(&self.identity.event.commit).await?;
            match self.action(tree.join(path))? {
                Ok(action) => actions.insert(path.clone(), action),
                Err(missing) => return Ok(Err(missing)),
            };
        }
        Ok(Ok(actions))
    }

    /// An action's file; one that is not there is the author's fault, one that is not understood is ours.
    pub(super) fn action(&self, dir: PathBuf) -> Result<Result<Action, Refusal>, WorkflowRunError> {
        if !dir.join("action.yml").is_file() {
            return Ok(Err(format!(
                "Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under '{}'. Did you forget to run \
                 actions/checkout before running your local action?",
                dir.display()
            )));
        }
        Ok(Ok(Action::load(&dir)?))
    }

    pub(super) async fn at(&self, what: What<'_>) {
        let Identity { id, attempt, file, .. } = &*self.identity;
        self.parts.hooks.at(Moment { run: *id, attempt: *attempt, file, what }).await;
    }

    pub(super) fn unsupported(&self, step: &str, what: String) -> WorkflowRunError {
        let within = if step.is_empty() { String::new() } else { format!(", step `{step}`") };
        WorkflowRunError::Unsupported {
            place: format!("{}, job `{}`{within}", self.identity.file, self.job),
            what,
        }
    }
}

/// Values as texts; none of them sees another.
pub(super) fn texts(values: &Values, scope: &dyn Scope) -> Result<BTreeMap<String, String>, EvaluationError> {
    values.iter().map(|(name, value)| Ok((name.clone(), value.evaluate_text(scope)?))).collect()
}

/// `uses` as the file writes it.
pub(super) fn uses(step: &file::Step) -> Option<String> {
    let file::Action::Uses { uses, .. } = &step.action else { return None };
    Some(match uses {
        Uses::Own { path } => format!("$/{path}"),
        Uses::Workspace { path } => format!("./{path}"),
        Uses::Repository { repository, path, reference } if path.is_empty() => {
            format!("{repository}@{reference}")
        }
        Uses::Repository { repository, path, reference } => format!("{repository}/{path}@{reference}"),
    })
}

pub(super) fn error(message: String) -> Annotation {
    annotation(Level::Error, message)
}

fn annotation(level: Level, message: String) -> Annotation {
    Annotation { level, message, properties: BTreeMap::new() }
}

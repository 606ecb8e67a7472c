//! One step that runs: a script, an action of the repository, or a stand-in's work.

use std::collections::BTreeMap;

use tokio::time::{Instant, sleep_until};
use workflow::Conclusion;
use workflow::workflow::{self as file, Uses, Values};

use super::WorkflowRunError;
use super::hooks::{StepName, What};
use super::job::{Work, error, texts, uses};
use super::stand_in::{Answer, Call};
use crate::runner::{self, Annotation, Running, Script, Shell};

/// How a step ended.
pub(super) struct Ended {
    pub(super) outcome: Conclusion,
    /// Whether it failed because an expression has no value, which `continue-on-error` does not forgive.
    pub(super) invalid: bool,
    pub(super) exit_code: Option<i32>,
    pub(super) outputs: BTreeMap<String, String>,
    pub(super) summary: String,
    pub(super) log: String,
    pub(super) annotations: Vec<Annotation>,
    /// What its processes printed, as it came.
    pub(super) raw: String,
}

impl Ended {
    fn of(outcome: Conclusion) -> Self {
        Self {
            outcome,
            invalid: false,
            exit_code: None,
            outputs: BTreeMap::new(),
            summary: String::new(),
            log: String::new(),
            annotations: Vec::new(),
            raw: String::new(),
        }
    }

    pub(super) fn skipped() -> Self {
        Self::of(Conclusion::Skipped)
    }

    /// Before it could begin.
    pub(super) fn failed(why: &str) -> Self {
        let log = format!("##[error]{why}\n");
        Self { log, annotations: vec![error(why.to_owned())], ..Self::of(Conclusion::Failure) }
    }

    /// Because one of its `if` and `env` has no value.
    pub(super) fn invalid(why: &str) -> Self {
        Self { invalid: true, ..Self::failed(why) }
    }
}

impl From<runner::Step> for Ended {
    fn from(step: runner::Step) -> Self {
        let outcome = match step.conclusion {
            runner::Conclusion::Success => Conclusion::Success,
            runner::Conclusion::Failure => Conclusion::Failure,
            runner::Conclusion::Cancelled => Conclusion::Cancelled,
        };
        Self {
            exit_code: step.exit_code(),
            outputs: step.outputs,
            summary: step.summary,
            log: step.log,
            raw: step.stdout + &step.stderr,
            annotations: step.annotations.into_iter().chain(step.complaints).collect(),
            ..Self::of(outcome)
        }
    }
}

/// A step that is to run, with its own variables.
pub(super) struct Performance<'s> {
    pub(super) step: &'s file::Step,
    pub(super) place: StepName<'s>,
    pub(super) env: BTreeMap<String, String>,
}

impl Performance<'_> {
    pub(super) async fn run(&self, work: &mut Work<'_>) -> Result<Ended, WorkflowRunError> {
        match &self.step.action {
            file::Action::Run { run, shell, working_directory } => {
                let scope = work.scope(&self.env);
                let directory = working_directory.as_ref().map(|text| text.evaluate_text(&scope)).transpose();
                let (text, working_directory) = match (run.evaluate_text(&scope), directory) {
                    (Ok(text), Ok(directory)) => (text, directory.unwrap_or_default()),
                    (Err(problem), _) | (_, Err(problem)) => return Ok(Ended::failed(&problem.to_string())),
                };
                let name = self.step.id.clone().unwrap_or_else(|| format!("__run_{}", self.place.number));
                let shell = match shell {
                    None => Shell::Unspecified,
                    Some(file::Shell::Bash) => Shell::Bash,
                    Some(file::Shell::Sh) => Shell::Sh,
                };
                let running =
                    work.runner.run(Script { name, text, shell, working_directory }, self.env.clone())?;
                self.follow(work, running).await
            }
            file::Action::Uses { uses, with } => self.uses(work, uses, with).await,
        }
    }

    async fn uses(&self, work: &mut Work<'_>, uses: &Uses, with: &Values) -> Result<Ended, WorkflowRunError> {
        let with = match texts(with, &work.scope(&self.env)) {
            Ok(with) => with,
            Err(problem) => return Ok(Ended::failed(&problem.to_string())),
        };
        let action = match uses {
            Uses::Repository { repository, path, reference } if path.is_empty() => {
                return self.stand_in(work, repository, reference, with).await;
            }
            Uses::Repository { .. } => {
                return Err(self.unsupported(work, "its `uses` with a folder".to_owned()));
            }
            Uses::Own { path } => {
                work.actions.get(path).cloned().ok_or_else(|| format!("{path} was not prepared"))
            }
            Uses::Workspace { path } => work.turn.action(work.runner.workspace().join(path))?,
        };
        let action = match action {
            Ok(action) => action,
            Err(missing) => return Ok(Ended::failed(&missing)),
        };
        let mut invocation = work.runner.uses(&action);
        for (name, value) in with {
            invocation = invocation.with(&name, value);
        }
        for (name, value) in &self.env {
            invocation = invocation.env(name, value);
        }
        let running = invocation.start()?;
        self.follow(work, running).await
    }

    /// Waits for a process, and ends it when it is time.
    async fn follow(&self, work: &mut Work<'_>, mut running: Running) -> Result<Ended, WorkflowRunError> {
        let remote = running.remote();
        let turn = work.turn;
        let hook = turn.at(What::StepRuns { job: &turn.job, step: self.place, remote: &remote });
        tokio::pin!(hook);
        let (mut hooked, mut expired) = (false, false);
        let (until, words) = self.limit(work);
        let step = loop {
            tokio::select! {
                ended = running.ended() => break ended?,
                () = &mut hook, if !hooked => hooked = true,
                must_end = work.stopped(&self.env) => if must_end { running.cancel() },
                () = sleep_until(until), if !expired => {
                    expired = true;
                    running.expire(words.clone());
                }
            }
        };
        work.runner.absorb(&step);
        Ok(step.into())
    }

    async fn stand_in(
        &self,
        work: &mut Work<'_>,
        action: &str,
        reference: &str,
        with: BTreeMap<String, String>,
    ) -> Result<Ended, WorkflowRunError> {
        let turn = work.turn;
        let Some(stand_in) = turn.parts.stand_in(action) else {
            return Err(self.unsupported(work, format!("the action {action}, which has no stand-in")));
        };
        let (workspace, temp) = (work.runner.workspace().to_owned(), work.runner.temp());
        let call = Call {
            action,
            reference,
            with: with.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect(),
            workspace: &workspace,
            temp: &temp,
            repository: turn.parts.source.repository(),
            repository_name: &turn.settings.repository,
            server_url: &turn.settings.server_url,
            event: &turn.identity.event,
            token: work.token,
            permissions: work.permissions,
        };
        let answer = stand_in.run(&call);
        tokio::pin!(answer);
        let (until, words) = self.limit(work);
        let answer = loop {
            tokio::select! {
                answer = &mut answer => break answer,
                must_end = work.stopped(&self.env) => if must_end {
                    return Ok(Ended { outcome: Conclusion::Cancelled, ..Ended::failed("The operation was canceled.") });
                },
                () = sleep_until(until) => return Ok(Ended::failed(&words)),
            }
        };
        let answer =
            answer.map_err(|unsupported| self.unsupported(work, format!("{action}: {}", unsupported.0)))?;
        Ok(self.answered(work, answer))
    }

    fn answered(&self, work: &Work<'_>, answer: Answer) -> Ended {
        let masks = work.runner.masks();
        let mut ended = match &answer.failure {
            Some(why) => Ended::failed(&masks.hide(why)),
            None => Ended::of(Conclusion::Success),
        };
        let lines = answer.log.iter().map(|line| masks.hide(line) + "\n");
        let head = format!("##[group]Run {}\n##[endgroup]\n", uses(self.step).unwrap_or_default());
        ended.log = head + &lines.collect::<String>() + &ended.log;
        ended.outputs = answer.outputs;
        ended
    }

    /// When the step's own time is up, and what is said then.
    fn limit(&self, work: &Work<'_>) -> (Instant, String) {
        let Some(minutes) = self.step.timeout_minutes else {
            return (Instant::now() + std::time::Duration::from_secs(365 * 24 * 3600), String::new());
        };
        let words = format!("The action '{}' has timed out after {minutes} minutes.", self.place.name);
        (Instant::now() + work.turn.settings.minute * minutes, words)
    }

    fn unsupported(&self, work: &Work<'_>, what: String) -> WorkflowRunError {
        work.turn.unsupported(self.place.name, what)
    }
}

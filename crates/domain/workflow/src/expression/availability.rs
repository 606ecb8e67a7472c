//! Which contexts and functions an expression may use where it stands.

use super::parse::{Access, Node};
use super::{ExpressionError, ExpressionProblem, Function};

/// A key whose value is an expression or may hold some.
///
/// Source: GitHub Docs, "Contexts reference", context availability; for composite actions actions/runner,
/// `action_yaml.json`, and the same page. Keys of constructs that this project does not run are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// `run-name`
    RunName,
    /// `concurrency` of the workflow
    Concurrency,
    /// `env` of the workflow
    Env,
    /// `jobs.<job_id>.concurrency`
    JobConcurrency,
    /// `jobs.<job_id>.continue-on-error`
    JobContinueOnError,
    /// `jobs.<job_id>.defaults.run`
    JobDefaultsRun,
    /// `jobs.<job_id>.env`
    JobEnv,
    /// `jobs.<job_id>.environment`, and its `name`
    JobEnvironment,
    /// `jobs.<job_id>.environment.url`
    JobEnvironmentUrl,
    /// `jobs.<job_id>.if`
    JobIf,
    /// `jobs.<job_id>.name`
    JobName,
    /// `jobs.<job_id>.outputs.<output_id>`
    JobOutput,
    /// `jobs.<job_id>.runs-on`
    JobRunsOn,
    /// `jobs.<job_id>.timeout-minutes`
    JobTimeoutMinutes,
    /// `jobs.<job_id>.steps.continue-on-error`
    StepContinueOnError,
    /// `jobs.<job_id>.steps.env`
    StepEnv,
    /// `jobs.<job_id>.steps.if`
    StepIf,
    /// `jobs.<job_id>.steps.name`
    StepName,
    /// `jobs.<job_id>.steps.run`
    StepRun,
    /// `jobs.<job_id>.steps.timeout-minutes`
    StepTimeoutMinutes,
    /// `jobs.<job_id>.steps.with`
    StepWith,
    /// `jobs.<job_id>.steps.working-directory`
    StepWorkingDirectory,
    /// `runs.steps.if` of a composite action
    ActionIf,
    /// `outputs.<output_id>.value` of a composite action
    ActionOutput,
    /// Any other key of a step of a composite action: `run`, `env`, `with`, `working-directory` and so on
    ActionStep,
}

const WORKFLOW: &[&str] = &["github", "inputs", "vars"];
const WORKFLOW_ENV: &[&str] = &["github", "secrets", "inputs", "vars"];
const CONDITION: &[&str] = &["github", "needs", "vars", "inputs"];
const JOB: &[&str] = &["github", "needs", "strategy", "matrix", "vars", "inputs"];
const JOB_DEFAULTS: &[&str] = &["github", "needs", "strategy", "matrix", "env", "vars", "inputs"];
const JOB_ENV: &[&str] = &["github", "needs", "strategy", "matrix", "vars", "secrets", "inputs"];
/// On the runner, without secrets.
const OPEN: &[&str] =
    &["github", "needs", "strategy", "matrix", "job", "runner", "env", "vars", "steps", "inputs"];
const STEP: &[&str] =
    &["github", "needs", "strategy", "matrix", "job", "runner", "env", "vars", "secrets", "steps", "inputs"];
const ACTION: &[&str] = &["github", "inputs", "strategy", "matrix", "steps", "job", "runner", "env"];

impl Place {
    /// The key, as GitHub's table names it.
    pub fn key(self) -> &'static str {
        self.row().0
    }

    /// The contexts that may be read.
    pub fn contexts(self) -> &'static [&'static str] {
        self.row().1
    }

    /// Whether status functions may be called. All other functions may be called everywhere.
    pub fn is_condition(self) -> bool {
        matches!(self, Self::JobIf | Self::StepIf | Self::ActionIf)
    }

    fn row(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::RunName => ("run-name", WORKFLOW),
            Self::Concurrency => ("concurrency", WORKFLOW),
            Self::Env => ("env", WORKFLOW_ENV),
            Self::JobConcurrency => ("jobs.<job_id>.concurrency", JOB),
            Self::JobContinueOnError => ("jobs.<job_id>.continue-on-error", JOB),
            Self::JobDefaultsRun => ("jobs.<job_id>.defaults.run", JOB_DEFAULTS),
            Self::JobEnv => ("jobs.<job_id>.env", JOB_ENV),
            Self::JobEnvironment => ("jobs.<job_id>.environment", JOB),
            Self::JobEnvironmentUrl => ("jobs.<job_id>.environment.url", OPEN),
            Self::JobIf => ("jobs.<job_id>.if", CONDITION),
            Self::JobName => ("jobs.<job_id>.name", JOB),
            Self::JobOutput => ("jobs.<job_id>.outputs.<output_id>", STEP),
            Self::JobRunsOn => ("jobs.<job_id>.runs-on", JOB),
            Self::JobTimeoutMinutes => ("jobs.<job_id>.timeout-minutes", JOB),
            Self::StepContinueOnError => ("jobs.<job_id>.steps.continue-on-error", STEP),
            Self::StepEnv => ("jobs.<job_id>.steps.env", STEP),
            Self::StepIf => ("jobs.<job_id>.steps.if", OPEN),
            Self::StepName => ("jobs.<job_id>.steps.name", STEP),
            Self::StepRun => ("jobs.<job_id>.steps.run", STEP),
            Self::StepTimeoutMinutes => ("jobs.<job_id>.steps.timeout-minutes", STEP),
            Self::StepWith => ("jobs.<job_id>.steps.with", STEP),
            Self::StepWorkingDirectory => ("jobs.<job_id>.steps.working-directory", STEP),
            Self::ActionIf => ("runs.steps.if", ACTION),
            Self::ActionOutput => ("outputs.<output_id>.value", ACTION),
            Self::ActionStep => ("runs.steps", ACTION),
        }
    }
}

pub(super) fn check(source: &str, node: &Node, place: Place) -> Result<(), ExpressionError> {
    let each = |nodes: &[Node]| nodes.iter().try_for_each(|node| check(source, node, place));
    match node {
        Node::Literal(_) => Ok(()),
        Node::Context(name) => {
            if place.contexts().iter().any(|allowed| allowed.eq_ignore_ascii_case(&name.text)) {
                return Ok(());
            }
            let problem = ExpressionProblem::UnknownContext {
                name: name.text.clone(),
                key: place.key(),
                allowed: place.contexts().join(", "),
            };
            Err(ExpressionError::new(source, name.offset, name.text.len(), problem))
        }
        Node::Access(head, accesses) => {
            check(source, head, place)?;
            accesses.iter().try_for_each(|access| match access {
                Access::Index(index) => check(source, index, place),
                Access::Name(_) | Access::Every => Ok(()),
            })
        }
        Node::Call(call) => {
            if matches!(call.function, Function::Status(_)) && !place.is_condition() {
                let problem =
                    ExpressionProblem::FunctionNotHere { function: call.function, key: place.key() };
                return Err(ExpressionError::new(source, call.offset, call.source.len(), problem));
            }
            each(&call.arguments)
        }
        Node::Not(operand) => check(source, operand, place),
        Node::All(operands) | Node::Any(operands) => each(operands),
        Node::Comparison(_, left, right) => {
            check(source, left, place)?;
            check(source, right, place)
        }
    }
}

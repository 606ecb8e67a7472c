//! What a workflow file says: its keys as types, in the order of the file.
//!
//! Source of every key: GitHub's "Workflow syntax for GitHub Actions". There are types for the keys
//! that this project's workflows use; all others are refused by name when a file is read.

use crate::expression::{Condition, Template};

pub use crate::concurrency::{Concurrency, Queue};
pub use crate::permissions::{Access, Permissions};
pub use crate::triggers::{Dispatch, Input, InputKind, Patterns, Push, Triggers};

/// Names and values, in the order of the file: `env`, `with`, `outputs`.
pub type Values = Vec<(String, Template)>;

/// A workflow file.
#[derive(Clone, Debug)]
pub struct Workflow {
    /// `name`; GitHub shows the file's path when it is missing.
    pub name: Option<String>,
    /// `on`.
    pub on: Triggers,
    /// `permissions` of every job that has none of its own; `None` leaves them to the repository's settings.
    pub permissions: Option<Permissions>,
    /// `concurrency` of whole runs.
    pub concurrency: Option<Concurrency>,
    /// `env` of every step.
    pub env: Values,
    /// `jobs`, at least one, in the order of the file.
    pub jobs: Vec<Job>,
}

impl Workflow {
    /// The job with this id.
    #[must_use]
    pub fn job(&self, id: &str) -> Option<&Job> {
        self.jobs.iter().find(|job| job.id == id)
    }

    /// What the job's token may do: its own `permissions`, else the workflow's; nothing is inherited scope by scope.
    #[must_use]
    pub fn permissions_of<'w>(&'w self, job: &'w Job) -> Option<&'w Permissions> {
        job.permissions.as_ref().or(self.permissions.as_ref())
    }
}

/// One job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its key under `jobs`.
    pub id: String,
    /// `needs`: ids of jobs of this file, no id twice, in the order of the file.
    pub needs: Vec<String>,
    /// `if`; without it a job starts when every job that it needs, directly or not, succeeded.
    pub condition: Option<Condition>,
    /// `runs-on`: one label.
    pub runs_on: Template,
    /// `timeout-minutes`; GitHub's default is 360.
    pub timeout_minutes: Option<u32>,
    /// `environment`: whose secrets and variables it gets, and whose rules it waits for.
    pub environment: Option<Environment>,
    /// `permissions`, which take the place of the workflow's altogether.
    pub permissions: Option<Permissions>,
    /// `outputs`.
    pub outputs: Values,
    /// `env` of its steps.
    pub env: Values,
    /// `steps`, at least one.
    pub steps: Vec<Step>,
}

impl Job {
    /// The step with this id.
    #[must_use]
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id.as_deref() == Some(id))
    }
}

/// `environment` of a job.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its name.
    pub name: Template,
    /// The address that GitHub shows for the deployment.
    pub url: Option<Template>,
}

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// `id`, unique in its job.
    pub id: Option<String>,
    /// `name`.
    pub name: Option<Template>,
    /// `if`; without it a step runs when every step before it succeeded.
    pub condition: Option<Condition>,
    /// `uses` or `run`.
    pub action: Action,
    /// `env` of this step.
    pub env: Values,
    /// `continue-on-error`: its failure is a success for everything but `steps.<id>.outcome`.
    pub continue_on_error: bool,
    /// `timeout-minutes` of this step.
    pub timeout_minutes: Option<u32>,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Action {
    /// `uses`: an action.
    Uses {
        /// Which.
        uses: Uses,
        /// `with`: its inputs.
        with: Values,
    },
    /// `run`: a script.
    Run {
        /// The script.
        run: Template,
        /// `shell`; GitHub's default on Linux is `bash -e {0}`, without `pipefail`.
        shell: Option<Shell>,
        /// `working-directory`, below the workspace.
        working_directory: Option<Template>,
    },
}

/// `shell` of a script.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shell {
    /// `bash --noprofile --norc -eo pipefail {0}`.
    Bash,
    /// `sh -e {0}`.
    Sh,
}

/// Where an action comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Uses {
    /// `$/path`: this repository at the commit that runs, without a checkout (GitHub's changelog of 2026-07-30).
    Own {
        /// The folder, from the top of the repository; never with `..`.
        path: String,
    },
    /// `./path`: the workspace, as an earlier step left it.
    Workspace {
        /// The folder below the workspace; never with `..`.
        path: String,
    },
    /// `owner/name/path@reference`.
    Repository {
        /// `owner/name`.
        repository: String,
        /// The folder in it; empty for its top.
        path: String,
        /// A branch, a tag or a commit.
        reference: String,
    },
}

impl Uses {
    /// Whether it names bytes that nobody can change: this repository's own, or a whole commit id of 40 digits.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        match self {
            Self::Own { .. } | Self::Workspace { .. } => true,
            Self::Repository { reference, .. } => {
                reference.len() == 40 && reference.bytes().all(|byte| byte.is_ascii_hexdigit())
            }
        }
    }
}

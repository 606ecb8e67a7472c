//! A stand-in for the GitHub runner: it executes a job's steps, local composite actions and scripts, as the
//! real one does.
//!
//! What it does, it does by the real runner's rules, as the sources of actions/runner state them; each module
//! names its file. A composite's `run` steps get `bash --noprofile --norc -e -o pipefail FILE`, no `INPUT_*`,
//! and the variables of their `env:`. Workflow commands are read on both streams. `$GITHUB_OUTPUT` and its
//! sisters are read when a step has ended, however it ended. A cancelled step gets SIGINT, 7.5 s later SIGTERM,
//! 2.5 s later SIGKILL, *on its first process id only*: whatever that process started without becoming it goes
//! on, and is reported as a [`Survivor`].
//!
//! What it does not do, it refuses by name: other shells, `uses` inside a composite, `if`, containers, the
//! contexts that composites here do not read. Unlike the real runner it passes on nothing of its own environment but `PATH` and `TMPDIR`.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use rehearsal::runner::{Action, Runner};
//!
//! let action = Action::load("actions/version-poll".as_ref())?;
//! let mut runner = Runner::new()?;
//! runner.secret("RENDER_API_KEY", "rnd_canary");
//! let running = runner.uses(&action).with("url", "http://127.0.0.1:8080").start()?;
//! running.said("polling").await?;
//! running.cancel();
//! let step = running.finish().await?;
//! assert_eq!((step.exit_code(), &step.outputs["result"][..]), (Some(130), "cancelled"));
//! assert!(step.survivors.is_empty());
//! # Ok(())
//! # }
//! ```

mod command;
mod console;
mod environment;
mod execution;
mod expression;
mod files;
mod lines;
mod manifest;
mod masks;
mod process;
mod running;
mod script;
mod shell;
mod step;
mod step_files;
mod survivors;
mod unique_map;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use execution::{Execution, Work};
use running::Overtime;

pub use console::{Annotation, Level};
pub use manifest::{Action, ActionError};
pub use masks::Masks;
pub use nix::sys::signal::Signal;
pub use process::Timing;
pub use running::{Remote, Running};
pub(crate) use script::Script;
pub(crate) use shell::Shell;
pub use step::{Conclusion, Step};
pub use survivors::Survivor;

/// Why a step could not be run at all. A step that ran and failed is a [`Step`], not an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunnerError {
    /// A file or a process of the runner itself.
    #[error("{what}: {source}")]
    Io {
        /// What it was doing.
        what: &'static str,
        /// What the system answered.
        source: std::io::Error,
    },
    /// An expression of the action fails when it is evaluated.
    #[error("evaluate an expression of the action: {0}")]
    Evaluation(#[from] workflow::expression::EvaluationError),
    /// The step ended, or a minute passed, before it said what somebody waited for.
    #[error("hear {wanted:?} from the step; it said:\n{said}")]
    Unheard {
        /// The text that was waited for.
        wanted: String,
        /// All that was heard.
        said: String,
    },
    /// The task that followed the step broke down.
    #[error("follow the step to its end: {0}")]
    Broken(String),
}

impl RunnerError {
    /// The error of something that the runner itself was doing.
    fn io(what: &'static str) -> impl Fn(std::io::Error) -> Self + Copy {
        move |source| Self::Io { what, source }
    }
}

/// One job on a runner: its variables, its folders and what it hides. It holds as many steps as one likes, one
/// after the other or at once. Dropping it kills what its steps left behind, as the end of a job does.
#[derive(Debug)]
pub struct Runner {
    /// How long it waits for what; tests shorten it.
    pub timing: Timing,
    folders: tempfile::TempDir,
    tool_cache: PathBuf,
    workspace: PathBuf,
    /// The machine's own variables, which every process inherits.
    machine: BTreeMap<String, String>,
    env: BTreeMap<String, String>,
    /// What steps have put before `PATH`, the last one first in `PATH`.
    paths: Vec<String>,
    github: BTreeMap<String, String>,
    masks: Masks,
    tracking: String,
}

impl Runner {
    /// A fresh job with an empty workspace and an empty tool cache, in folders that vanish with it.
    ///
    /// # Errors
    /// When the folders cannot be made.
    pub fn new() -> Result<Self, RunnerError> {
        let io = RunnerError::io("make the runner's folders");
        let folders = tempfile::Builder::new().prefix("runner-").tempdir().map_err(io)?;
        for folder in ["home", "temp/_runner_file_commands", "tool-cache", "workspace"] {
            std::fs::create_dir_all(folders.path().join(folder)).map_err(io)?;
        }
        Ok(Self {
            timing: Timing::default(),
            tool_cache: folders.path().join("tool-cache"),
            workspace: folders.path().join("workspace"),
            tracking: format!("github_{:032x}", fastrand::u128(..)),
            folders,
            machine: BTreeMap::new(),
            env: BTreeMap::new(),
            paths: Vec::new(),
            github: environment::github_context(),
            masks: Masks::default(),
        })
    }

    /// Sets a variable of the job, as the workflow's `env:` or an earlier step's `$GITHUB_ENV` does.
    pub fn env(&mut self, name: &str, value: impl Into<String>) -> &mut Self {
        self.env.insert(name.to_owned(), value.into());
        self
    }

    /// Sets a variable of the job from a secret, which GitHub hides from the start.
    pub fn secret(&mut self, name: &str, value: &str) -> &mut Self {
        self.masks.add(value);
        self.env(name, value)
    }

    /// Hides a value from the start, as GitHub does with every secret of the job.
    pub fn mask(&mut self, value: &str) -> &mut Self {
        self.masks.add(value);
        self
    }

    /// Sets a variable of the machine, which every process inherits and which `env:` overrides, as the
    /// environment of a self-hosted runner's own process does.
    pub fn machine(&mut self, name: &str, value: impl Into<String>) -> &mut Self {
        self.machine.insert(name.to_owned(), value.into());
        self
    }

    /// Takes over what a step leaves to the job's later ones: `$GITHUB_ENV`, `$GITHUB_PATH` and masks.
    pub fn absorb(&mut self, step: &Step) -> &mut Self {
        self.env.extend(step.exported.clone());
        self.paths.clone_from(&step.paths);
        self.masks = step.masks.clone();
        self
    }

    /// The job's variables as they are now.
    #[must_use]
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.env
    }

    /// Everything that the job has on its machine: workspace, home, temporary files and what its steps wrote for
    /// the runner.
    pub(crate) fn folder(&self) -> &Path {
        self.folders.path()
    }

    /// What is hidden by now.
    #[must_use]
    pub fn masks(&self) -> &Masks {
        &self.masks
    }

    /// Ends the job: kills what its steps left behind, and names it.
    pub fn close(&mut self) -> Vec<Survivor> {
        survivors::kill_all(&self.mark())
    }

    fn mark(&self) -> String {
        format!("RUNNER_TRACKING_ID={}", self.tracking)
    }

    /// Starts a plain `run` step with its own `env:`. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// When the runner cannot set it up.
    pub(crate) fn run(&self, script: Script, env: BTreeMap<String, String>) -> Result<Running, RunnerError> {
        self.start(Work::Script(script), env)
    }

    fn start(&self, work: Work<'_>, env: BTreeMap<String, String>) -> Result<Running, RunnerError> {
        let overtime = Overtime::default();
        let execution = Execution::new(self, work, env, Arc::clone(&overtime))?;
        Running::start(|asked, heard| execution.run(asked, heard), overtime)
    }

    /// Sets a `GITHUB_*` variable other than its files and folders, for example `sha` for `GITHUB_SHA`.
    pub fn github(&mut self, name: &str, value: impl Into<String>) -> &mut Self {
        self.github.insert(name.to_ascii_uppercase(), value.into());
        self
    }

    /// Uses another folder as `RUNNER_TOOL_CACHE`, for example one that several runners share.
    pub fn use_tool_cache(&mut self, folder: &Path) -> &mut Self {
        self.tool_cache = folder.to_owned();
        self
    }

    /// Uses another folder as `GITHUB_WORKSPACE`, for example a checkout.
    pub fn use_workspace(&mut self, folder: &Path) -> &mut Self {
        self.workspace = folder.to_owned();
        self
    }

    /// `GITHUB_WORKSPACE`, in which steps start.
    #[must_use]
    pub fn workspace(&self) -> &Path {
        &self.workspace
    }

    /// `RUNNER_TOOL_CACHE`.
    #[must_use]
    pub fn tool_cache(&self) -> &Path {
        &self.tool_cache
    }

    /// `RUNNER_TEMP`.
    #[must_use]
    pub fn temp(&self) -> PathBuf {
        self.folders.path().join("temp")
    }

    /// A step of the job that `uses:` this action; nothing happens before [`Invocation::start`].
    pub fn uses<'a>(&'a self, action: &'a Action) -> Invocation<'a> {
        Invocation { runner: self, action, with: Vec::new(), env: BTreeMap::new() }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.close();
    }
}

/// A `uses:` step that is about to run.
#[derive(Debug)]
#[must_use = "an invocation does nothing before it is run"]
pub struct Invocation<'a> {
    runner: &'a Runner,
    action: &'a Action,
    with: Vec<(String, String)>,
    env: BTreeMap<String, String>,
}

impl Invocation<'_> {
    /// One entry of `with:`. A name that the action does not declare is only warned about, as on GitHub.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.with.push((name.to_owned(), value.into()));
        self
    }

    /// One entry of the step's own `env:`.
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.env.insert(name.to_owned(), value.into());
        self
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// When it cannot be run at all; an action that fails is a [`Step`] that says so.
    pub async fn run(self) -> Result<Step, RunnerError> {
        self.start()?.finish().await
    }

    /// Starts it; what follows is up to [`Running`]. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// When the runner cannot set it up.
    pub fn start(self) -> Result<Running, RunnerError> {
        let Self { runner, action, with, env } = self;
        runner.start(Work::Action(action, with), env)
    }
}

/// A file of outputs as the runner reads it; the last of one name counts, and
/// what follows a malformed line is lost, as it is there.
#[must_use]
pub fn outputs(text: &str) -> BTreeMap<String, String> {
    written_outputs(text).0.into_iter().collect()
}

/// A file of outputs entry by entry, up to the first malformed line; and what the runner says of that.
pub(crate) fn written_outputs(text: &str) -> (Vec<(String, String)>, Option<String>) {
    let (pairs, malformed) = files::pairs(text);
    (pairs, malformed.map(|malformed| malformed.to_string()))
}

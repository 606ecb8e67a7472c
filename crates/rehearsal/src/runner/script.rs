//! A plain `run` step of a job.

use super::expression::Template;
use super::manifest::RunStep;
use super::shell::Shell;

/// A `run` step whose expressions have been evaluated.
#[derive(Debug)]
pub(crate) struct Script {
    /// What `GITHUB_ACTION` says: the step's id, or `__run` and a number.
    pub(crate) name: String,
    /// The text.
    pub(crate) text: String,
    /// What runs it.
    pub(crate) shell: Shell,
    /// Where it starts, below the workspace.
    pub(crate) working_directory: String,
}

impl From<Script> for RunStep {
    fn from(script: Script) -> Self {
        Self {
            id: Some(script.name),
            shell: script.shell,
            run: Template::Literal(script.text),
            env: Vec::new(),
            working_directory: Template::Literal(script.working_directory),
        }
    }
}

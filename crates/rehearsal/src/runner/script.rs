//! A plain `run` step of a job.

use super::expression::Template;
use super::manifest::RunStep;

/// How a script is run (GitHub docs, workflow syntax, `jobs.<job_id>.steps[*].shell`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shell {
    /// Nothing was said: `bash -e FILE`, so a pipe fails only with its last command.
    Unspecified,
    /// `shell: bash`: `bash --noprofile --norc -e -o pipefail FILE`.
    Bash,
    /// `shell: sh`: `sh -e FILE`.
    Sh,
}

impl Shell {
    pub(super) fn program(self) -> &'static str {
        match self {
            Self::Unspecified | Self::Bash => "bash",
            Self::Sh => "sh",
        }
    }

    pub(super) fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Unspecified | Self::Sh => &["-e"],
            Self::Bash => &["--noprofile", "--norc", "-e", "-o", "pipefail"],
        }
    }
}

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

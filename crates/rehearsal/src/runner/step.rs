//! How a step ended and what it left.

use std::collections::BTreeMap;
use std::process::ExitStatus;

use super::console::Annotation;
use super::masks::Masks;
use super::survivors::Survivor;

/// What a step counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    /// Exit code 0, and no malformed file or refused command.
    Success,
    /// Anything else.
    Failure,
    /// It was cancelled while it ran, whatever its exit code.
    Cancelled,
}

/// A step that has ended.
#[derive(Debug, Clone)]
pub struct Step {
    /// What it counts as.
    pub conclusion: Conclusion,
    /// How the last of its processes ended.
    pub status: Option<ExitStatus>,
    /// An action's outputs, through its `outputs.NAME.value`, where one that was never set is empty; of a plain
    /// `run` step what it set, in small letters.
    pub outputs: BTreeMap<String, String>,
    /// What its `run` steps set, by step id and output name, in small letters.
    pub inner_outputs: BTreeMap<String, BTreeMap<String, String>>,
    /// All of standard output, as it came.
    pub stdout: String,
    /// All of standard error, as it came.
    pub stderr: String,
    /// The log as a reader of the run sees it: headers with each step's `env:`, then output, masked.
    pub log: String,
    /// What commands in its output asked for, in order.
    pub annotations: Vec<Annotation>,
    /// What the runner itself complained about: unknown inputs, malformed files, exit codes.
    pub complaints: Vec<Annotation>,
    /// What must not be shown: secrets, and what `::add-mask::` named.
    pub masks: Masks,
    /// The job summary, masked; empty when it was over 1 MiB, which a complaint then says.
    pub summary: String,
    /// Variables that it set for later steps through `$GITHUB_ENV`.
    pub exported: BTreeMap<String, String>,
    /// Folders before `PATH` by now, its own and those of earlier steps through `$GITHUB_PATH`, the last one
    /// first in `PATH`.
    pub paths: Vec<String>,
    /// What went on after its last process had ended. Anything here is beyond any cancellation.
    pub survivors: Vec<Survivor>,
}

impl Step {
    /// The exit code as the runner reports it: 128 and the signal's number for a process that a signal ended.
    /// To tell the two apart look at [`Self::status`].
    #[must_use]
    pub fn exit_code(&self) -> Option<i32> {
        self.status.and_then(exit_code)
    }

    /// One output, empty when it was not set.
    #[must_use]
    pub fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }
}

pub(super) fn exit_code(status: ExitStatus) -> Option<i32> {
    use std::os::unix::process::ExitStatusExt;
    status.code().or_else(|| status.signal().map(|signal| 128 + signal))
}

//! Where a step's script and its files lie.

use std::io;
use std::path::{Path, PathBuf};

/// The files of one `run` step, with a random ending that no other step shares.
pub(super) struct StepFiles {
    pub(super) script: PathBuf,
    folder: PathBuf,
    ending: String,
}

/// What each file is for: the variable's name after `GITHUB_` in small letters, and the file's own prefix.
const KINDS: [(&str, &str); 5] = [
    ("env", "set_env_"),
    ("output", "set_output_"),
    ("path", "add_path_"),
    ("state", "save_state_"),
    ("step_summary", "step_summary_"),
];

impl StepFiles {
    pub(super) fn create(temp: &Path) -> io::Result<Self> {
        let ending = format!("{:032x}", fastrand::u128(..));
        let script = temp.join(format!("{ending}.sh"));
        let files = Self { script, folder: temp.join("_runner_file_commands"), ending };
        for (kind, _) in KINDS {
            std::fs::write(files.path(kind), "")?;
        }
        Ok(files)
    }

    fn path(&self, kind: &str) -> PathBuf {
        let prefix = KINDS.iter().find(|(known, _)| *known == kind).map_or(kind, |(_, prefix)| prefix);
        self.folder.join(format!("{prefix}{}", self.ending))
    }

    pub(super) fn variables(&self) -> impl Iterator<Item = (String, PathBuf)> {
        KINDS.into_iter().map(|(kind, _)| (format!("GITHUB_{}", kind.to_ascii_uppercase()), self.path(kind)))
    }

    /// A variable that every descendant of the step inherits and no other process has.
    pub(super) fn mark(&self) -> String {
        format!("GITHUB_OUTPUT={}", self.path("output").display())
    }

    /// Empty when the step deleted the file, as for the real runner.
    pub(super) fn bytes(&self, kind: &str) -> Vec<u8> {
        std::fs::read(self.path(kind)).unwrap_or_default()
    }

    pub(super) fn text(&self, kind: &str) -> String {
        String::from_utf8_lossy(&self.bytes(kind)).into_owned()
    }
}

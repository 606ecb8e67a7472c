//! The shells that run scripts.

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

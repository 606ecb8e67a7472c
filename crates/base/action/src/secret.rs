//! Secrets: which ones a primitive reads, always from the environment.

/// One secret that a primitive reads.
///
/// Secrets are never flags and never part of another input, because the runner
/// prints a step's `env:` before anything can be masked; `action.yml` maps an
/// input of the action, or else the job's own variable, to the variable named here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Secret {
    /// The environment variable, such as `RENDER_API_KEY`.
    pub variable: &'static str,
    /// The action's input of the same meaning, such as `api-key`.
    pub input: &'static str,
    /// One sentence: what it is for, and which rights it needs.
    pub help: &'static str,
    /// Whether the primitive does nothing without it.
    pub required: bool,
}

//! What a build carries of its commit.

/// Facts that are baked in when a commit is built: the part of `version.json` that
/// no environment changes (deployment runbook, `/version` contract).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The newest migration that the code knows.
    pub schema_version: String,
    /// `git describe` of the commit.
    pub describe: String,
    /// The digest of `uv.lock`.
    pub uv_lock_sha: String,
    /// The digest of `pnpm-lock.yaml`.
    pub pnpm_lock_sha: String,
}

impl Build {
    /// The build of a commit of which nothing special was told.
    #[must_use]
    pub fn of(commit: &str) -> Self {
        let repeated = |seed: &str| commit.chars().chain(seed.chars()).cycle().take(64).collect();
        Self {
            schema_version: "20260101000000_initial".to_owned(),
            describe: format!("v0.0.0-1-g{}", short(commit)),
            uv_lock_sha: repeated("a1"),
            pnpm_lock_sha: repeated("b2"),
        }
    }

    /// The same with another newest migration.
    #[must_use]
    pub fn schema_version(mut self, version: &str) -> Self {
        version.clone_into(&mut self.schema_version);
        self
    }
}

/// The first seven digits of a SHA.
pub(super) fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}

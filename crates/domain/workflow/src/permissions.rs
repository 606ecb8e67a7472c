//! `permissions`: what the token of a job may do.

use std::collections::BTreeMap;

/// The scopes that are granted; every scope that is not named is `none` (GitHub, "Workflow syntax", `permissions`).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Permissions(pub BTreeMap<String, Access>);

impl Permissions {
    /// What is granted on this scope, such as `contents`.
    #[must_use]
    pub fn on(&self, scope: &str) -> Access {
        self.0.get(scope).copied().unwrap_or(Access::None)
    }
}

/// How much.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Access {
    /// Nothing.
    None,
    /// To read.
    Read,
    /// To write, and so to read.
    Write,
}

/// The scopes of the token (GitHub, "Workflow syntax", `permissions`).
pub(crate) const SCOPES: [&str; 16] = [
    "actions",
    "artifact-metadata",
    "attestations",
    "checks",
    "contents",
    "deployments",
    "discussions",
    "id-token",
    "issues",
    "models",
    "packages",
    "pages",
    "pull-requests",
    "repository-projects",
    "security-events",
    "statuses",
];

//! Environments: who may deploy where, and from which refs.

use http::Error;
use serde::Deserialize;
use serde_json::json;

use crate::client::{GitHub, PAGE};
use crate::commit::absent;
use crate::error;

/// An environment (GitHub's OpenAPI document, `environment`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// What stands before a job that deploys to it.
    #[serde(default)]
    pub protection_rules: Vec<ProtectionRule>,
    /// Which refs may deploy to it; nothing means all of them.
    pub deployment_branch_policy: Option<BranchPolicies>,
}

/// One rule that stands before a job.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ProtectionRule {
    /// `wait_timer`, `required_reviewers`, `branch_policy`, or an app's own.
    #[serde(rename = "type")]
    pub kind: String,
    /// Minutes to wait, of a `wait_timer`.
    pub wait_timer: Option<u64>,
    /// Whether whoever started the run may not approve it, of `required_reviewers`.
    pub prevent_self_review: Option<bool>,
}

/// How the refs of an environment are restricted; the two are always opposite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct BranchPolicies {
    /// To protected branches.
    pub protected_branches: bool,
    /// To the patterns that [`GitHub::branch_policies`] lists.
    pub custom_branch_policies: bool,
}

/// One pattern of refs that may deploy.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct BranchPolicy {
    /// The pattern; its `*` does not match a slash.
    pub name: String,
    /// What it is matched with; a branch when GitHub does not say.
    #[serde(rename = "type", default)]
    pub kind: PolicyKind,
}

/// What a pattern is matched with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PolicyKind {
    /// Branches.
    #[default]
    Branch,
    /// Tags.
    Tag,
}

#[derive(Deserialize)]
struct Policies {
    branch_policies: Vec<BranchPolicy>,
}

/// More pages of patterns than anybody has written.
const PAGES: usize = 10;

impl GitHub {
    /// One environment; `None` when there is none of this name. Needs `actions: read`.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn environment(&self, name: &str) -> Result<Option<Environment>, Error> {
        absent(self.read(&self.route(["environments", name]), &()).await, &[404])
    }

    /// The patterns of refs that may deploy to an environment. Needs `actions: read`.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn branch_policies(&self, environment: &str) -> Result<Vec<BranchPolicy>, Error> {
        let route = self.route(["environments", environment, "deployment-branch-policies"]);
        let mut policies = Vec::new();
        for page in 1..=PAGES {
            // octocrab's pages do not know this list.
            let mut read: Policies = self.read(&route, &json!({"per_page": PAGE, "page": page})).await?;
            let is_last = read.branch_policies.len() < usize::from(PAGE);
            policies.append(&mut read.branch_policies);
            if is_last {
                return Ok(policies);
            }
        }
        Err(error::endless(&route, PAGES))
    }
}

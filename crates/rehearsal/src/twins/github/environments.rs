//! Environments and the refs that may deploy to them.

use std::time::SystemTime;

use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::answer::{Answer, Refusal, found};
use super::page::Page;
use super::{GitHub, Repository, profile, timestamp};

/// An environment to be seeded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewEnvironment {
    /// Its name.
    pub name: String,
    /// Minutes that a job waits.
    pub wait_timer: Option<u64>,
    /// Accounts of which one must approve; none means that nobody is asked.
    pub reviewers: Vec<String>,
    /// Whether whoever started a run may not approve it.
    pub prevent_self_review: bool,
    /// Which refs may deploy.
    pub policy: Policy,
}

/// Which refs may deploy to an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Every one.
    #[default]
    All,
    /// Protected branches.
    ProtectedBranches,
    /// Those that match a pattern of branches (`branch`) or tags (`tag`).
    Custom(Vec<(&'static str, String)>),
}

/// An environment, as it is kept.
#[derive(Clone, Debug)]
pub(super) struct Environment {
    pub(super) id: u64,
    pub(super) seed: NewEnvironment,
    pub(super) created_at: SystemTime,
}

impl Environment {
    fn show(&self, page: &Page, full_name: &str) -> Value {
        let (seed, time) = (&self.seed, timestamp(self.created_at));
        let policy = match seed.policy {
            Policy::All => Value::Null,
            Policy::ProtectedBranches => json!({"protected_branches": true, "custom_branch_policies": false}),
            Policy::Custom(_) => json!({"protected_branches": false, "custom_branch_policies": true}),
        };
        json!({
            "id": self.id, "node_id": profile::node_id("EN", self.id), "name": seed.name,
            "url": format!("{}/repos/{full_name}/environments/{}", page.root(), seed.name),
            "html_url": format!("{}/deployments/activity_log?environments_filter={}",
                profile::page(full_name), seed.name),
            "created_at": time, "updated_at": time, "protection_rules": self.rules(page),
            "deployment_branch_policy": policy,
        })
    }

    fn rules(&self, page: &Page) -> Vec<Value> {
        let mut rules = Vec::new();
        let id = |offset: u64| self.id * 10 + offset;
        if let Some(minutes) = self.seed.wait_timer {
            rules.push(json!({"id": id(1), "node_id": profile::node_id("GA", id(1)), "type": "wait_timer",
                "wait_timer": minutes}));
        }
        if !self.seed.reviewers.is_empty() {
            let reviewer =
                |login: &String| json!({"type": "User", "reviewer": profile::account(page.root(), login)});
            rules.push(
                json!({"id": id(2), "node_id": profile::node_id("GA", id(2)), "type": "required_reviewers",
                "prevent_self_review": self.seed.prevent_self_review,
                "reviewers": self.seed.reviewers.iter().map(reviewer).collect::<Vec<_>>()}),
            );
        }
        if self.seed.policy != Policy::All {
            rules.push(
                json!({"id": id(3), "node_id": profile::node_id("GA", id(3)), "type": "branch_policy"}),
            );
        }
        rules
    }

    fn policies(&self) -> Vec<Value> {
        let Policy::Custom(patterns) = &self.seed.policy else { return Vec::new() };
        let numbered = patterns.iter().enumerate();
        let shown = numbered.map(|(index, (kind, pattern))| {
            let id = self.id * 100 + index as u64;
            json!({"id": id, "node_id": profile::node_id("GA", id), "name": pattern, "type": kind})
        });
        shown.collect()
    }
}

/// `GET /repos/{owner}/{repo}/environments`
pub(super) async fn list(
    State(twin): State<GitHub>,
    Path((owner, name)): Path<(String, String)>,
    page: Page,
) -> Answer {
    twin.within((&owner, &name), |repository, _| {
        let all = repository.environments.iter();
        let shown: Vec<Value> = all.map(|one| one.show(&page, &repository.full_name)).collect();
        Ok(page.listed_as("environments", &shown))
    })
}

/// `GET /repos/{owner}/{repo}/environments/{environment_name}`
pub(super) async fn get(
    State(twin): State<GitHub>,
    Path((owner, name, environment)): Path<(String, String, String)>,
    page: Page,
) -> Answer {
    twin.within((&owner, &name), |repository, _| {
        found(of_name(repository, &environment)?.show(&page, &repository.full_name))
    })
}

/// `GET /repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies`
pub(super) async fn policies(
    State(twin): State<GitHub>,
    Path((owner, name, environment)): Path<(String, String, String)>,
    page: Page,
) -> Answer {
    twin.within((&owner, &name), |repository, _| {
        Ok(page.listed_as("branch_policies", &of_name(repository, &environment)?.policies()))
    })
}

/// Names do not differ by letter case (GitHub docs, managing environments).
fn of_name<'r>(repository: &'r Repository, name: &str) -> Result<&'r Environment, Refusal> {
    let mut all = repository.environments.iter();
    all.find(|one| one.seed.name.eq_ignore_ascii_case(name)).ok_or_else(Refusal::not_found)
}

//! What a repository on GitHub is set to: the part of a workflow's world that no file holds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use workflow::permissions::{Access, Permissions};

/// A repository's settings, and those of the runners that it has.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `owner/name`.
    pub repository: String,
    /// Who pushes and starts runs.
    pub actor: String,
    /// The API's address, in `GITHUB_API_URL` and `github.api_url`.
    pub api_url: String,
    /// The site's address, in `GITHUB_SERVER_URL` and `github.server_url`.
    pub server_url: String,
    /// Variables of the repository: `vars`, unless an environment has one of the same name.
    pub variables: BTreeMap<String, String>,
    /// Environments by name. There are no secrets outside them here.
    pub environments: BTreeMap<String, Environment>,
    /// Workflow files that are disabled: they are not even read.
    pub disabled: BTreeSet<String>,
    /// What a token may do where a file says nothing of permissions. GitHub's restricted default is to read
    /// contents and packages (GitHub docs, "Automatic token authentication").
    pub permissions: Permissions,
    /// Labels that the runners have.
    pub labels: BTreeSet<String>,
    /// Variables of the runners' own processes, which every step inherits.
    pub machine: BTreeMap<String, String>,
    /// `RUNNER_TOOL_CACHE` of every job, as on a runner that is used again; a fresh one for each when there is none.
    pub tool_cache: Option<PathBuf>,
    /// The first run's id; worlds that share a database need different ones.
    pub first_run: u64,
    /// How long a minute of `timeout-minutes` is: a minute, unless a test has less time.
    pub minute: Duration,
    /// How long the runner waits for a process that it signals.
    pub timing: crate::runner::Timing,
}

impl Settings {
    /// A repository of this name (`owner/name`) as GitHub makes one: no variables, no environments, and the
    /// runners have the label `ubuntu-latest`.
    #[must_use]
    pub fn new(repository: &str) -> Self {
        let restricted = ["contents", "packages"].map(|scope| (scope.to_owned(), Access::Read));
        Self {
            repository: repository.to_owned(),
            actor: "octocat".to_owned(),
            api_url: "https://api.github.com".to_owned(),
            server_url: "https://github.com".to_owned(),
            variables: BTreeMap::new(),
            environments: BTreeMap::new(),
            disabled: BTreeSet::new(),
            permissions: Permissions(restricted.into()),
            labels: BTreeSet::from(["ubuntu-latest".to_owned()]),
            machine: BTreeMap::new(),
            tool_cache: None,
            first_run: 1,
            minute: Duration::from_secs(60),
            timing: crate::runner::Timing::default(),
        }
    }

    /// The environment of this name, in any case; GitHub makes one without rules for a name that it does not know.
    pub(super) fn environment(&self, name: &str) -> Environment {
        let mut known = self.environments.iter();
        known
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map_or_else(Environment::default, |(_, e)| e.clone())
    }

    /// `owner`.
    pub(super) fn owner(&self) -> &str {
        self.repository.split('/').next().unwrap_or_default()
    }
}

/// An environment: what a job that names it gets, and what it must pass first
/// (GitHub docs, "Managing environments for deployment").
#[derive(Clone, Default)]
pub struct Environment {
    /// Its secrets, which are hidden from the start of a job.
    pub secrets: BTreeMap<String, String>,
    /// Its variables, which go before the repository's.
    pub variables: BTreeMap<String, String>,
    /// Which refs may deploy to it.
    pub refs: RefPolicy,
    /// What the required reviewer says; nothing when none is required.
    pub review: Option<Review>,
}

impl std::fmt::Debug for Environment {
    /// Names of secrets only.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Environment")
            .field("secrets", &self.secrets.keys())
            .field("variables", &self.variables)
            .field("refs", &self.refs)
            .field("review", &self.review)
            .finish()
    }
}

/// "Deployment branches and tags" of an environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum RefPolicy {
    /// No restriction.
    #[default]
    Any,
    /// Only refs that match a pattern of their kind. `*` does not match `/` (GitHub docs, "Deployment branches
    /// and tags": Ruby's `File.fnmatch` syntax); other wildcards are refused.
    Selected {
        /// Patterns of branch names.
        branches: Vec<String>,
        /// Patterns of tag names.
        tags: Vec<String>,
    },
}

/// What a required reviewer says when a job asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Review {
    /// Yes, at once. A [`super::Hooks`] may make the job wait.
    Approve,
    /// No: the job fails before it starts.
    Reject,
}

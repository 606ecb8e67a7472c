//! A stand-in for GitHub's REST API: commit statuses, commits, refs and tags,
//! environments, workflow runs and dispatches of repositories.
//!
//! Written from GitHub's OpenAPI document and its public REST docs; what could not be
//! verified there says so where it is done. Files and their changes are not kept: a
//! commit and a comparison list none. Time follows the clock that the twin is given.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use action::SharedClock;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

mod answer;
mod commits;
mod environments;
mod git;
mod guard;
mod history;
mod page;
mod profile;
mod references;
mod runs;
mod seed;
mod statuses;

pub use environments::{NewEnvironment, Policy};
pub use guard::{Level, Token};
pub use runs::{Dispatch, NewRun, NewWorkflow};
pub use statuses::Status;

use crate::server::unknown_route;

/// The token that a new twin accepts: a job's, with every permission that one can have.
pub const TOKEN: &str = "ghs_rehearsalTokenOfGitHub0123456789abcd";

/// The account behind a job's token.
pub const ACTIONS: &str = "github-actions[bot]";

/// The twin; a handle, cheap to clone.
#[derive(Clone, Debug)]
pub struct GitHub {
    clock: SharedClock,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    tokens: BTreeMap<String, Token>,
    rate: guard::RateLimit,
    /// By `owner/name` in lower case.
    repositories: BTreeMap<String, Repository>,
    last_id: u64,
}

/// What one repository holds.
#[derive(Debug, Default)]
struct Repository {
    /// `owner/name` as it was written.
    full_name: String,
    history: history::History,
    /// Oldest first.
    statuses: Vec<Status>,
    environments: Vec<environments::Environment>,
    workflows: Vec<runs::Workflow>,
    /// Oldest first.
    runs: Vec<runs::Run>,
    dispatches: Vec<Dispatch>,
}

impl GitHub {
    /// A server without repositories that accepts [`TOKEN`].
    #[must_use]
    pub fn new(clock: SharedClock) -> Self {
        let state = State {
            tokens: BTreeMap::from([(TOKEN.to_owned(), Token::of_a_job(&guard::EVERYTHING))]),
            rate: guard::RateLimit::default(),
            repositories: BTreeMap::new(),
            last_id: 1_000,
        };
        Self { clock, state: Arc::new(Mutex::new(state)) }
    }

    /// Its routes, at the root; any other path is answered by [`unknown_route`].
    pub fn router(&self) -> Router {
        let of_repository = |rest: &str| format!("/repos/{{owner}}/{{repo}}{rest}");
        Router::new()
            .route(&of_repository("/statuses/{sha}"), post(statuses::create))
            .route(&of_repository("/commits/{*rest}"), get(commits::below))
            .route(&of_repository("/compare/{*basehead}"), get(commits::compare))
            .route(&of_repository("/git/ref/{*reference}"), get(references::get))
            .route(&of_repository("/git/matching-refs/{*prefix}"), get(references::matching))
            .route(&of_repository("/git/tags/{sha}"), get(references::tag))
            .route(&of_repository("/environments"), get(environments::list))
            .route(&of_repository("/environments/{environment}"), get(environments::get))
            .route(
                &of_repository("/environments/{environment}/deployment-branch-policies"),
                get(environments::policies),
            )
            .route(&of_repository("/actions/runs"), get(runs::list))
            .route(&of_repository("/actions/workflows/{workflow}/runs"), get(runs::of_workflow))
            .route(&of_repository("/actions/workflows/{workflow}/dispatches"), post(runs::dispatch))
            .method_not_allowed_fallback(unknown_route)
            .layer(from_fn_with_state(self.clone(), guard::check))
            .fallback(unknown_route)
            .with_state(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` on a repository; 404 when there is none of that name.
    fn within(
        &self,
        (owner, name): (&str, &str),
        work: impl FnOnce(&mut Repository, &mut u64) -> answer::Answer,
    ) -> answer::Answer {
        let mut state = self.lock();
        let State { repositories, last_id, .. } = &mut *state;
        match repositories.get_mut(&key(&format!("{owner}/{name}"))) {
            Some(repository) => work(repository, last_id),
            None => Err(answer::Refusal::not_found()),
        }
    }
}

/// Names of repositories do not differ by letter case alone.
fn key(full_name: &str) -> String {
    full_name.to_ascii_lowercase()
}

/// RFC 3339 in UTC to the second, as GitHub's time stamps.
fn timestamp(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}

//! A repository with a history, and runs that mark its commits.

use std::sync::Arc;

use action::SimClock;
use rehearsal::contract::Vendor;
use rehearsal::fault::Faults;
use rehearsal::in_process::{Invocation, Run};
use rehearsal::server::Server;
use rehearsal::twins::github::{ACTIONS, GitHub, Level, Token};
use staging_marker::StagingMarker;

/// The executable.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_staging-marker");

pub const REPOSITORY: &str = "acme/api";
pub const CONTEXT: &str = "staging-success";

/// The tokens of jobs, planted so that a leak shows.
pub const READER: &str = "ghs_canaryOfTheReader0123456789abcdef";
pub const RECORDER: &str = "ghs_canaryOfTheRecorder0123456789abcd";

pub const STATUS: &str = "POST /repos/acme/api/statuses/{sha}";
pub const STATUSES: &str = "GET /repos/acme/api/commits/{sha}/statuses";

pub struct World {
    pub clock: Arc<SimClock>,
    pub twin: GitHub,
    pub api: Server,
    /// On `main`, oldest first.
    pub commits: Vec<String>,
}

impl World {
    /// Four commits on `main`. The tokens have what the documentation asks for and
    /// nothing more.
    pub fn new() -> Self {
        let clock = Arc::new(SimClock::default());
        let twin = GitHub::new(clock.clone());
        let mut commits: Vec<String> = Vec::new();
        for message in ["one", "two", "three", "four"] {
            let parents: Vec<&str> = commits.last().map(String::as_str).into_iter().collect();
            commits.push(twin.add_commit(REPOSITORY, message, &parents));
        }
        twin.set_reference(REPOSITORY, "heads/main", &commits[3]);
        let read = [("contents", Level::Read), ("statuses", Level::Read)];
        twin.add_token(READER, Token::of_a_job(&read));
        twin.add_token(RECORDER, Token::of_a_job(&[("statuses", Level::Write)]));
        let api = Server::of(Vendor::Github, twin.router()).unwrap();
        Self { clock, twin, api, commits }
    }

    pub fn head(&self) -> &str {
        &self.commits[3]
    }

    pub fn mark(&self, commit: &str, state: &str, creator: &str) {
        self.twin.add_status(REPOSITORY, commit, (state, CONTEXT), creator).unwrap();
    }

    pub fn passed(&self, commit: &str) {
        self.mark(commit, "success", ACTIONS);
    }

    pub fn states(&self, commit: &str) -> Vec<String> {
        self.twin.statuses(REPOSITORY, commit).into_iter().map(|status| status.state).collect()
    }

    pub fn faults(&self) -> &Faults {
        self.api.faults()
    }

    pub fn variables(&self, token: &str) -> Vec<(&'static str, String)> {
        vec![
            ("GITHUB_API_URL", self.api.base_url()),
            ("GITHUB_TOKEN", token.to_owned()),
            ("GITHUB_REPOSITORY", REPOSITORY.to_owned()),
            ("GITHUB_SERVER_URL", "https://github.example.com".to_owned()),
            ("GITHUB_RUN_ID", "77".to_owned()),
        ]
    }

    pub fn job(&self, mode: &str, commit: &str) -> Invocation {
        let token = if mode == "record" { RECORDER } else { READER };
        Invocation::new(self.clock.clone())
            .with("mode", mode)
            .with("commit", commit)
            .variables(self.variables(token))
            .canary(READER)
            .canary(RECORDER)
    }
}

pub async fn run(invocation: Invocation) -> Run {
    let run = invocation.run::<StagingMarker>().await.unwrap();
    assert_eq!(run.leaks(), Vec::<String>::new());
    run
}

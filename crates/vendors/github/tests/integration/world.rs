//! A twin, and a client of it.

use std::sync::Arc;

use action::{Context, Environment, Permit, Plan, SecretString, SharedClock, SimClock};
use github::{GitHub, Repository, Sha};
use rehearsal::contract::Vendor;
use rehearsal::server::Server;
use rehearsal::twins::github::{GitHub as Twin, TOKEN};

pub(crate) const REPOSITORY: &str = "acme/api";

pub(crate) struct World {
    pub(crate) clock: Arc<SimClock>,
    pub(crate) twin: Twin,
    pub(crate) server: Server,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(SimClock::default());
        let twin = Twin::new(clock.clone());
        let server = Server::of(Vendor::Github, twin.router()).unwrap();
        Self { clock, twin, server }
    }

    /// A commit on `main`.
    pub(crate) fn commit(&self) -> Sha {
        let sha = self.twin.add_commit(REPOSITORY, "begin", &[]);
        self.twin.set_reference(REPOSITORY, "heads/main", &sha);
        Sha::parse(&sha).unwrap()
    }

    pub(crate) fn client(&self) -> GitHub {
        self.client_with(TOKEN)
    }

    pub(crate) fn client_with(&self, token: &str) -> GitHub {
        let repository = Repository::parse(REPOSITORY).unwrap();
        GitHub::new(&self.context(), SecretString::from(token), repository).unwrap()
    }

    pub(crate) fn permit(&self) -> Permit {
        self.context().approve(&Plan::new()).unwrap()
    }

    fn context(&self) -> Context {
        let variables = [("GITHUB_API_URL".to_owned(), self.server.base_url())];
        let clock: SharedClock = self.clock.clone();
        Context::detached(Environment::from_iter(variables), clock)
    }
}

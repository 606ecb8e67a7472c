//! A twin, and a client of it inside a run.

use std::future::Future;
use std::sync::Arc;

use action::{Context, Environment, Permit, Plan, SecretString, SimClock};
use rehearsal::contract::Vendor;
use rehearsal::server::Server;
use rehearsal::twins::supabase::{Supabase as Twin, TOKEN};
use supabase::{ProjectRef, Supabase};

pub(crate) struct World {
    pub(crate) clock: Arc<SimClock>,
    pub(crate) twin: Twin,
    pub(crate) server: Server,
    /// Production, empty.
    pub(crate) production: String,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(SimClock::default());
        let twin = Twin::new(clock.clone());
        let server = Server::of(Vendor::Supabase, twin.router()).unwrap();
        let production = twin.add_project("production").unwrap();
        Self { clock, twin, server, production }
    }

    /// Gives `act` a client, and leave to write.
    pub(crate) fn with<F: Future<Output = ()>>(&self, act: impl FnOnce(Supabase, Permit) -> F) {
        let environment: Environment = [(supabase::API_URL, self.server.base_url())].into_iter().collect();
        let context = Context::detached(environment, self.clock.clone());
        let client = Supabase::new(&context, SecretString::from(TOKEN)).unwrap();
        let permit = context.approve(&Plan::new()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(act(client, permit));
    }
}

pub(crate) fn id(reference: &str) -> ProjectRef {
    reference.parse().unwrap()
}

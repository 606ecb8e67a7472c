//! A twin, and a client of it inside a run.

use std::future::Future;
use std::sync::Arc;

use action::{Context, Environment, Permit, Plan, SecretString, SimClock};
use rehearsal::contract::Vendor;
use rehearsal::server::Server;
use rehearsal::twins::render::{API_KEY, Render as Twin};
use render::{Render, ServiceId};

pub(crate) struct World {
    pub(crate) clock: Arc<SimClock>,
    pub(crate) twin: Twin,
    pub(crate) server: Server,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(SimClock::default());
        let twin = Twin::new(clock.clone());
        let server = Server::of(Vendor::Render, twin.router()).unwrap();
        Self { clock, twin, server }
    }

    /// Gives `act` a client, and leave to write.
    pub(crate) fn with<F: Future<Output = ()>>(&self, act: impl FnOnce(Render, Permit) -> F) {
        let environment: Environment =
            [("RENDER_API_URL", format!("{}/v1", self.server.base_url()))].into_iter().collect();
        let context = Context::detached(environment, self.clock.clone());
        let client = Render::new(&context, SecretString::from(API_KEY)).unwrap();
        let permit = context.approve(&Plan::new()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(act(client, permit));
    }
}

pub(crate) fn id(service: &str) -> ServiceId {
    service.parse().unwrap()
}

/// A commit whose SHA is this digit forty times.
pub(crate) fn sha(digit: char) -> String {
    digit.to_string().repeat(40)
}

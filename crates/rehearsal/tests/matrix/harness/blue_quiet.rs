//! Two serving services that are watched.

use std::sync::Arc;
use std::time::Duration;

use action::SimClock;
use blue_quiet::BlueQuiet;
use rehearsal::contract::Vendor;
use rehearsal::in_process::Invocation;
use rehearsal::server::Server;
use rehearsal::twins::render::{NewService, Plan, Render, Trigger};

use super::place::{Kind, Place};
use super::run::Run;
use super::secrets::RENDER_KEY;
use super::verdict::{Verdict, ensure};
use super::world::World;

/// The world.
pub(crate) struct QuietWorld {
    clock: Arc<SimClock>,
    server: Server,
    services: [String; 2],
    is_shut: bool,
}

impl QuietWorld {
    /// Nothing was deployed for an hour, and nothing will be.
    pub(crate) fn quiet() -> Self {
        Self::start(None)
    }

    /// A change of an env group has just started a deploy, which takes its time.
    pub(crate) fn disturbed() -> Self {
        Self::start(Some(Plan::live().build(Duration::from_secs(7_200))))
    }

    fn start(deploy: Option<Plan>) -> Self {
        let clock = Arc::new(SimClock::default());
        let twin = Render::new(clock.clone());
        twin.set_api_key(RENDER_KEY);
        let old = "a".repeat(40);
        let services = ["api-blue", "workers-blue"]
            .map(|name| twin.add_service(&NewService::web(name).live(&old).plan(Plan::at_once())));
        clock.advance(Duration::from_secs(3_600));
        let is_shut = deploy.is_some();
        if let Some(plan) = deploy {
            twin.plan_deploys(&services[1], [plan]).unwrap();
            twin.trigger(&services[1], Trigger::ServiceUpdated, &"c".repeat(40)).unwrap();
        }
        let server = Server::of(Vendor::Render, twin.router()).unwrap();
        Self { clock, server, services, is_shut }
    }
}

impl World for QuietWorld {
    type Primitive = BlueQuiet;

    fn places(&self) -> Vec<Place> {
        vec![Place::api(Kind::Render, &self.server)]
    }

    fn clock(&self) -> &Arc<SimClock> {
        &self.clock
    }

    fn secrets(&self) -> &'static [&'static str] {
        &[RENDER_KEY]
    }

    fn job(&self) -> Invocation {
        Invocation::new(self.clock.clone())
            .with("services", self.services.join("\n"))
            .with("window", "10s")
            .variable("RENDER_API_URL", format!("{}/v1", self.server.base_url()))
            .variable("RENDER_API_KEY", RENDER_KEY)
    }

    fn holds(&self, run: &Run) -> Verdict {
        ensure(run.writes.is_empty(), || "it wrote".to_owned())?;
        ensure(!(self.is_shut && run.is_good()), || "the gate opened".to_owned())?;
        let watched: u64 = run.output("watched-seconds").parse().unwrap_or_default();
        ensure(!run.is_good() || watched >= 10, || format!("it watched for {watched}s only"))
    }

    fn is_reached(&self) -> Verdict {
        Ok(())
    }

    fn settled(&self) -> &'static str {
        "success"
    }

    fn refusal(&self) -> Option<&'static str> {
        self.is_shut.then_some("refused")
    }

    fn needs_every_answer(&self) -> bool {
        true
    }
}

//! One service that is live, and a run that looks at it.

use std::sync::Arc;
use std::time::Duration;

use action::SimClock;
use rehearsal::in_process::{Invocation, Run};
use rehearsal::origins::{App, Build, Origins};
use rehearsal::twins::render::{NewService, Render};
use version_poll::VersionPoll;

pub const COMMIT: &str = "3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90";
pub const SCHEMA: &str = "20260422170300_core_event_handled";

pub struct World {
    pub clock: Arc<SimClock>,
    pub render: Render,
    pub origins: Origins,
    pub service: String,
}

impl World {
    pub fn new() -> Self {
        let clock = Arc::new(SimClock::default());
        let render = Render::new(clock.clone());
        let origins = Origins::start(render.clone()).unwrap();
        origins.bake(COMMIT, Build::of(COMMIT).schema_version(SCHEMA));
        let new = NewService::web("api-green").variable("SPECTRAL_GENERATION", "42").live(COMMIT);
        let service = render.add_service(&new);
        Self { clock, render, origins, service }
    }

    pub fn app(self, app: App) -> Self {
        self.origins.set_app(&self.service, app);
        self
    }

    pub fn url(&self) -> String {
        self.origins.url_of(&self.service).unwrap()
    }

    pub fn hosts(&self) -> String {
        let hosts = self.origins.addresses().unwrap();
        hosts.iter().map(|(name, address)| format!("{name}={address}")).collect::<Vec<_>>().join(",")
    }

    /// A run that wants what is live.
    pub fn look(&self) -> Invocation {
        self.look_for(COMMIT)
    }

    pub fn look_for(&self, commit: &str) -> Invocation {
        Invocation::new(self.clock.clone())
            .variable("GREENROOM_HOSTS", self.hosts())
            .with("url", self.url())
            .with("commit-sha", commit)
            .with("schema-version", SCHEMA)
            .with("generation", "42")
            .with("timeout", "2m")
    }

    pub fn slept(&self) -> Duration {
        self.clock.slept().iter().sum()
    }
}

pub async fn run(invocation: Invocation) -> Run {
    invocation.run::<VersionPoll>().await.unwrap()
}

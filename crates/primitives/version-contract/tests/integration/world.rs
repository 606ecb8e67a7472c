//! Three services that are live, and runs that check them.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use action::{Ending, SimClock};
use rehearsal::fault::Faults;
use rehearsal::in_process::{Invocation, Run};
use rehearsal::origins::{App, Build, Oddity, Origins};
use rehearsal::twins::render::{NewService, Render};
use version_contract::VersionContract;

/// The deploy key; it must show up nowhere.
pub const KEY: &str = "sk_deploy_canary_40be91";

pub const COMMIT: &str = "3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90";

pub const VERSION: &str = "GET /version";
pub const DETAIL: &str = "GET /version/detail";

/// 2026-11-20T10:00:00Z, so that times print evenly.
const NOW: u64 = 1_795_168_800;

pub struct World {
    pub clock: Arc<SimClock>,
    pub origins: Origins,
    /// api, dashboard, operations: all green.
    pub services: [String; 3],
}

impl World {
    pub fn new() -> Self {
        let clock = Arc::new(SimClock::starting_at(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW)));
        let render = Render::new(clock.clone());
        let origins = Origins::start(render.clone()).unwrap();
        origins.bake(COMMIT, Build::of(COMMIT));
        origins.set_deploy_keys([KEY]);
        let add = |name: &str| {
            let service = NewService::web(name).variable("SPECTRAL_GENERATION", "42").live(COMMIT);
            render.add_service(&service)
        };
        let services = ["api-green", "dashboard-green", "operations-green"].map(add);
        Self { clock, origins, services }
    }

    pub fn odd(self, service: usize, oddity: Oddity) -> Self {
        self.origins.set_app(&self.services[service], App::default().odd(oddity));
        self
    }

    pub fn url(&self, service: usize) -> String {
        self.origins.url_of(&self.services[service]).unwrap()
    }

    pub fn urls(&self) -> String {
        (0..3).map(|service| self.url(service) + "\n").collect()
    }

    pub fn faults(&self, service: usize) -> Faults {
        self.origins.faults_of(&self.services[service]).unwrap()
    }

    pub fn hosts(&self) -> String {
        let hosts = self.origins.addresses().unwrap();
        hosts.iter().map(|(name, address)| format!("{name}={address}")).collect::<Vec<_>>().join(",")
    }

    pub fn check(&self) -> Invocation {
        Invocation::new(self.clock.clone())
            .variable("GREENROOM_HOSTS", self.hosts())
            .variable("DEPLOY_KEY", KEY)
            .with("urls", self.urls())
            .canary(KEY)
    }

    pub fn run(&self) -> Run {
        run(self.check())
    }

    /// The summary with the origins' ports taken out.
    pub fn stable(&self, text: &str) -> String {
        text.replace(&format!(":{}", self.origins.port()), "")
    }

    pub fn slept(&self) -> Duration {
        self.clock.slept().iter().sum()
    }
}

pub fn run(invocation: Invocation) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let run = runtime.block_on(invocation.run::<VersionContract>()).unwrap();
    assert_eq!(run.leaks(), Vec::<String>::new());
    assert_ne!(run.ending, Ending::Bug, "{}", run.stderr);
    run
}

pub fn end(run: &Run) -> (u8, &str) {
    (run.ending.code(), run.output("result"))
}

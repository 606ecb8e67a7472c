//! Two serving services on a simulated clock, and runs that watch them.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use action::{Ending, SharedClock, SimClock, SystemClock};
use blue_quiet::BlueQuiet;
use rehearsal::contract::Vendor;
use rehearsal::fault::Faults;
use rehearsal::in_process::{Invocation, Run};
use rehearsal::server::Server;
use rehearsal::twins::render::{NewService, Plan, Render, Trigger};

/// The API key; it must show up nowhere.
pub const KEY: &str = "rnd_canary_77b0c2";

/// Every world begins here, so that times print evenly.
pub const NOW: u64 = 1_795_168_800; // 2026-11-20T10:00:00Z

pub const DEPLOYS: &str = "GET /v1/services/{id}/deploys";
pub const SERVICE: &str = "GET /v1/services/{id}";

pub struct World {
    pub clock: Arc<SimClock>,
    pub twin: Render,
    pub server: Server,
    pub api: String,
    pub workers: String,
}

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub fn sha(digit: char) -> String {
    digit.to_string().repeat(40)
}

impl World {
    pub fn new() -> Self {
        let clock = Arc::new(SimClock::starting_at(SystemTime::UNIX_EPOCH + seconds(NOW)));
        Self::on(clock.clone(), clock)
    }

    /// On the machine's own clock, for a real process.
    pub fn real() -> Self {
        Self::on(Arc::new(SystemClock), Arc::default())
    }

    fn on(time: SharedClock, clock: Arc<SimClock>) -> Self {
        let twin = Render::new(time);
        twin.set_api_key(KEY);
        let server = Server::of(Vendor::Render, twin.router()).unwrap();
        let add = |name: &str| twin.add_service(&NewService::web(name).live(&sha('a')).plan(Plan::at_once()));
        let (api, workers) = (add("api-blue"), add("workers-blue"));
        Self { clock, twin, server, api, workers }
    }

    pub fn faults(&self) -> &Faults {
        self.server.faults()
    }

    /// Somebody else deploys the service now.
    pub fn deploy(&self, service: &str, trigger: Trigger) -> String {
        self.twin.trigger(service, trigger, &sha('c')).unwrap()
    }

    /// The same, and then so much time passes.
    pub fn deployed_ago(&self, service: &str, plan: Plan, ago: Duration) -> String {
        self.twin.plan_deploys(service, [plan]).unwrap();
        let id = self.deploy(service, Trigger::ServiceUpdated);
        self.clock.advance(ago);
        id
    }

    pub fn services(&self) -> String {
        format!("{}\n{}\n", self.api, self.workers)
    }

    pub fn variables(&self) -> [(&'static str, String); 2] {
        [("RENDER_API_URL", format!("{}/v1", self.server.base_url())), ("RENDER_API_KEY", KEY.to_owned())]
    }

    /// A watch of both for half a minute.
    pub fn watch(&self) -> Invocation {
        Invocation::new(self.clock.clone())
            .variables(self.variables())
            .with("services", self.services())
            .canary(KEY)
    }

    pub fn run(&self) -> Report {
        self.run_with(&[])
    }

    pub fn run_with(&self, inputs: &[(&str, &str)]) -> Report {
        let watch = inputs.iter().fold(self.watch(), |watch, (input, value)| watch.with(input, value));
        run(watch)
    }

    pub fn slept(&self) -> Duration {
        self.clock.slept().iter().sum()
    }

    /// How often a route was asked.
    pub fn asked(&self, route: &str) -> usize {
        self.server.journal().count(route)
    }
}

/// A run with its end.
#[derive(Debug)]
pub struct Report {
    pub run: Run,
}

impl Report {
    pub fn end(&self) -> (u8, &str) {
        (self.run.ending.code(), self.run.output("result"))
    }

    pub fn error(&self) -> String {
        self.run.error()
    }

    #[track_caller]
    pub fn assert_quiet(&self) {
        assert_eq!(self.end(), (0, "success"), "{}", self.run.stderr);
        assert_eq!(self.run.output("deploys"), "");
    }

    #[track_caller]
    pub fn assert_refused(&self, told: &str) {
        assert_eq!(self.end(), (1, "refused"), "{}", self.run.stderr);
        assert!(self.error().contains(told), "{told}: {}", self.error());
        assert!(self.error().contains("\nhint: "), "{}", self.error());
    }
}

pub fn run(watch: Invocation) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let run = runtime.block_on(watch.run::<BlueQuiet>()).unwrap();
    assert_eq!(run.leaks(), Vec::<String>::new());
    assert_eq!(run.stdout, "");
    assert_ne!(run.ending, Ending::Bug, "{}", run.stderr);
    Report { run }
}

//! A service whose instances roll from one version to the next.

use std::sync::Arc;
use std::time::Duration;

use action::SimClock;
use rehearsal::in_process::Invocation;
use rehearsal::origins::{App, Build, Origins};
use rehearsal::twins::render::{NewService, Plan, Render, Trigger};
use version_poll::VersionPoll;

use super::place::{Kind, Place};
use super::run::Run;
use super::verdict::{Verdict, ensure, same};
use super::world::World;

/// For how long old and new instances answer in turns.
const ROLLS: Duration = Duration::from_secs(5);

/// What the new build calls its schema.
const SCHEMA: &str = "20261120090000_new";

/// The world.
pub(crate) struct VersionWorld {
    clock: Arc<SimClock>,
    twin: Render,
    origins: Origins,
    service: String,
}

fn commit(digit: char) -> String {
    digit.to_string().repeat(40)
}

impl VersionWorld {
    /// Commit `b` goes live in a few seconds; then for some more old and new
    /// instances answer in turns.
    pub(crate) fn new() -> Self {
        let clock = Arc::new(SimClock::default());
        let twin = Render::new(clock.clone());
        let origins = Origins::start(twin.clone()).unwrap();
        let plan = Plan::live().build(Duration::from_secs(3)).update(Duration::from_secs(1));
        let service = NewService::web("api-green").variable("SPECTRAL_GENERATION", "42").live(&commit('a'));
        let service = twin.add_service(&service.plan(plan));
        origins.bake(&commit('b'), Build::of(&commit('b')).schema_version(SCHEMA));
        origins.set_app(&service, App::default().boot(ROLLS));
        clock.advance(Duration::from_secs(3600));
        twin.trigger(&service, Trigger::Api, &commit('b')).unwrap();
        Self { clock, twin, origins, service }
    }

    fn live(&self) -> String {
        self.twin.live_deploy(&self.service).unwrap().unwrap().commit().unwrap().to_owned()
    }

    /// Whether every instance is new. A stale answer may have said so too early.
    fn has_rolled(&self) -> bool {
        let live = self.twin.live_deploy(&self.service).unwrap().unwrap();
        let is_over = live.finished_at.is_some_and(|since| self.twin.now() >= since + ROLLS);
        let strikes = self.origins.faults_of(&self.service).unwrap().strikes();
        is_over || strikes.iter().any(|strike| strike.what == "stale answer")
    }
}

impl World for VersionWorld {
    type Primitive = VersionPoll;

    fn places(&self) -> Vec<Place> {
        let journal = self.origins.journal_of(&self.service).unwrap();
        vec![Place::origin("green", Kind::Origin, journal, self.origins.faults_of(&self.service).unwrap())]
    }

    fn clock(&self) -> &Arc<SimClock> {
        &self.clock
    }

    fn secrets(&self) -> &'static [&'static str] {
        &[]
    }

    fn job(&self) -> Invocation {
        let hosts = self.origins.addresses().unwrap();
        let hosts: Vec<String> = hosts.iter().map(|(name, address)| format!("{name}={address}")).collect();
        Invocation::new(self.clock.clone())
            .with("url", self.origins.url_of(&self.service).unwrap())
            .with("commit-sha", commit('b'))
            .with("schema-version", SCHEMA)
            .with("generation", "42")
            .variable("GREENROOM_HOSTS", hosts.join(","))
    }

    fn holds(&self, run: &Run) -> Verdict {
        ensure(run.writes.is_empty(), || "it wrote".to_owned())?;
        if !run.is_good() {
            return Ok(());
        }
        same("what serves", self.live(), commit('b'))?;
        ensure(self.has_rolled(), || "old instances still answer".to_owned())?;
        let told = ["commit-sha", "schema-version", "generation"].map(|name| run.output(name).to_owned());
        same("the outputs", told, [commit('b'), SCHEMA.to_owned(), "42".to_owned()])
    }

    fn tells_all(&self, run: &Run) -> Verdict {
        ensure(run.output("attempts").parse::<u32>().is_ok_and(|looks| looks > 1), || {
            "it looked less than twice".to_owned()
        })
    }

    fn is_reached(&self) -> Verdict {
        same("what serves", self.live(), commit('b'))
    }

    /// It only looks, so there is never anything to leave unchanged.
    fn settled(&self) -> &'static str {
        "success"
    }
}

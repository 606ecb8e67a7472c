//! A service whose version documents are checked.

use std::sync::Arc;
use std::time::Duration;

use action::SimClock;
use rehearsal::in_process::Invocation;
use rehearsal::origins::{App, Build, Oddity, Origins};
use rehearsal::twins::render::{NewService, Render};
use version_contract::VersionContract;

use super::place::{Kind, Place};
use super::run::Run;
use super::secrets::DEPLOY_KEY;
use super::verdict::{Verdict, ensure};
use super::world::World;

/// The world.
pub(crate) struct ContractWorld {
    clock: Arc<SimClock>,
    origins: Origins,
    service: String,
    is_shut: bool,
}

impl ContractWorld {
    /// It answers as agreed.
    pub(crate) fn agreed() -> Self {
        Self::start(None)
    }

    /// Its generation is a text.
    pub(crate) fn odd() -> Self {
        Self::start(Some(Oddity::GenerationAsText))
    }

    fn start(oddity: Option<Oddity>) -> Self {
        let clock = Arc::new(SimClock::default());
        clock.advance(Duration::from_secs(3_600));
        let twin = Render::new(clock.clone());
        let origins = Origins::start(twin.clone()).unwrap();
        let commit = "a".repeat(40);
        origins.bake(&commit, Build::of(&commit));
        origins.set_deploy_keys([DEPLOY_KEY]);
        let service = NewService::web("api-green").variable("SPECTRAL_GENERATION", "42").live(&commit);
        let service = twin.add_service(&service);
        let is_shut = oddity.is_some();
        if let Some(oddity) = oddity {
            origins.set_app(&service, App::default().odd(oddity));
        }
        Self { clock, origins, service, is_shut }
    }
}

impl World for ContractWorld {
    type Primitive = VersionContract;

    fn places(&self) -> Vec<Place> {
        let journal = self.origins.journal_of(&self.service).unwrap();
        vec![Place::origin("green", Kind::Judged, journal, self.origins.faults_of(&self.service).unwrap())]
    }

    fn clock(&self) -> &Arc<SimClock> {
        &self.clock
    }

    fn secrets(&self) -> &'static [&'static str] {
        &[DEPLOY_KEY]
    }

    fn job(&self) -> Invocation {
        let hosts = self.origins.addresses().unwrap();
        let hosts: Vec<String> = hosts.iter().map(|(name, address)| format!("{name}={address}")).collect();
        Invocation::new(self.clock.clone())
            .with("urls", self.origins.url_of(&self.service).unwrap())
            .variable("DEPLOY_KEY", DEPLOY_KEY)
            .variable("GREENROOM_HOSTS", hosts.join(","))
    }

    fn holds(&self, run: &Run) -> Verdict {
        ensure(run.writes.is_empty(), || "it wrote".to_owned())?;
        ensure(!(self.is_shut && run.is_good()), || "it passed".to_owned())?;
        let clean = run.output("findings") == "0";
        ensure(run.is_good() == clean, || format!("findings: {:?}", run.output("findings")))
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
}

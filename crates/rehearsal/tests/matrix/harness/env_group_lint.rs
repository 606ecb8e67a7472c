//! Two services and the env group that is linked to them.

use std::sync::Arc;

use action::SimClock;
use env_group_lint::EnvGroupLint;
use rehearsal::contract::Vendor;
use rehearsal::in_process::Invocation;
use rehearsal::server::Server;
use rehearsal::twins::render::{NewService, Render};
use tempfile::TempDir;

use super::place::{Kind, Place};
use super::run::Run;
use super::secrets::{RENDER_KEY, STORED};
use super::verdict::{Verdict, ensure, same};
use super::world::World;

/// The world.
pub(crate) struct LintWorld {
    clock: Arc<SimClock>,
    server: Server,
    folder: TempDir,
    findings: &'static str,
}

impl LintWorld {
    /// Everything stands where it belongs.
    pub(crate) fn in_order() -> Self {
        Self::start(&["SENTRY_DSN"], "0")
    }

    /// A token of the workflow stands in the group.
    pub(crate) fn out_of_order() -> Self {
        Self::start(&["SENTRY_DSN", "CLOUDFLARE_API_TOKEN"], "1")
    }

    fn start(shared: &[&str], findings: &'static str) -> Self {
        let clock = Arc::new(SimClock::default());
        let twin = Render::new(clock.clone());
        twin.set_api_key(RENDER_KEY);
        let group = twin.add_env_group("shared", shared.iter().map(|key| (*key, STORED)));
        let [blue, green] = ["api-blue", "api-green"].map(|name| {
            let service = twin.add_service(&NewService::web(name).variable("SPECTRAL_GENERATION", STORED));
            twin.link_env_group(&group, &service).unwrap();
            service
        });
        let manifest = format!(
            "version: 1\ntargets:\n  api:\n    paths: [api/**]\n    blue: {{ service: {blue} }}\n    green: {{ service: {green} }}\n\
             env:\n  per_service: [SPECTRAL_GENERATION]\n  group: [SENTRY_DSN]\n  github: [CLOUDFLARE_API_TOKEN]\n"
        );
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("manifest.yml"), manifest).unwrap();
        let server = Server::of(Vendor::Render, twin.router()).unwrap();
        Self { clock, server, folder, findings }
    }
}

impl World for LintWorld {
    type Primitive = EnvGroupLint;

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
            .directory(self.folder.path())
            .with("manifest", "manifest.yml")
            .variable("RENDER_API_URL", format!("{}/v1", self.server.base_url()))
            .variable("RENDER_API_KEY", RENDER_KEY)
    }

    fn holds(&self, run: &Run) -> Verdict {
        ensure(run.writes.is_empty(), || "it wrote".to_owned())?;
        ensure(!(self.refusal().is_some() && run.is_good()), || "it passed".to_owned())?;
        let judged = run.is_good() || run.word() == "refused";
        same("the output findings", run.output("findings"), if judged { self.findings } else { "" })
    }

    fn is_reached(&self) -> Verdict {
        Ok(())
    }

    fn settled(&self) -> &'static str {
        "success"
    }

    fn refusal(&self) -> Option<&'static str> {
        (self.findings != "0").then_some("refused")
    }

    fn needs_every_answer(&self) -> bool {
        true
    }
}

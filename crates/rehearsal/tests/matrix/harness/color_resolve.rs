//! A target and its worker whose live colour is asked for, in the middle of a flip of this very run.

use std::sync::Arc;

use action::SimClock;
use color_resolve::ColorResolve;
use rehearsal::contract::Vendor;
use rehearsal::in_process::Invocation;
use rehearsal::postgres;
use rehearsal::server::Server;
use rehearsal::twins::cloudflare::{Cloudflare, Plan};
use serde_json::json;
use tempfile::TempDir;

use super::database::{Database, Databases};
use super::place::{Kind, Place};
use super::run::Run;
use super::secrets::CLOUDFLARE_TOKEN;
use super::verdict::{Verdict, ensure, same};
use super::world::World;

const MANIFEST: &str = r#"
version: 1
targets:
  api:
    paths: [api/**]
    hostnames: [api.example.com, www.example.com]
    blue: { service: srv-apiblue, origin: api-blue.onrender.com }
    green: { service: srv-apigreen, origin: api-green.onrender.com }
  workers:
    paths: [workers/**]
    blue: { service: srv-workersblue }
    green: { service: srv-workersgreen }
coupling: [[api, workers]]
"#;

/// A flip of run 77 that was announced.
const ANNOUNCED: &str = r#"insert into core.deployments (reference, sha, targets, run_id, intent_at, previous_cnames)
    values ('refs/tags/prod-1', repeat('a', 40), '{api,workers}', 77, now(),
        '{"api.example.com": "api-blue.onrender.com", "www.example.com": "api-blue.onrender.com"}')"#;

/// The outputs by which jobs act.
const WANTED: [(&str, &str); 4] = [
    ("flips", r#"["api","workers"]"#),
    ("expect", "api.example.com api-blue.onrender.com\nwww.example.com api-blue.onrender.com"),
    ("records", "api.example.com api-green.onrender.com\nwww.example.com api-green.onrender.com"),
    ("live-services", "srv-apiblue\nsrv-workersblue"),
];

/// The world.
pub(crate) struct ColorWorld {
    clock: Arc<SimClock>,
    twin: Cloudflare,
    server: Server,
    zone: String,
    folder: TempDir,
    database: Database,
    before: String,
    /// Whose run asks.
    run_id: &'static str,
}

impl ColorWorld {
    /// The run that announced the flip goes on: one of its names has moved.
    pub(crate) fn own(databases: &Databases) -> Self {
        Self::start(databases, "77")
    }

    /// Another run finds the flip unfinished.
    pub(crate) fn unfinished(databases: &Databases) -> Self {
        Self::start(databases, "78")
    }

    fn start(databases: &Databases, run_id: &'static str) -> Self {
        let clock = Arc::new(SimClock::default());
        let twin = Cloudflare::new(clock.clone());
        twin.set_token(CLOUDFLARE_TOKEN);
        let zone = twin.add_zone("example.com", Plan::Free, &["a.ns.example", "b.ns.example"]);
        for (host, target) in
            [("api.example.com", "api-green.onrender.com"), ("www.example.com", "api-blue.onrender.com")]
        {
            let record = json!({"type": "CNAME", "name": host, "content": target, "ttl": 60});
            twin.add_record(&zone, &record).unwrap();
        }
        let server = Server::of(Vendor::Cloudflare, twin.router()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("manifest.yml"), MANIFEST).unwrap();
        let database = databases.with(ANNOUNCED);
        let before = database.rows();
        Self { clock, twin, server, zone, folder, database, before, run_id }
    }

    fn is_own(&self) -> bool {
        self.run_id == "77"
    }
}

impl World for ColorWorld {
    type Primitive = ColorResolve;

    fn places(&self) -> Vec<Place> {
        vec![Place::api(Kind::Cloudflare, &self.server)]
    }

    fn database(&self) -> Option<&Database> {
        Some(&self.database)
    }

    fn clock(&self) -> &Arc<SimClock> {
        &self.clock
    }

    fn secrets(&self) -> &'static [&'static str] {
        &[CLOUDFLARE_TOKEN, postgres::PASSWORD]
    }

    fn job(&self) -> Invocation {
        Invocation::new(self.clock.clone())
            .directory(self.folder.path())
            .with("targets", r#"["api","workers"]"#)
            .with("zone-id", &self.zone)
            .with("manifest", "manifest.yml")
            .variable("GITHUB_RUN_ID", self.run_id)
            .variable("CLOUDFLARE_API_URL", format!("{}/client/v4", self.server.base_url()))
            .variable("CLOUDFLARE_API_TOKEN", CLOUDFLARE_TOKEN)
            .variable("DATABASE_URL", self.database.dsn())
    }

    fn holds(&self, run: &Run) -> Verdict {
        ensure(run.writes.is_empty(), || "it wrote".to_owned())?;
        same("the rows", &self.database.rows(), &self.before)?;
        ensure(self.is_own() || !run.is_good(), || "it took another run's flip for nothing".to_owned())?;
        for (output, value) in WANTED {
            let wanted = if run.is_good() { value } else { "" };
            same(&format!("the output {output}"), run.output(output), wanted)?;
        }
        Ok(())
    }

    fn is_reached(&self) -> Verdict {
        same("the names", self.twin.records(&self.zone).len(), 2)
    }

    fn settled(&self) -> &'static str {
        "success"
    }

    fn refusal(&self) -> Option<&'static str> {
        (!self.is_own()).then_some("stale")
    }

    fn needs_every_answer(&self) -> bool {
        true
    }
}

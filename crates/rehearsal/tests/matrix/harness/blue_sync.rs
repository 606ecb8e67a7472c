//! An api and its workers a day after their cutover: what stands by still runs what served before.

use std::sync::Arc;
use std::time::Duration;

use action::SimClock;
use blue_sync::BlueSync;
use rehearsal::contract::Vendor;
use rehearsal::in_process::Invocation;
use rehearsal::postgres;
use rehearsal::server::Server;
use rehearsal::twins::cloudflare::{Cloudflare, Plan as ZonePlan};
use rehearsal::twins::render::{Limits, NewService, Plan, Render, ServiceType};
use serde_json::json;
use tempfile::TempDir;

use super::database::{Database, Databases};
use super::place::{Kind, Place};
use super::run::Run;
use super::secrets::{CLOUDFLARE_TOKEN, RENDER_KEY};
use super::verdict::{Verdict, ensure, same};
use super::world::World;

/// The variable that carries the generation (ADR-053 D7).
const GENERATION: &str = "SPECTRAL_GENERATION";

/// A cutover of both that is older than its hold.
const CUT_OVER: &str = r#"insert into core.deployments (reference, sha, targets, run_id, intent_at, cut_over_at, previous_cnames)
    values ('refs/tags/prod-1', repeat('b', 40), '{api,workers}', 77, now() - interval '25 hours', now() - interval '25 hours',
        '{"api.example.com": "api-blue.onrender.com"}')"#;

/// The world.
pub(crate) struct SyncWorld {
    clock: Arc<SimClock>,
    render: Render,
    server: Server,
    names: Server,
    zone: String,
    folder: TempDir,
    database: Database,
    /// Those of the api and of the workers that stand by.
    standby: [String; 2],
    /// Those that serve.
    live: [String; 2],
}

impl SyncWorld {
    pub(crate) fn new(databases: &Databases) -> Self {
        let clock = Arc::new(SimClock::default());
        let render = Render::new(clock.clone());
        render.set_api_key(RENDER_KEY);
        // Two deploys, and no more writes than they need; a disturbed run and the next one come within a minute.
        render.set_limits(Limits { other_writes: None, ..Limits::default() });
        let add = |name: &str, kind, commit: &str, generation: &str| {
            let plan = Plan::live().build(Duration::from_secs(4)).update(Duration::from_secs(2));
            let new = NewService::new(name, kind).variable(GENERATION, generation).plan(plan);
            render.add_service(&new.live(&commit.repeat(40)))
        };
        let standby =
            [add("api-blue", ServiceType::Web, "a", "0"), add("workers-blue", ServiceType::Worker, "a", "0")];
        let live = [
            add("api-green", ServiceType::Web, "b", "1"),
            add("workers-green", ServiceType::Worker, "b", "1"),
        ];
        clock.advance(Duration::from_secs(3600));
        let cloudflare = Cloudflare::new(clock.clone());
        cloudflare.set_token(CLOUDFLARE_TOKEN);
        let zone = cloudflare.add_zone("example.com", ZonePlan::Free, &["a.ns.example", "b.ns.example"]);
        let record = json!({"type": "CNAME", "name": "api.example.com", "content": "api-green.onrender.com", "ttl": 60});
        cloudflare.add_record(&zone, &record).unwrap();
        let server = Server::of(Vendor::Render, render.router()).unwrap();
        let names = Server::of(Vendor::Cloudflare, cloudflare.router()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("manifest.yml"), manifest(&standby, &live)).unwrap();
        let database = databases.with(CUT_OVER);
        Self { clock, render, server, names, zone, folder, database, standby, live }
    }

    /// Commit and generation that a service runs.
    fn runs(&self, service: &str) -> (String, String) {
        let live = self.render.live_deploy(service).unwrap().unwrap();
        let variables = self.render.running_env(service).unwrap().unwrap();
        (live.commit().unwrap().to_owned(), variables.get(GENERATION).cloned().unwrap_or_default())
    }

    fn is_recorded(&self) -> bool {
        self.database.rows().contains("synced")
    }
}

fn manifest(blue: &[String; 2], green: &[String; 2]) -> String {
    let ([api_blue, workers_blue], [api_green, workers_green]) = (blue, green);
    format!(
        "version: 1
targets:
  api:
    paths: [api/**]
    hostnames: [api.example.com]
    blue: {{ service: {api_blue}, origin: api-blue.onrender.com }}
    green: {{ service: {api_green}, origin: api-green.onrender.com }}
  workers:
    paths: [workers/**]
    blue: {{ service: {workers_blue} }}
    green: {{ service: {workers_green} }}
coupling: [[api, workers]]
"
    )
}

fn new() -> (String, String) {
    ("b".repeat(40), "1".to_owned())
}

fn old() -> (String, String) {
    ("a".repeat(40), "0".to_owned())
}

impl World for SyncWorld {
    type Primitive = BlueSync;

    fn places(&self) -> Vec<Place> {
        vec![Place::api(Kind::Render, &self.server), Place::api(Kind::Cloudflare, &self.names)]
    }

    fn database(&self) -> Option<&Database> {
        Some(&self.database)
    }

    fn clock(&self) -> &Arc<SimClock> {
        &self.clock
    }

    fn secrets(&self) -> &'static [&'static str] {
        &[RENDER_KEY, CLOUDFLARE_TOKEN, postgres::PASSWORD]
    }

    fn job(&self) -> Invocation {
        Invocation::new(self.clock.clone())
            .directory(self.folder.path())
            .with("zone-id", &self.zone)
            .with("manifest", "manifest.yml")
            .variable("RENDER_API_URL", format!("{}/v1", self.server.base_url()))
            .variable("RENDER_API_KEY", RENDER_KEY)
            .variable("CLOUDFLARE_API_URL", format!("{}/client/v4", self.names.base_url()))
            .variable("CLOUDFLARE_API_TOKEN", CLOUDFLARE_TOKEN)
            .variable("DATABASE_URL", self.database.dsn())
    }

    fn holds(&self, run: &Run) -> Verdict {
        for service in &self.live {
            same("what serves", self.runs(service), new())?;
            same("the deploys of what serves", self.render.deploys(service).unwrap().len(), 1)?;
        }
        for service in &self.standby {
            let found = self.runs(service);
            ensure([old(), new()].contains(&found), || format!("half of it stands by: {found:?}"))?;
            let deploys = self.render.deploys(service).unwrap().len();
            ensure(deploys <= 2, || format!("{deploys} deploys of one that stands by"))?;
        }
        let are_synced = self.standby.iter().all(|service| self.runs(service) == new());
        ensure(are_synced || !self.is_recorded(), || "recorded, and not synced".to_owned())?;
        ensure(!run.is_good() || self.is_recorded(), || format!("{}, and not recorded", run.word()))
    }

    fn is_reached(&self) -> Verdict {
        for service in &self.standby {
            same("what stands by", self.runs(service), new())?;
            same("its deploys", self.render.deploys(service).unwrap().len(), 2)?;
            let is_marked = self.render.env(service).unwrap().contains_key("GREENROOM_PENDING");
            ensure(!is_marked, || "a mark is left over".to_owned())?;
        }
        ensure(self.is_recorded(), || "the sync is not recorded".to_owned())
    }
}

//! A day after a cutover to green: api and workers are one group, the dashboard another.

use std::fs;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use action::{SharedClock, SystemClock};
use blue_sync::BlueSync;
use rehearsal::contract::Vendor;
use rehearsal::fault::{Rule, What, When};
use rehearsal::in_process::{Invocation, Run};
use rehearsal::postgres::{PASSWORD, Postgres};
use rehearsal::server::Server;
use rehearsal::twins::cloudflare::{Cloudflare, Plan as ZonePlan};
use rehearsal::twins::render::{Change, Effect, NewService, Render, ServiceType};
use tempfile::TempDir;

use crate::event::Events;

/// Credentials; they must show up nowhere.
pub(crate) const KEY: &str = "rnd_canary_19aa50fe";
pub(crate) const TOKEN: &str = "canary-cloudflare-token-4be1";

/// The generation that served before, and the one that serves.
pub(crate) const OLD: &str = "1111111111111111111111111111111111111111";
pub(crate) const NEW: &str = "2222222222222222222222222222222222222222";

const MANIFEST: &str = r#"
version: 1
targets:
  api:
    paths: [api/**]
    hostnames: [api.example.com]
    blue: { service: "${{ vars.API_BLUE }}", origin: api-blue.onrender.com }
    green: { service: "${{ vars.API_GREEN }}", origin: api-green.onrender.com }
  workers:
    paths: [workers/**]
    blue: { service: "${{ vars.WORKERS_BLUE }}" }
    green: { service: "${{ vars.WORKERS_GREEN }}" }
  dashboard:
    paths: [dashboard/**]
    hostnames: [app.example.com]
    blue: { service: "${{ vars.DASHBOARD_BLUE }}", origin: dash-blue.onrender.com }
    green: { service: "${{ vars.DASHBOARD_GREEN }}", origin: dash-green.onrender.com }
  docs:
    kind: pages
    paths: [docs/**]
    hostnames: [docs.example.com]
coupling: [[api, workers]]
"#;

/// The services, by the name of their variable; green runs what serves.
const SERVICES: [(&str, &str, ServiceType); 6] = [
    ("API_BLUE", "api-blue", ServiceType::Web),
    ("API_GREEN", "api-green", ServiceType::Web),
    ("WORKERS_BLUE", "workers-blue", ServiceType::Worker),
    ("WORKERS_GREEN", "workers-green", ServiceType::Worker),
    ("DASHBOARD_BLUE", "dashboard-blue", ServiceType::Web),
    ("DASHBOARD_GREEN", "dashboard-green", ServiceType::Web),
];

pub(crate) struct World {
    clock: SharedClock,
    events: Arc<Events>,
    pub(crate) render: Render,
    pub(crate) server: Server,
    pub(crate) cloudflare: Cloudflare,
    names: Server,
    pub(crate) zone: String,
    pub(crate) postgres: Arc<Postgres>,
    pub(crate) folder: TempDir,
}

impl World {
    /// Generation 2 of all three was cut over so long ago.
    pub(crate) fn new(ago: &str) -> Self {
        Self::with_dashboard_at(ago, "dash-green.onrender.com")
    }

    /// The same, and the dashboard's name points here now.
    pub(crate) fn with_dashboard_at(ago: &str, origin: &str) -> Self {
        let events = Arc::new(Events::default());
        Self::on(events.clone(), events, ago, origin)
    }

    /// On the machine's own clock, for real processes.
    pub(crate) fn real(ago: &str) -> Self {
        Self::on(Arc::new(SystemClock), Arc::default(), ago, "dash-green.onrender.com")
    }

    fn on(clock: SharedClock, events: Arc<Events>, ago: &str, dashboard: &str) -> Self {
        let render = Render::new(clock.clone());
        render.set_api_key(KEY);
        for (_, name, kind) in SERVICES {
            let (commit, generation) = if name.ends_with("green") { (NEW, "2") } else { (OLD, "1") };
            let service =
                NewService::new(name, kind).variable("SPECTRAL_GENERATION", generation).live(commit);
            let _ = render.add_service(&service);
        }
        let cloudflare = Cloudflare::new(clock.clone());
        cloudflare.set_token(TOKEN);
        let zone = cloudflare.add_zone("example.com", ZonePlan::Free, &["a.ns.example", "b.ns.example"]);
        let server = Server::of(Vendor::Render, render.router()).unwrap();
        let names = Server::of(Vendor::Cloudflare, cloudflare.router()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".github")).unwrap();
        fs::write(folder.path().join(".github/deploy-manifest.yml"), MANIFEST).unwrap();
        let postgres = Arc::new(Postgres::with_ledger().unwrap());
        let world = Self { clock, events, render, server, cloudflare, names, zone, postgres, folder };
        world.point("api.example.com", "api-green.onrender.com");
        world.point("app.example.com", dashboard);
        world.row(1, OLD, "{api,workers,dashboard}", "9 days");
        world.row(2, NEW, "{api,workers,dashboard}", ago);
        world
    }

    fn point(&self, host: &str, origin: &str) {
        let json = format!(r#"{{"type": "CNAME", "name": "{host}", "content": "{origin}", "ttl": 60}}"#);
        self.cloudflare.add_record(&self.zone, &serde_json::from_str(&json).unwrap()).unwrap();
    }

    /// A cutover from blue to green, so long ago.
    pub(crate) fn row(&self, number: u64, sha: &str, targets: &str, ago: &str) {
        self.sql(&format!(
            "insert into core.deployments (reference, tag, sha, targets, run_id, intent_at, cut_over_at, previous_cnames)
             values ('refs/tags/prod-{number}', 'prod-{number}', '{sha}', '{targets}', {number}, now() - interval '{ago}',
             now() - interval '{ago}',
             '{{\"api.example.com\": \"api-blue.onrender.com\", \"app.example.com\": \"dash-blue.onrender.com\"}}')"
        ));
    }

    /// Lets an hour pass, for the deploys that are on their way.
    pub(crate) fn pass(&self) {
        block_on(self.clock.sleep(Duration::from_secs(3600)));
    }

    pub(crate) fn sql(&self, sql: &str) {
        self.postgres.execute(sql).unwrap();
    }

    /// Generations that are recorded as synced.
    pub(crate) fn synced(&self) -> String {
        let sql = "select string_agg(generation::text, ',' order by generation) from core.deployments where synced_at is not null";
        self.postgres.value(sql).unwrap()
    }

    pub(crate) fn id(&self, name: &str) -> String {
        self.render.service_named(name).unwrap()
    }

    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let services = SERVICES.map(|(variable, name, _)| (variable.to_owned(), self.id(name)));
        let fixed = [
            ("RENDER_API_URL", format!("{}/v1", self.server.base_url())),
            ("RENDER_API_KEY", KEY.to_owned()),
            ("CLOUDFLARE_API_URL", format!("{}/client/v4", self.names.base_url())),
            ("CLOUDFLARE_API_TOKEN", TOKEN.to_owned()),
            ("DATABASE_URL", self.postgres.dsn()),
            ("INPUT_ZONE_ID", self.zone.clone()),
        ];
        fixed.map(|(name, value)| (name.to_owned(), value)).into_iter().chain(services).collect()
    }

    /// Syncs whatever is due.
    pub(crate) fn sync(&self) -> Run {
        self.sync_with(&[])
    }

    pub(crate) fn sync_with(&self, inputs: &[(&str, &str)]) -> Run {
        block_on(self.start(inputs))
    }

    /// A run that has not begun; dropping it is what SIGKILL is to a process.
    pub(crate) async fn start(&self, inputs: &[(&str, &str)]) -> Run {
        let mut invocation = Invocation::new(self.clock.clone())
            .variables(self.environment())
            .directory(self.folder.path())
            .canary(KEY)
            .canary(TOKEN)
            .canary(PASSWORD);
        for (input, value) in inputs {
            invocation = invocation.with(input, value);
        }
        let run = invocation.run::<BlueSync>().await.unwrap();
        assert_eq!(run.leaks(), [""; 0]);
        assert_eq!(run.stdout, "");
        run
    }

    /// Has `change` happen while a sync waits for the deploy that it asked for of this service.
    pub(crate) fn while_deploying(&self, service: &str, change: impl FnOnce() + Send + 'static) {
        let (render, id) = (self.render.clone(), self.id(service));
        let is_asked_for = move || {
            let is_it = |effect: &Effect| {
                effect.target == id && matches!(effect.change, Change::DeployTriggered { .. })
            };
            render.effects().iter().any(is_it)
        };
        self.events.once(is_asked_for, change);
    }

    /// Whether what was to happen meanwhile has happened.
    pub(crate) fn is_calm(&self) -> bool {
        self.events.are_over()
    }

    /// Runs until the rule strikes, then is gone as after SIGKILL.
    #[track_caller]
    pub(crate) fn kill_at(&self, route: &str, nth: u64) {
        let rule: Rule = self.server.faults().on(route, When::Nth(nth), What::Hang);
        let ended = block_on(rule.kills(self.start(&[])));
        assert!(ended.is_none(), "it was not killed: {ended:?}");
    }

    /// The services that the API deployed, by name, in order.
    pub(crate) fn deployed(&self) -> Vec<&'static str> {
        let name = |id: &str| SERVICES.iter().find(|(_, name, _)| self.id(name) == id).unwrap().1;
        let effects = self.render.effects();
        let deploys = effects.iter().filter(|effect| matches!(effect.change, Change::DeployTriggered { .. }));
        deploys.map(|effect| name(&effect.target)).collect()
    }

    /// Commit and generation that a service runs.
    pub(crate) fn runs(&self, name: &str) -> (String, String) {
        let id = self.id(name);
        let live = self.render.live_deploy(&id).unwrap().expect("a live deploy");
        let running = self.render.running_env(&id).unwrap().unwrap();
        assert!(!self.render.env(&id).unwrap().contains_key("GREENROOM_PENDING"));
        (live.commit().unwrap().to_owned(), running["SPECTRAL_GENERATION"].clone())
    }

    #[track_caller]
    pub(crate) fn assert_runs(&self, names: &[&str], commit: &str, generation: &str) {
        for name in names {
            assert_eq!(self.runs(name), (commit.to_owned(), generation.to_owned()), "{name}");
        }
    }

    /// A run that follows changes nothing.
    #[track_caller]
    pub(crate) fn assert_settled(&self) {
        let (effects, synced) = (self.render.effects().len(), self.synced());
        let again = self.sync();
        assert_eq!(end(&again), (0, "unchanged"), "{}", again.stderr);
        assert_eq!((self.render.effects().len(), self.synced()), (effects, synced));
    }
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// The exit code and the word.
pub(crate) fn end(run: &Run) -> (u8, &str) {
    (run.ending.code(), run.output("result"))
}

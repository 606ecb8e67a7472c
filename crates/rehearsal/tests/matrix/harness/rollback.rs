//! A generation that was cut over an hour ago and whose names are to go back.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use action::{SharedClock, SimClock};
use rehearsal::contract::Vendor;
use rehearsal::dns::{self, DnsServer, Zone};
use rehearsal::in_process::Invocation;
use rehearsal::origins::{Build, Origins};
use rehearsal::postgres;
use rehearsal::repository::Repository;
use rehearsal::server::Server;
use rehearsal::twins::cloudflare::{Cloudflare, Plan};
use rehearsal::twins::render::{NewService, Render};
use rollback::Rollback;
use serde_json::json;

use super::database::{Database, Databases};
use super::place::{Kind, Place};
use super::run::Run;
use super::secrets::{CLOUDFLARE_TOKEN, RENDER_KEY};
use super::verdict::{Verdict, ensure, same};
use super::world::World;

const ZONE: &str = "example.localhost";
const NAMES: [&str; 2] = ["api.example.localhost", "www.example.localhost"];

/// The world.
pub(crate) struct RollbackWorld {
    clock: Arc<SimClock>,
    twin: Cloudflare,
    server: Server,
    zone: String,
    render_server: Server,
    origins: Origins,
    dns: DnsServer,
    /// The former one.
    blue: String,
    /// What served before, and what serves.
    targets: [String; 2],
    database: Database,
}

/// A repository that nobody changes, with the commits of both generations.
fn code() -> &'static (Repository, [String; 2]) {
    static CODE: OnceLock<(Repository, [String; 2])> = OnceLock::new();
    CODE.get_or_init(|| {
        let repository = Repository::new().unwrap();
        let commits = ["one", "two"].map(|text| {
            repository.write("api/main.py", text).unwrap();
            repository.commit(text).unwrap()
        });
        (repository, commits)
    })
}

impl RollbackWorld {
    /// The names are on green, and blue runs what it ran.
    pub(crate) fn new(databases: &Databases) -> Self {
        let clock = Arc::new(SimClock::default());
        let shared: SharedClock = clock.clone();
        let (twin, render) = (Cloudflare::new(shared.clone()), Render::new(shared.clone()));
        twin.set_token(CLOUDFLARE_TOKEN);
        render.set_api_key(RENDER_KEY);
        let origins = Origins::start(render.clone()).unwrap();
        let (_, commits) = code();
        let [blue, green] = [("api-blue", &commits[0]), ("api-green", &commits[1])].map(|(name, commit)| {
            origins.bake(commit, Build::of(commit));
            let id = render.add_service(&NewService::web(name).live(commit));
            NAMES.iter().for_each(|host| render.attach(&id, host, true).unwrap());
            id
        });
        let targets = [&blue, &green].map(|id| render.public_name(id).unwrap());
        let zones = vec![Zone::new(ZONE, Arc::new(twin.clone()))];
        let dns = DnsServer::start(dns::Options { zones, clock: shared, ..dns::Options::default() }).unwrap();
        let zone = twin.add_zone(ZONE, Plan::Free, &[&dns.address().to_string()]);
        for name in NAMES {
            let record = json!({"type": "CNAME", "name": name, "content": targets[1], "ttl": 60});
            twin.add_record(&zone, &record).unwrap();
        }
        clock.advance(Duration::from_secs(24 * 3600));
        let database = databases.with(&ledger(&targets[0]));
        let server = Server::of(Vendor::Cloudflare, twin.router()).unwrap();
        let render_server = Server::of(Vendor::Render, render.router()).unwrap();
        let world = Self { clock, twin, server, zone, render_server, origins, dns, blue, targets, database };
        world.write_manifest(&green);
        world
    }

    /// The repository is shared and the ids are each world's own, so its manifest is too.
    fn write_manifest(&self, green: &str) {
        let place = |id: &str, origin: &str| format!("{{ service: {id}, origin: {origin} }}");
        let [was, is] = &self.targets;
        let text = format!(
            "version: 1\ntargets:\n  api:\n    paths: [api/**]\n    hostnames: [{}]\n    blue: {}\n    green: {}\n",
            NAMES.join(", "),
            place(&self.blue, was),
            place(green, is),
        );
        code().0.write(&self.manifest(), &text).unwrap();
    }

    fn manifest(&self) -> String {
        format!("manifests/{}.yml", self.zone)
    }

    /// Whether the names are where they were; they never part.
    fn is_back(&self) -> Result<bool, String> {
        let contents: Vec<String> = NAMES
            .iter()
            .flat_map(|name| self.twin.records_named(&self.zone, name))
            .map(|record| record.content)
            .collect();
        ensure(contents.len() == 2, || format!("{} records", contents.len()))?;
        same("the targets of both names", &contents[0], &contents[1])?;
        let place = self.targets.iter().position(|target| *target == contents[0]);
        place
            .map(|place| place == 0)
            .ok_or_else(|| format!("the target {} is neither old nor new", contents[0]))
    }

    fn is_recorded(&self) -> bool {
        self.database.rows().contains("rolled-back")
    }
}

/// What was cut over long ago, and what an hour ago.
fn ledger(before: &str) -> String {
    let [first, second] = &code().1;
    let previous = NAMES.map(|name| format!("\"{name}\": \"{before}\"")).join(", ");
    format!(
        "insert into core.deployments (reference, tag, sha, targets, run_id, intent_at, cut_over_at, previous_cnames)
         values ('refs/tags/prod-1', 'prod-1', '{first}', '{{api}}', 1, now() - interval '9 days', now() - interval '9 days', '{{}}'),
                ('refs/tags/prod-2', 'prod-2', '{second}', '{{api}}', 2, now() - interval '1 hour', now() - interval '1 hour', '{{{previous}}}')"
    )
}

impl World for RollbackWorld {
    type Primitive = Rollback;

    fn places(&self) -> Vec<Place> {
        let (journal, faults) =
            (self.origins.journal_of(&self.blue).unwrap(), self.origins.faults_of(&self.blue).unwrap());
        vec![
            Place::api(Kind::Cloudflare, &self.server),
            Place::api(Kind::Render, &self.render_server),
            // A way back is taken whatever the old target says.
            Place::origin("target", Kind::Origin, journal, faults),
        ]
    }

    fn dns(&self) -> Option<&DnsServer> {
        Some(&self.dns)
    }

    fn database(&self) -> Option<&Database> {
        Some(&self.database)
    }

    fn clock(&self) -> &Arc<SimClock> {
        &self.clock
    }

    fn secrets(&self) -> &'static [&'static str] {
        &[CLOUDFLARE_TOKEN, RENDER_KEY, postgres::PASSWORD]
    }

    fn job(&self) -> Invocation {
        let hosts = self.origins.addresses().unwrap();
        let hosts: Vec<String> = hosts.iter().map(|(name, address)| format!("{name}={address}")).collect();
        Invocation::new(self.clock.clone())
            .directory(code().0.path())
            .with("mode", "flip-back")
            .with("symptom", "behaviour")
            .with("generation", "2")
            .with("zone-id", &self.zone)
            .with("manifest", self.manifest())
            .variable("PATH", std::env::var("PATH").unwrap())
            .variable("CLOUDFLARE_API_URL", format!("{}/client/v4", self.server.base_url()))
            .variable("CLOUDFLARE_API_TOKEN", CLOUDFLARE_TOKEN)
            .variable("RENDER_API_URL", format!("{}/v1", self.render_server.base_url()))
            .variable("RENDER_API_KEY", RENDER_KEY)
            .variable("DATABASE_URL", self.database.dsn())
            .variable("GREENROOM_HOSTS", hosts.join(","))
    }

    fn holds(&self, run: &Run) -> Verdict {
        let (back, recorded) = (self.is_back()?, self.is_recorded());
        ensure(!recorded || back, || "recorded as rolled back, and the names are not back".to_owned())?;
        ensure(!run.is_good() || recorded, || format!("{}, and nothing is recorded", run.word()))?;
        let batches = run.writes.iter().filter(|entry| entry.method == "POST").count();
        ensure(batches <= 1, || format!("{batches} batches"))
    }

    fn is_reached(&self) -> Verdict {
        let done = self.is_back()? && self.is_recorded();
        same("the end", done, true)
    }
}

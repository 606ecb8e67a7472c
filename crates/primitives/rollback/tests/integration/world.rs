//! Two generations of an api and its workers: the first on blue, the second on green,
//! where the names are; their twins, their ledger and their repository.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use action::{Ending, SharedClock, SimClock};
use rehearsal::contract::Vendor;
use rehearsal::dns::{self, DnsServer, Zone};
use rehearsal::fault::Rule;
use rehearsal::in_process::{Invocation, Run};
use rehearsal::origins::{Build, Origins};
use rehearsal::postgres::{PASSWORD, Postgres};
use rehearsal::repository::Repository;
use rehearsal::server::Server;
use rehearsal::twins::cloudflare::{Cloudflare, Plan};
use rehearsal::twins::render::{NewService, Render, ServiceType, Trigger};
use rollback::Rollback;
use serde_json::json;

pub const ZONE: &str = "example.localhost";
pub const NAMES: [&str; 2] = ["api.example.localhost", "www.example.localhost"];

/// Credentials that must show up nowhere but in an `Authorization` header.
pub const TOKEN: &str = "canary-of-cloudflare-91ce02";
pub const KEY: &str = "rnd_canary_of_render_c0ffee";

/// The generation that is taken back.
pub const GENERATION: &str = "2";

/// The migrations of the first commit, and what the second adds.
const FIRST: &str = "20260101000000";
pub const SECOND: &str = "20260102000000";

/// What was applied, as the Supabase CLI keeps it.
const HISTORY: &str = "create schema supabase_migrations;
    create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text)";

pub struct World {
    pub clock: Arc<SimClock>,
    pub cloudflare: Cloudflare,
    pub api: Server,
    pub zone: String,
    pub render: Render,
    pub render_api: Server,
    pub dns: DnsServer,
    pub postgres: Postgres,
    pub repository: Repository,
    /// The commits of both generations.
    pub commits: [String; 2],
    /// By name, such as `api-blue`.
    pub services: BTreeMap<&'static str, String>,
    origins: Origins,
}

impl World {
    /// The second generation was cut over an hour ago, and its names are on green.
    pub fn new() -> Self {
        let clock = Arc::new(SimClock::default());
        let shared: SharedClock = clock.clone();
        let (cloudflare, render) = (Cloudflare::new(shared.clone()), Render::new(shared.clone()));
        cloudflare.set_token(TOKEN);
        render.set_api_key(KEY);
        let repository = Repository::new().unwrap();
        repository.write(&format!("supabase/migrations/{FIRST}_a.sql"), "select 1;").unwrap();
        repository.write(".gitignore", ".github/\n").unwrap();
        let commits = [repository.commit("one").unwrap(), {
            repository.write("api/main.py", "print(2)").unwrap();
            repository.commit("two").unwrap()
        }];
        let origins = Origins::start(render.clone()).unwrap();
        let services = services(&render, &origins, &commits);
        let zones = vec![Zone::new(ZONE, Arc::new(cloudflare.clone()))];
        let dns = DnsServer::start(dns::Options { zones, clock: shared, ..dns::Options::default() }).unwrap();
        let zone = cloudflare.add_zone(ZONE, Plan::Free, &[&dns.address().to_string()]);
        let green = render.public_name(&services["api-green"]).unwrap();
        for host in NAMES {
            let record = json!({"type": "CNAME", "name": host, "content": green, "ttl": 60, "comment": "of the web team"});
            cloudflare.add_record(&zone, &record).unwrap();
        }
        clock.advance(Duration::from_secs(24 * 3600));
        let world = Self {
            api: Server::of(Vendor::Cloudflare, cloudflare.router()).unwrap(),
            render_api: Server::of(Vendor::Render, render.router()).unwrap(),
            postgres: Postgres::with_ledger().unwrap(),
            clock,
            cloudflare,
            zone,
            render,
            dns,
            repository,
            commits,
            services,
            origins,
        };
        world.write_manifest();
        world.write_ledger();
        world
    }

    /// The same, with a migration that came with the second generation.
    pub fn migrated(text: &str) -> Self {
        let mut world = Self::new();
        world.repository.write(&format!("supabase/migrations/{SECOND}_b.sql"), text).unwrap();
        let commit = world.repository.commit("three").unwrap();
        for service in ["api-green", "workers-green"] {
            world.deploy(service, &commit);
        }
        world.sql(&format!("update core.deployments set sha = '{commit}' where generation = 2"));
        world
            .sql(&format!("insert into supabase_migrations.schema_migrations (version) values ('{SECOND}')"));
        world.commits[1] = commit;
        world
    }

    fn write_manifest(&self) {
        let place = |name: &str, answers: bool| {
            let id = &self.services[name];
            let origin = if answers {
                format!(", origin: {}", self.render.public_name(id).unwrap())
            } else {
                String::new()
            };
            format!("{{ service: {id}{origin} }}")
        };
        let text = format!(
            "version: 1\ntargets:\n  api:\n    paths: [api/**]\n    hostnames: [{}]\n    blue: {}\n    green: {}\n  \
             workers:\n    paths: [workers/**]\n    blue: {}\n    green: {}\n  docs:\n    kind: pages\n    paths: [docs/**]\n\
             coupling: [[api, workers]]\n",
            NAMES.join(", "),
            place("api-blue", true),
            place("api-green", true),
            place("workers-blue", false),
            place("workers-green", false),
        );
        self.repository.write(".github/deploy-manifest.yml", &text).unwrap();
    }

    fn write_ledger(&self) {
        let [first, second] = &self.commits;
        let before = NAMES.map(|host| format!("\"{host}\": \"{}\"", self.blue())).join(", ");
        self.sql(&format!(
            "{HISTORY};
            insert into supabase_migrations.schema_migrations (version) values ('{FIRST}');
            insert into core.deployments (reference, tag, sha, targets, run_id, created_at, intent_at, cut_over_at, previous_cnames)
            values ('refs/tags/v1.4.0', 'v1.4.0', '{first}', '{{api,workers}}', 1, now() - interval '3 days', now() - interval '3 days', now() - interval '3 days', '{{}}'),
                   ('refs/tags/v1.4.1', 'v1.4.1', '{second}', '{{api,workers}}', 2, now() - interval '1 hour', now() - interval '1 hour', now() - interval '1 hour', '{{{before}}}')"
        ));
    }

    pub fn sql(&self, sql: &str) {
        self.postgres.execute(sql).unwrap();
    }

    /// Sets columns of the generation in question.
    pub fn set(&self, columns: &str) {
        self.sql(&format!("update core.deployments set {columns} where generation = {GENERATION}"));
    }

    /// Somebody deploys a commit, and it is live.
    pub fn deploy(&self, service: &str, commit: &str) {
        self.render.trigger(&self.services[service], Trigger::Api, commit).unwrap();
        self.clock.advance(Duration::from_secs(3600));
    }

    pub fn blue(&self) -> String {
        self.render.public_name(&self.services["api-blue"]).unwrap()
    }

    pub fn green(&self) -> String {
        self.render.public_name(&self.services["api-green"]).unwrap()
    }

    /// Leads one name to a target, as somebody in the dashboard would.
    pub fn point(&self, host: &str, target: &str) {
        let records = self.cloudflare.records_named(&self.zone, host);
        let mut body = json!({"patches": [{"id": records[0].id, "content": target}]}).to_string();
        body.push('\n');
        let request = format!(
            "POST /client/v4/zones/{}/dns_records/batch HTTP/1.1\r\nHost: twin\r\nConnection: close\r\n\
             Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.zone,
            body.len()
        );
        let answer = exchange(self.api.address(), &request);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        self.api.journal().clear();
    }

    /// Where both names point.
    pub fn targets(&self) -> [String; 2] {
        NAMES.map(|host| self.cloudflare.records_named(&self.zone, host)[0].content.clone())
    }

    #[track_caller]
    pub fn is_back(&self) {
        assert_eq!(self.targets(), [self.blue(), self.blue()]);
        assert_eq!(self.rolled_back(), "t");
    }

    #[track_caller]
    pub fn is_untouched(&self) {
        assert_eq!(self.targets(), [self.green(), self.green()]);
        assert_eq!((self.rolled_back().as_str(), self.writes()), ("f", 0));
    }

    pub fn rolled_back(&self) -> String {
        let sql = format!(
            "select rolled_back_at is not null from core.deployments where generation = {GENERATION}"
        );
        self.postgres.value(&sql).unwrap()
    }

    /// Writes that reached Cloudflare or Render.
    pub fn writes(&self) -> usize {
        self.api.journal().writes().len() + self.render_api.journal().writes().len()
    }

    pub fn variables(&self) -> BTreeMap<String, String> {
        let hosts = self.origins.addresses().unwrap();
        let hosts: Vec<String> = hosts.iter().map(|(name, address)| format!("{name}={address}")).collect();
        [
            ("CLOUDFLARE_API_URL", format!("{}/client/v4", self.api.base_url())),
            ("CLOUDFLARE_API_TOKEN", TOKEN.to_owned()),
            ("RENDER_API_URL", format!("{}/v1", self.render_api.base_url())),
            ("RENDER_API_KEY", KEY.to_owned()),
            ("DATABASE_URL", self.postgres.dsn()),
            ("GREENROOM_HOSTS", hosts.join(",")),
            ("PATH", std::env::var("PATH").unwrap()),
            ("GIT_CONFIG_COUNT", "1".to_owned()),
            ("GIT_CONFIG_KEY_0", "safe.directory".to_owned()),
            ("GIT_CONFIG_VALUE_0", "*".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    pub fn invoke(&self, mode: &str, symptom: &str) -> Invocation {
        Invocation::new(self.clock.clone())
            .variables(self.variables())
            .directory(self.repository.path())
            .with("mode", mode)
            .with("symptom", symptom)
            .with("zone-id", &self.zone)
            .with("nameserver", self.dns.address().to_string())
            .canary(TOKEN)
            .canary(KEY)
            .canary(PASSWORD)
    }

    pub async fn plan(&self, symptom: &str) -> Run {
        run(self.invoke("plan", symptom)).await
    }

    pub async fn flip_back(&self) -> Run {
        run(self.invoke("flip-back", "behaviour").with("generation", GENERATION)).await
    }

    /// Runs and vanishes, as by SIGKILL, once a fault has struck.
    pub async fn flip_back_until(&self, struck: impl Fn() -> bool) {
        let invocation = self.invoke("flip-back", "behaviour").with("generation", GENERATION);
        let vanishes = async {
            while !struck() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::select! {
            ended = run(invocation) => panic!("the run ended before the fault struck: {}", ended.stderr),
            () = vanishes => {}
        }
    }

    pub async fn flip_back_until_struck(&self, rule: &Rule) {
        self.flip_back_until(|| rule.fired() > 0).await;
    }
}

fn services(render: &Render, origins: &Origins, commits: &[String; 2]) -> BTreeMap<&'static str, String> {
    let mut services = BTreeMap::new();
    for (name, kind, commit) in [
        ("api-blue", ServiceType::Web, &commits[0]),
        ("api-green", ServiceType::Web, &commits[1]),
        ("workers-blue", ServiceType::Worker, &commits[0]),
        ("workers-green", ServiceType::Worker, &commits[1]),
    ] {
        origins.bake(commit, Build::of(commit));
        let id = render.add_service(&NewService::new(name, kind).live(commit));
        for host in NAMES.iter().filter(|_| kind == ServiceType::Web) {
            render.attach(&id, host, true).unwrap();
        }
        services.insert(name, id);
    }
    services
}

pub fn exchange(address: std::net::SocketAddr, request: &str) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

pub async fn run(invocation: Invocation) -> Run {
    let run = invocation.run::<Rollback>().await.unwrap();
    assert_eq!(run.leaks(), Vec::<String>::new());
    assert_ne!(run.ending, Ending::Bug, "{}", run.stderr);
    run
}

/// What the answers of this primitive have in common.
pub trait Assert {
    fn says(&self, class: &str, commands: &[&str]) -> &Self;
    fn refuses(&self, result: &str, told: &str) -> &Self;
}

impl Assert for Run {
    #[track_caller]
    fn says(&self, class: &str, commands: &[&str]) -> &Self {
        self.assert("success");
        let lines: Vec<&str> = self.output("commands").lines().collect();
        assert_eq!((self.output("class"), &lines[..]), (class, commands));
        self
    }

    #[track_caller]
    fn refuses(&self, result: &str, told: &str) -> &Self {
        self.assert(result);
        let error = self.error();
        assert!(error.contains(told) && error.contains("\nhint: "), "{told}: {error}");
        self
    }
}

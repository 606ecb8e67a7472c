//! Two names, blue and green behind them, and a run of the primitive.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use action::{SharedClock, SimClock};
use cname_flip::CnameFlip;
use rehearsal::contract::Vendor;
use rehearsal::dns::{self, DnsServer, Zone};
use rehearsal::fault::{Faults, Rule};
use rehearsal::in_process::{self, Run};
use rehearsal::origins::{Build, Origins};
use rehearsal::server::{Entry, Server};
use rehearsal::twins::cloudflare::{Cloudflare, Plan, Record};
use rehearsal::twins::render::{NewService, Render};
use serde_json::{Value, json};

pub(crate) const ZONE: &str = "example.localhost";
/// A zone that the name server speaks for as well, once Cloudflare holds it.
pub(crate) const OTHER_ZONE: &str = "other.localhost";
pub(crate) const API: &str = "api.example.localhost";
pub(crate) const APP: &str = "app.example.localhost";

/// Credentials that must show up nowhere but in an `Authorization` header.
pub(crate) const TOKEN: &str = "canary-of-cloudflare-4f1b9c";
pub(crate) const KEY: &str = "rnd_canary_of_render_77ad02";

pub(crate) const BATCH: &str = "POST /client/v4/zones/{zone}/dns_records/batch";
pub(crate) const RECORDS: &str = "GET /client/v4/zones/{zone}/dns_records";
pub(crate) const ZONE_DETAILS: &str = "GET /client/v4/zones/{zone}";

/// How long the world has been as it is.
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);

pub(crate) struct World {
    pub(crate) clock: Arc<SimClock>,
    pub(crate) cloudflare: Cloudflare,
    pub(crate) api: Server,
    pub(crate) zone: String,
    pub(crate) render: Render,
    pub(crate) render_api: Server,
    pub(crate) origins: Origins,
    pub(crate) dns: DnsServer,
    pub(crate) blue: String,
    pub(crate) green: String,
}

impl World {
    /// Both names point at blue with a TTL of 60, and have for a day. Blue and green
    /// are live, and hold both names.
    pub(crate) fn new() -> Self {
        Self::of_plan(Plan::Free)
    }

    pub(crate) fn of_plan(plan: Plan) -> Self {
        // A day ago, so that the present is the same here and for a real process.
        let clock = Arc::new(SimClock::starting_at(SystemTime::now() - DAY));
        let shared: SharedClock = clock.clone();
        let cloudflare = Cloudflare::new(shared.clone());
        cloudflare.set_token(TOKEN);
        let render = Render::new(shared.clone());
        render.set_api_key(KEY);
        let origins = Origins::start(render.clone()).unwrap();
        let service = |name: &str| {
            let commit = format!("{:0<40}", if name == "api-blue" { "b1" } else { "9e" });
            origins.bake(&commit, Build::of(&commit));
            let id = render.add_service(&NewService::web(name).live(&commit));
            for host in [API, APP] {
                render.attach(&id, host, true).unwrap();
            }
            id
        };
        let (blue, green) = (service("api-blue"), service("api-green"));
        let zone = cloudflare.add_zone(ZONE, plan, &[]);
        for host in [API, APP] {
            let target = render.public_name(&blue).unwrap();
            let comment = format!("{host} of the web team");
            let record =
                json!({"type": "CNAME", "name": host, "content": target, "ttl": 60, "comment": comment});
            cloudflare.add_record(&zone, &record).unwrap();
        }
        clock.advance(DAY);
        let zones = [ZONE, OTHER_ZONE].map(|zone| Zone::new(zone, Arc::new(cloudflare.clone()))).into();
        let dns = DnsServer::start(dns::Options { zones, clock: shared, ..dns::Options::default() }).unwrap();
        Self {
            api: Server::of(Vendor::Cloudflare, cloudflare.router()).unwrap(),
            render_api: Server::of(Vendor::Render, render.router()).unwrap(),
            clock,
            cloudflare,
            zone,
            render,
            origins,
            dns,
            blue,
            green,
        }
    }

    pub(crate) fn add(&self, record: Value) {
        self.cloudflare.add_record(&self.zone, &record).unwrap();
    }

    /// Changes a record as somebody in the dashboard would.
    pub(crate) fn edit(&self, host: &str, mut change: Value) {
        let id = self.record(host).id;
        change["name"] = host.into();
        let body = change.to_string();
        let request = format!(
            "PATCH /client/v4/zones/{}/dns_records/{id} HTTP/1.1\r\nHost: twin\r\nConnection: close\r\n\
             Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.zone,
            body.len()
        );
        let mut stream = TcpStream::connect(self.api.address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        self.api.journal().clear();
    }

    /// The host name of the blue service.
    pub(crate) fn blue(&self) -> String {
        self.render.public_name(&self.blue).unwrap()
    }

    /// The host name of the green service.
    pub(crate) fn green(&self) -> String {
        self.render.public_name(&self.green).unwrap()
    }

    pub(crate) fn record(&self, host: &str) -> Record {
        let mut records = self.cloudflare.records_named(&self.zone, host);
        assert_eq!(records.len(), 1, "{host}");
        records.remove(0)
    }

    /// Where both names point.
    pub(crate) fn targets(&self) -> [String; 2] {
        [API, APP].map(|host| self.record(host).content)
    }

    pub(crate) fn faults(&self) -> &Faults {
        self.api.faults()
    }

    /// The writes that reached Cloudflare.
    pub(crate) fn writes(&self) -> Vec<Entry> {
        self.api.journal().writes()
    }

    /// Lines `host target` for both names.
    pub(crate) fn both(&self, target: &str) -> String {
        format!("{API} {target}\n{APP} {target}\n")
    }

    /// A flip of both names from blue to green.
    pub(crate) fn flip(&self) -> Invocation<'_> {
        self.invoke().with("records", self.both(&self.green())).with("expect", self.both(&self.blue()))
    }

    /// A run with nothing but the zone and its name server.
    pub(crate) fn invoke(&self) -> Invocation<'_> {
        self.invoke_in(&self.zone).with("nameserver", self.dns.address().to_string())
    }

    /// A run with nothing but a zone.
    pub(crate) fn invoke_in(&self, zone: &str) -> Invocation<'_> {
        Invocation { world: self, words: vec![format!("--zone-id={zone}")], extra: Vec::new() }
    }

    /// A run with these words, as a person pastes them.
    pub(crate) fn paste(&self, words: Vec<String>) -> Invocation<'_> {
        Invocation { world: self, words, extra: Vec::new() }
    }

    /// The variables of a run.
    pub(crate) fn variables(&self) -> BTreeMap<String, String> {
        let hosts = self.origins.addresses().unwrap();
        let hosts: Vec<String> = hosts.iter().map(|(name, address)| format!("{name}={address}")).collect();
        [
            ("CLOUDFLARE_API_URL", format!("{}/client/v4", self.api.base_url())),
            ("CLOUDFLARE_API_TOKEN", TOKEN.to_owned()),
            ("RENDER_API_URL", format!("{}/v1", self.render_api.base_url())),
            ("RENDER_API_KEY", KEY.to_owned()),
            ("GREENROOM_HOSTS", hosts.join(",")),
            ("GITHUB_ACTIONS", "true".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}

pub(crate) struct Invocation<'w> {
    world: &'w World,
    pub(crate) words: Vec<String>,
    extra: Vec<(String, String)>,
}

impl Invocation<'_> {
    pub(crate) fn with(mut self, input: &str, value: impl Into<String>) -> Self {
        self.words.push(format!("--{input}={}", value.into()));
        self
    }

    /// Sets a variable; an empty one counts as absent.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.extra.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs in process and vanishes, as by SIGKILL, once a fault has struck.
    pub(crate) async fn run_until_struck(self, rule: &Rule) {
        assert!(rule.kills(self.run()).await.is_none(), "the run ended before the fault struck");
    }

    /// Runs in process, on the world's clock.
    pub(crate) async fn run(self) -> Run {
        let invocation = in_process::Invocation::new(self.world.clock.clone())
            .words(self.words)
            .variables(self.world.variables())
            .variables(self.extra)
            .canary(TOKEN)
            .canary(KEY);
        let run = invocation.run::<CnameFlip>().await.unwrap();
        assert_eq!(run.leaks(), Vec::<String>::new());
        run
    }
}

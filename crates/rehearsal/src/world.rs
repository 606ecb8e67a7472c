//! The world of a rehearsal: one target in blue and green, ready for a cutover.
//!
//! Blue has been live since yesterday, the public name has pointed at it with a
//! TTL of 60 for as long, and visitors can be let in. Everything listens on
//! loopback; nothing outside this process is touched.

mod clock;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use action::SharedClock;
use anyhow::{Context as _, Result};
use serde_json::json;

use crate::contract::{self, Vendor};
use crate::dns::{self, DnsServer, MemoryRecords, Propagation, Zone};
use crate::fault::Faults;
use crate::origins::{Build, Origins};
use crate::server::{Options, Server};
use crate::twins::cloudflare::{self, Cloudflare};
use crate::twins::render::{self, NewService, Render};
use crate::visitors::{Config, Visitors};

use clock::{FastClock, PastClock};

/// The zone that the Cloudflare twin holds.
pub const ZONE: &str = "example.localhost";

/// The name that visitors ask for.
pub const HOST: &str = "api.example.localhost";

/// The Worker that serves the zone's edge.
pub const WORKER: &str = "edge";

/// The variable that carries the generation (ADR-053 D7).
pub const GENERATION: &str = "SPECTRAL_GENERATION";

/// The generation that blue has been running with.
pub const BLUE_GENERATION: u64 = 41;

/// What the schema of every build is called.
pub const SCHEMA_VERSION: &str = "20260422170300_core_event_handled";

/// How long ago the world came into being, as far as its time stamps say.
const AGE: Duration = Duration::from_secs(24 * 3600);

/// How much faster time runs in the visitors' resolver caches, so that a TTL of
/// 60 seconds passes in three.
const CACHE_SPEED: u32 = 20;

/// Everything that a cutover touches, at work.
#[derive(Debug)]
pub struct World {
    /// The twin of Render.
    pub render: Render,
    /// The twin of Cloudflare.
    pub cloudflare: Cloudflare,
    /// The services' processes.
    pub origins: Origins,
    /// The name server of the zone, and of the services' own names.
    pub dns: DnsServer,
    /// The server in front of the twin of Render.
    pub render_api: Server,
    /// The server in front of the twin of Cloudflare.
    pub cloudflare_api: Server,
    /// The zone's id.
    pub zone: String,
    /// The blue service's id.
    pub blue: String,
    /// The green service's id.
    pub green: String,
}

impl World {
    /// Starts everything. `blue_commit` is what blue has been running.
    ///
    /// # Errors
    /// A port or a thread is not to be had, or the contracts cannot be read.
    pub fn start(blue_commit: &str) -> Result<Self> {
        let past = Arc::new(PastClock::new(AGE));
        let clock: SharedClock = past.clone();
        let render = Render::new(clock.clone());
        let cloudflare = Cloudflare::new(clock);
        let origins = Origins::start(render.clone())?;
        let (blue, green) = services(&render, &origins, blue_commit)?;
        let zone = zone(&cloudflare, &render.public_name(&blue)?)?;
        cloudflare.add_worker(
            WORKER,
            vec![
                json!({"type": "plain_text", "name": "REGION", "text": "eu"}),
                json!({"type": "secret_text", "name": "SIGNING_KEY", "text": "rehearsal-signing-key"}),
            ],
        );
        past.catch_up();
        let dns = name_server(&cloudflare, &origins)?;
        Ok(Self {
            render_api: serve("render", render.router(), Vendor::Render)?,
            cloudflare_api: serve("cloudflare", cloudflare.router(), Vendor::Cloudflare)?,
            render,
            cloudflare,
            origins,
            dns,
            zone,
            blue,
            green,
        })
    }

    /// Pushes a commit that can be deployed to green.
    ///
    /// # Errors
    /// Green is not one of this world's services any more.
    pub fn push(&self, commit: &str) -> Result<()> {
        self.origins.bake(commit, Build::of(commit).schema_version(SCHEMA_VERSION));
        Ok(self.render.push(&self.green, commit)?)
    }

    /// The variables with which a primitive works on this world instead of the
    /// real one. The credentials among them open nothing else.
    ///
    /// # Errors
    /// A service has no address.
    pub fn environment(&self) -> Result<Vec<(&'static str, String)>> {
        let hosts = self.origins.addresses()?;
        let hosts: Vec<_> = hosts.iter().map(|(name, address)| format!("{name}={address}")).collect();
        Ok(vec![
            ("RENDER_API_URL", format!("{}/v1", self.render_api.base_url())),
            ("RENDER_API_KEY", render::API_KEY.to_owned()),
            ("CLOUDFLARE_API_URL", format!("{}/client/v4", self.cloudflare_api.base_url())),
            ("CLOUDFLARE_API_TOKEN", cloudflare::TOKEN.to_owned()),
            ("GREENROOM_HOSTS", hosts.join(",")),
        ])
    }

    /// The name by which a service is reached before any public name points at it.
    ///
    /// # Errors
    /// The service is not one of this world's.
    pub fn origin(&self, service: &str) -> Result<String> {
        Ok(self.render.public_name(service)?)
    }

    /// Where the public name points now, as the zone's records say.
    #[must_use]
    pub fn public_target(&self) -> String {
        let records = self.cloudflare.records_named(&self.zone, HOST);
        records.into_iter().map(|record| record.content).collect::<Vec<_>>().join(", ")
    }

    /// Lets visitors in: twenty requests a second for the public name, by
    /// resolvers in whose caches time runs [twenty times](CACHE_SPEED) as fast.
    ///
    /// # Errors
    /// The system grants no thread.
    pub fn let_visitors_in(&self) -> io::Result<Visitors> {
        let config = Config::new(&[HOST], self.dns.address(), self.origins.port());
        Visitors::start(Config { clock: Arc::new(FastClock::new(CACHE_SPEED)), ..config })
    }

    /// The faults of Cloudflare's API.
    #[must_use]
    pub fn cloudflare_faults(&self) -> &Faults {
        self.cloudflare_api.faults()
    }

    /// The faults of Render's API.
    #[must_use]
    pub fn render_faults(&self) -> &Faults {
        self.render_api.faults()
    }

    /// How many exchanges the contract layer judged; `None` when it is off.
    #[must_use]
    pub fn judged(&self) -> Option<u64> {
        let judges = [self.render_api.contract(), self.cloudflare_api.contract()];
        judges.into_iter().map(|judge| judge.map(contract::Judge::judged)).sum()
    }

    /// Stops the servers.
    ///
    /// # Errors
    /// An exchange broke a vendor's contract.
    pub fn stop(self) -> Result<()> {
        self.render_api.stop()?;
        self.cloudflare_api.stop()?;
        Ok(())
    }
}

/// The pair of services, both attached to the public name. Whether Render lets
/// two services hold one name is not verified; the runbook's cutover rests on it.
fn services(render: &Render, origins: &Origins, blue_commit: &str) -> Result<(String, String)> {
    let service = |name: &str| {
        let generation = BLUE_GENERATION.to_string();
        NewService::web(name).variable(GENERATION, &generation).live(blue_commit)
    };
    let blue = render.add_service(&service("api-blue"));
    let green = render.add_service(&service("api-green"));
    for id in [&blue, &green] {
        render.attach(id, HOST, true)?;
    }
    origins.bake(blue_commit, Build::of(blue_commit).schema_version(SCHEMA_VERSION));
    Ok((blue, green))
}

fn zone(cloudflare: &Cloudflare, target: &str) -> Result<String> {
    let zone = cloudflare.add_zone(ZONE, cloudflare::Plan::Free, &["ns1.example.localhost"]);
    let record = json!({"type": "CNAME", "name": HOST, "content": target, "ttl": 60, "proxied": false,
        "comment": "the public name of api"});
    cloudflare.add_record(&zone, &record).map_err(anyhow::Error::msg).context("add the public name")?;
    Ok(zone)
}

fn name_server(cloudflare: &Cloudflare, origins: &Origins) -> Result<DnsServer> {
    let own_names = MemoryRecords::default();
    for (name, address) in origins.addresses()? {
        if let std::net::IpAddr::V4(address) = address.ip() {
            own_names.put(dns::Record::a(&name, address, 60));
        }
    }
    let zones = vec![
        Zone::new(ZONE, Arc::new(cloudflare.clone())),
        Zone::new("onrender.localhost", Arc::new(own_names)),
    ];
    let propagation = Propagation { least: Duration::from_millis(300), most: Duration::from_millis(900) };
    Ok(DnsServer::start(dns::Options { zones, propagation, ..dns::Options::default() })?)
}

fn serve(name: &'static str, router: axum::Router, vendor: Vendor) -> Result<Server> {
    let options = Options { contract: contract::judge(vendor)?, ..Options::default() };
    Server::start(name, router, options).with_context(|| format!("start the twin of {name}"))
}

//! What every rehearsed world stands on: twins of Render and Cloudflare, the
//! services' processes, and a name server that follows the zone.
//!
//! Everything listens on loopback; nothing outside this process is touched. A
//! world is laid in the past, so that what it begins with looks a day old, and
//! then opened.

mod clock;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use action::SharedClock;
use anyhow::{Context as _, Result};
use serde_json::json;

use crate::contract::{Judge, Vendor};
use crate::dns::{self, DnsServer, MemoryRecords, Propagation, Zone};
use crate::fault::Faults;
use crate::origins::{Build, Origins};
use crate::server::Server;
use crate::twins::cloudflare::{self, Cloudflare};
use crate::twins::render::{self, Render};
use crate::visitors::{Config, Visitors};

use clock::FastClock;
pub use clock::PastClock;

/// The zone that the Cloudflare twin holds.
pub const ZONE: &str = "example.localhost";

/// The variable that carries the generation (ADR-053 D7).
pub const GENERATION: &str = "SPECTRAL_GENERATION";

/// The generation that blue has been running with.
pub const BLUE_GENERATION: u64 = 41;

/// What the schema of every build is called.
pub const SCHEMA_VERSION: &str = "20260422170300_core_event_handled";

/// How much faster time runs in the visitors' resolver caches, so that a TTL of
/// 60 seconds passes in three.
pub const CACHE_SPEED: u32 = 20;

/// How long ago the world came into being, as far as its time stamps say.
const AGE: Duration = Duration::from_secs(24 * 3600);

/// How long the public names may be cached, in seconds (deployment runbook,
/// DNS TTL pre-lowering).
const TTL: u32 = 60;

/// A world while it is laid: nobody can ask it anything yet.
#[derive(Debug)]
pub(crate) struct Foundation {
    past: Arc<PastClock>,
    pub(crate) render: Render,
    pub(crate) cloudflare: Cloudflare,
    pub(crate) origins: Origins,
    zone: String,
}

impl Foundation {
    /// Empty twins, a day ago.
    pub(crate) fn lay() -> Result<Self> {
        let past = Arc::new(PastClock::new(AGE));
        let clock: SharedClock = past.clone();
        let render = Render::new(clock.clone());
        let cloudflare = Cloudflare::new(clock);
        let origins = Origins::start(render.clone())?;
        let zone = cloudflare.add_zone(ZONE, cloudflare::Plan::Free, &["ns1.example.localhost"]);
        Ok(Self { past, render, cloudflare, origins, zone })
    }

    /// Attaches a public name to both services of a pair and points it at the
    /// first. Whether Render lets two services hold one name is not verified; the
    /// runbook's cutover rests on it.
    pub(crate) fn publish(&self, host: &str, live: &str, standby: &str) -> Result<()> {
        for service in [live, standby] {
            self.render.attach(service, host, true)?;
        }
        let target = self.render.public_name(live)?;
        let record = json!({"type": "CNAME", "name": host, "content": target, "ttl": TTL, "proxied": false,
            "comment": "a public name"});
        let added = self.cloudflare.add_record(&self.zone, &record);
        added.map_err(anyhow::Error::msg).with_context(|| format!("add the public name {host}"))?;
        Ok(())
    }

    /// The present begins, and the servers with it.
    pub(crate) fn open(self) -> Result<Platform> {
        self.past.catch_up();
        Ok(Platform {
            dns: name_server(&self.cloudflare, &self.origins)?,
            render_api: Server::of(Vendor::Render, self.render.router())?,
            cloudflare_api: Server::of(Vendor::Cloudflare, self.cloudflare.router())?,
            render: self.render,
            cloudflare: self.cloudflare,
            origins: self.origins,
            zone: self.zone,
        })
    }
}

/// The vendors and the network, at work.
#[derive(Debug)]
pub struct Platform {
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
}

impl Platform {
    /// Pushes a commit that can be deployed to these services, and reports this schema version.
    ///
    /// # Errors
    /// One of them is not the twin's.
    pub fn push(&self, commit: &str, schema_version: &str, services: &[&str]) -> Result<()> {
        self.origins.bake(commit, Build::of(commit).schema_version(schema_version));
        for service in services {
            self.render.push(service, commit)?;
        }
        Ok(())
    }

    /// The variables that send a primitive to this world instead of the real one.
    ///
    /// # Errors
    /// A service has no address.
    pub fn addresses(&self) -> Result<Vec<(&'static str, String)>> {
        let hosts = self.origins.addresses()?;
        let hosts: Vec<_> = hosts.iter().map(|(name, address)| format!("{name}={address}")).collect();
        Ok(vec![
            ("RENDER_API_URL", format!("{}/v1", self.render_api.base_url())),
            ("CLOUDFLARE_API_URL", format!("{}/client/v4", self.cloudflare_api.base_url())),
            ("GREENROOM_HOSTS", hosts.join(",")),
        ])
    }

    /// The credentials that the vendors take; they open nothing else.
    #[must_use]
    pub fn credentials(&self) -> [(&'static str, String); 2] {
        [
            ("RENDER_API_KEY", render::API_KEY.to_owned()),
            ("CLOUDFLARE_API_TOKEN", cloudflare::TOKEN.to_owned()),
        ]
    }

    /// The name by which a service is reached before any public name points at it.
    ///
    /// # Errors
    /// The service is not one of this world's.
    pub fn origin(&self, service: &str) -> Result<String> {
        Ok(self.render.public_name(service)?)
    }

    /// Where a public name points now, as the zone's records say.
    #[must_use]
    pub fn target_of(&self, host: &str) -> String {
        let records = self.cloudflare.records_named(&self.zone, host);
        records.into_iter().map(|record| record.content).collect::<Vec<_>>().join(", ")
    }

    /// Lets visitors in for these names: `rate` requests a second all together, by
    /// resolvers in whose caches time runs [twenty times](CACHE_SPEED) as fast. All
    /// times in their report are of that clock.
    ///
    /// # Errors
    /// The system grants no thread.
    pub fn let_visitors_in(&self, hosts: &[&str], rate: f64) -> io::Result<Visitors> {
        let config = Config::new(hosts, self.dns.address(), self.origins.port());
        Visitors::start(Config { clock: Arc::new(FastClock::new(CACHE_SPEED)), rate, ..config })
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
        judges.into_iter().map(|judge| judge.map(Judge::judged)).sum()
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

fn name_server(cloudflare: &Cloudflare, origins: &Origins) -> Result<DnsServer> {
    let own_names = MemoryRecords::default();
    for (name, address) in origins.addresses()? {
        if let std::net::IpAddr::V4(address) = address.ip() {
            own_names.put(dns::Record::a(&name, address, TTL));
        }
    }
    let zones = vec![
        Zone::new(ZONE, Arc::new(cloudflare.clone())),
        Zone::new("onrender.localhost", Arc::new(own_names)),
    ];
    let propagation = Propagation { least: Duration::from_millis(300), most: Duration::from_millis(900) };
    Ok(DnsServer::start(dns::Options { zones, propagation, ..dns::Options::default() })?)
}

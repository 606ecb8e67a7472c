//! Two public names that are to move from blue to green, or back.

use std::sync::Arc;
use std::time::Duration;

use action::{SharedClock, SimClock};
use cname_flip::CnameFlip;
use rehearsal::contract::Vendor;
use rehearsal::dns::{self, DnsServer, Zone};
use rehearsal::fault::When;
use rehearsal::in_process::Invocation;
use rehearsal::origins::{Build, Origins};
use rehearsal::server::Server;
use rehearsal::twins::cloudflare::{Cloudflare, Plan, Record};
use rehearsal::twins::render::{NewService, Render};
use serde_json::{Value, json};

use super::place::{Kind, Place};
use super::run::Run;
use super::secrets::{CLOUDFLARE_TOKEN, RENDER_KEY};
use super::verdict::{Verdict, ensure, same};
use super::world::World;

const ZONE: &str = "example.localhost";

/// The names that move.
pub(crate) const NAMES: [&str; 2] = ["api.example.localhost", "app.example.localhost"];

/// A name that is nobody's business.
const BYSTANDER: &str = "www.example.localhost";

/// What an earlier flip left in a comment.
const MARKER: &str = "[greenroom ttl60 since 2026-01-02T03:04:05Z]";

/// The world.
pub(crate) struct CnameWorld {
    pub(crate) twin: Cloudflare,
    pub(crate) server: Server,
    /// Where the client is led.
    pub(crate) url: String,
    clock: Arc<SimClock>,
    zone: String,
    render_server: Server,
    origins: Origins,
    dns: DnsServer,
    /// The ids of the services behind the old and the new target.
    services: [String; 2],
    /// The old and the new target.
    targets: [String; 2],
    job: Job,
    before: Vec<Record>,
}

/// What the run is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Job {
    Flip,
    Restore,
}

/// The comment that the people of the name wrote.
fn comment(name: &str) -> String {
    format!("{name}, of the web team")
}

impl CnameWorld {
    /// Both names point at blue, and are to point at green.
    pub(crate) fn flip() -> Self {
        Self::start(Job::Flip)
    }

    /// The same, but at first the name servers never follow: the flip has to be
    /// taken back.
    pub(crate) fn unverifiable() -> Self {
        let world = Self::flip();
        for name in NAMES {
            // The first question comes before the flip.
            world.dns.faults().on(name, When::From(2), dns::Fault::Stale);
        }
        world
    }

    /// Both names point at green after a flip, and are to be put back to blue.
    pub(crate) fn restore() -> Self {
        Self::start(Job::Restore)
    }

    fn start(job: Job) -> Self {
        let clock = Arc::new(SimClock::default());
        let shared: SharedClock = clock.clone();
        let (twin, render) = (Cloudflare::new(shared.clone()), Render::new(shared.clone()));
        twin.set_token(CLOUDFLARE_TOKEN);
        render.set_api_key(RENDER_KEY);
        let origins = Origins::start(render.clone()).unwrap();
        let mut services = ["blue", "green"].map(|colour| add_service(&render, &origins, colour));
        if job == Job::Restore {
            services.reverse();
        }
        let targets = [0, 1].map(|index| render.public_name(&services[index]).unwrap());
        let zones = vec![Zone::new(ZONE, Arc::new(twin.clone()))];
        let dns = DnsServer::start(dns::Options { zones, clock: shared, ..dns::Options::default() }).unwrap();
        let zone = twin.add_zone(ZONE, Plan::Free, &[&dns.address().to_string()]);
        for name in NAMES.into_iter().chain([BYSTANDER]) {
            let marked = job == Job::Restore && name != BYSTANDER;
            let comment = if marked { format!("{} {MARKER}", comment(name)) } else { comment(name) };
            let record =
                json!({"type": "CNAME", "name": name, "content": targets[0], "ttl": 60, "comment": comment});
            twin.add_record(&zone, &record).unwrap();
        }
        clock.advance(Duration::from_secs(24 * 3600));
        let server = Server::of(Vendor::Cloudflare, twin.router()).unwrap();
        Self {
            before: twin.records(&zone),
            url: server.base_url(),
            render_server: Server::of(Vendor::Render, render.router()).unwrap(),
            twin,
            server,
            clock,
            zone,
            origins,
            dns,
            services,
            targets,
            job,
        }
    }

    /// The record of a name that had exactly one, as it was and as it is.
    fn record(&self, name: &str) -> Result<(&Record, Record), String> {
        let before = self.before.iter().find(|record| record.name == name).ok_or("no such name")?;
        let mut now = self.twin.records_named(&self.zone, name);
        ensure(now.len() == 1, || format!("{name} has {} records", now.len()))?;
        Ok((before, now.remove(0)))
    }

    /// What belongs to other people is as it was.
    fn keeps_what_is_foreign(&self) -> Verdict {
        same("the names of the zone", self.twin.records(&self.zone).len(), self.before.len())?;
        let (before, now) = self.record(BYSTANDER)?;
        same(BYSTANDER, &now, before)?;
        for name in NAMES {
            let (before, now) = self.record(name)?;
            let kept = |record: &Record| (record.id.clone(), record.kind.clone(), record.proxied, record.ttl);
            same(name, kept(&now), kept(before))?;
            let note = now.comment.unwrap_or_default();
            let rest = note.strip_prefix(&comment(name)).map(str::trim_start);
            let is_ours = |rest: &str| rest.starts_with("[greenroom ttl60 since ") && rest.ends_with("Z]");
            ensure(rest.is_some_and(|rest| rest.is_empty() || is_ours(rest)), || {
                format!("the comment of {name} is {note:?}")
            })?;
        }
        Ok(())
    }

    /// Whether the names point at the new target; they never part.
    fn has_moved(&self) -> Result<bool, String> {
        let contents = [self.record(NAMES[0])?.1.content, self.record(NAMES[1])?.1.content];
        same("the targets of both names", &contents[0], &contents[1])?;
        let place = self.targets.iter().position(|target| *target == contents[0]);
        place
            .map(|place| place == 1)
            .ok_or_else(|| format!("the target {} is neither old nor new", contents[0]))
    }
}

/// One line for each name, with `after` behind its target.
fn lines(target: &str, after: impl Fn(&str) -> String) -> String {
    NAMES.map(|name| format!("{name} {target}{}", after(name))).join("\n")
}

/// A service that answers for both names.
fn add_service(render: &Render, origins: &Origins, colour: &str) -> String {
    let commit: String = colour.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().repeat(8);
    let commit = &commit[..40];
    origins.bake(commit, Build::of(commit));
    let service = render.add_service(&NewService::web(&format!("api-{colour}")).live(commit));
    for name in NAMES {
        render.attach(&service, name, true).unwrap();
    }
    service
}

impl World for CnameWorld {
    type Primitive = CnameFlip;

    fn places(&self) -> Vec<Place> {
        let target = &self.services[1];
        let origin = Place::origin(
            "target",
            // A way back is taken whatever the old target says.
            if self.job == Job::Flip { Kind::Gate } else { Kind::Origin },
            self.origins.journal_of(target).unwrap(),
            self.origins.faults_of(target).unwrap(),
        );
        vec![
            Place::api(Kind::Cloudflare, &self.server),
            Place::api(Kind::Render, &self.render_server),
            origin,
        ]
    }

    fn dns(&self) -> Option<&DnsServer> {
        Some(&self.dns)
    }

    fn clock(&self) -> &Arc<SimClock> {
        &self.clock
    }

    fn secrets(&self) -> &'static [&'static str] {
        &[CLOUDFLARE_TOKEN, RENDER_KEY]
    }

    fn job(&self) -> Invocation {
        let [old, new] = &self.targets;
        let hosts = self.origins.addresses().unwrap();
        let hosts: Vec<String> = hosts.iter().map(|(name, address)| format!("{name}={address}")).collect();
        let job = Invocation::new(self.clock.clone())
            .with("zone-id", &self.zone)
            .with("expect", lines(old, |_| String::new()))
            .with("render-services", format!("{new} {}", self.services[1]))
            .variable("CLOUDFLARE_API_URL", format!("{}/client/v4", self.url))
            .variable("CLOUDFLARE_API_TOKEN", CLOUDFLARE_TOKEN)
            .variable("RENDER_API_URL", format!("{}/v1", self.render_server.base_url()))
            .variable("RENDER_API_KEY", RENDER_KEY)
            .variable("GREENROOM_HOSTS", hosts.join(","));
        let rest = |name: &str| format!(" ttl=60 comment={}", Value::from(comment(name)));
        match self.job {
            Job::Flip => job.with("records", lines(new, |_| String::new())),
            Job::Restore => job.with("mode", "restore").with("previous", lines(new, rest)),
        }
    }

    fn holds(&self, run: &Run) -> Verdict {
        self.keeps_what_is_foreign()?;
        let moved = self.has_moved()?;
        ensure(!run.is_good() || moved, || format!("{}, but the names have not moved", run.word()))?;
        let batch = run.has_applied("POST");
        ensure(run.output("changed") != "false" || !(batch && moved), || {
            "it denies that the names moved".to_owned()
        })?;
        ensure(run.word() != "success" || batch, || "a success without a batch".to_owned())?;
        let previous = run.output("previous");
        let tells = NAMES.iter().all(|name| previous.contains(&format!("{name} {}", self.targets[0])));
        ensure(!batch || tells, || format!("no way back is told: {previous:?}"))
    }

    fn is_reached(&self) -> Verdict {
        ensure(self.has_moved()?, || "the names have not moved".to_owned())?;
        for name in NAMES {
            let (_, now) = self.record(name)?;
            let note = now.comment.unwrap_or_default();
            let marked = note.strip_prefix(&comment(name));
            let is_told = match self.job {
                Job::Flip => marked.is_some_and(|rest| !rest.is_empty()),
                // The line that is restored has no note, and the next flip needs the one that was there.
                Job::Restore => marked == Some(&format!(" {MARKER}")),
            };
            ensure(is_told, || format!("the comment is {note:?}"))?;
        }
        Ok(())
    }
}

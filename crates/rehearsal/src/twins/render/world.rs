//! All that the twin knows.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::clock::Skew;
use super::deploy::{Commit, Deploy, Making, Source, Trigger};
use super::domain::Domain;
use super::effect::{Change, Effect};
use super::event::Event;
use super::habit::{Habits, Overlap, TriggerAnswer};
use super::id::Ids;
use super::limit::Limiter;
use super::log::{Line, Log, LogType};
use super::plan::Plan;
use super::scheduler::{self, Surroundings};
use super::service::{AutoDeploy, Origin, ServiceType, Settings};
use super::variables::{Group, Variables};

/// The workspace of a rehearsal, and everything in it.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) services: BTreeMap<String, Service>,
    pub(super) groups: BTreeMap<String, Group>,
    pub(super) effects: Vec<Effect>,
    pub(super) limiter: Limiter,
    pub(super) policy: Policy,
    pub(super) api_key: String,
    pub(super) ids: Ids,
    pub(super) sequence: u64,
}

/// What is set for the whole workspace.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    pub(super) overlap: Overlap,
    pub(super) skew: Skew,
    /// Whether linking an env group through the API deploys the service.
    pub(super) linking_deploys: bool,
    /// Whether one plain host may be attached to one service only.
    pub(super) exclusive_domains: bool,
    /// The port of the origins, once they are up.
    pub(super) origins_port: Option<u16>,
    /// How long a deploy of a service made through the API is missing from lists.
    pub(super) list_lag: Duration,
    /// How long the first deploy of such a service builds.
    pub(super) first_build: Option<Duration>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            overlap: Overlap::default(),
            skew: Skew::default(),
            linking_deploys: true,
            exclusive_domains: false,
            origins_port: None,
            list_lag: Duration::ZERO,
            first_build: None,
        }
    }
}

/// One service with all that belongs to it.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) settings: Settings,
    /// Commits of its repository that the twin knows; the last is the branch head.
    pub(super) commits: Vec<Commit>,
    pub(super) variables: Variables,
    pub(super) domains: Vec<Domain>,
    /// In the order of their making; none is ever removed.
    pub(super) deploys: Vec<Deploy>,
    /// The deploy whose turn it is: one at a time.
    pub(super) current: Option<usize>,
    /// The deploy that answers requests: the live one, unless suspended.
    pub(super) serving: Option<usize>,
    /// Deploys that will come into being later.
    pub(super) coming: Vec<Coming>,
    pub(super) plans: VecDeque<Plan>,
    pub(super) default_plan: Plan,
    pub(super) answers: VecDeque<TriggerAnswer>,
    pub(super) habits: Habits,
    pub(super) events: Vec<Event>,
    pub(super) log: Log,
}

/// A deploy to be made.
#[derive(Clone, Debug)]
pub(super) struct NewDeploy {
    pub(super) trigger: Trigger,
    pub(super) source: Source,
    pub(super) making: Making,
}

/// A deploy to be made later.
#[derive(Clone, Debug)]
pub(super) struct Coming {
    pub(super) at: SystemTime,
    pub(super) deploy: NewDeploy,
}

impl World {
    /// A number larger than all before.
    pub(super) fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// Lets everything happen that was due by `now`.
    pub(super) fn advance(&mut self, now: SystemTime) {
        let (services, mut around) = self.split();
        for service in services.values_mut() {
            scheduler::advance(service, &mut around, now);
        }
    }

    /// Makes a deploy now and returns its place among the service's deploys;
    /// `None` when there is no such service.
    pub(super) fn deploy(&mut self, service: &str, deploy: NewDeploy, now: SystemTime) -> Option<usize> {
        let (services, mut around) = self.split();
        let service = services.get_mut(service)?;
        let index = scheduler::create(service, &mut around, deploy, now);
        scheduler::advance(service, &mut around, now);
        Some(index)
    }

    /// Cancels a deploy that is under way; what waits behind it begins.
    pub(super) fn cancel(&mut self, service: &str, index: usize, now: SystemTime) {
        let (services, mut around) = self.split();
        if let Some(service) = services.get_mut(service) {
            scheduler::cancel(service, &mut around, index, now);
            scheduler::advance(service, &mut around, now);
        }
    }

    /// Cancels all that is under way, and stops the service from answering.
    pub(super) fn suspend(&mut self, service: &str, now: SystemTime) {
        let (services, mut around) = self.split();
        if let Some(service) = services.get_mut(service) {
            scheduler::cancel_all(service, &mut around, now);
            service.coming.clear();
            service.serving = None;
            service.settings.suspended = true;
            service.settings.updated_at = now;
        }
    }

    fn split(&mut self) -> (&mut BTreeMap<String, Service>, Surroundings<'_>) {
        let around = Surroundings {
            groups: &self.groups,
            ids: &mut self.ids,
            sequence: &mut self.sequence,
            overlap: self.policy.overlap,
        };
        (&mut self.services, around)
    }

    pub(super) fn record(&mut self, at: SystemTime, target: &str, change: Change) {
        let target = target.to_owned();
        self.effects.push(Effect { at, target, change });
    }

    pub(super) fn event(&mut self, service: &str, kind: &'static str, details: Value, at: SystemTime) {
        let (id, sequence) = (self.ids.event(), self.next_sequence());
        if let Some(service) = self.services.get_mut(service) {
            service.events.push(Event { id, sequence, at, kind, details });
        }
    }

    pub(super) fn log(&mut self, service: &str, kind: LogType, message: &str, at: SystemTime) {
        let id = self.ids.log();
        if let Some(service) = self.services.get_mut(service) {
            let line = service.line(id, kind, message, at);
            service.log.push(line);
        }
    }

    /// A slug for `name` that no service has.
    pub(super) fn free_slug(&mut self, name: &str) -> String {
        let plain: String =
            name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let mut slug = plain.clone();
        while self.services.values().any(|service| service.settings.slug == slug) {
            slug = format!("{plain}-{}", self.ids.suffix());
        }
        slug
    }

    /// Deploys the branch head of every service that is linked to the group and
    /// has auto-deploy on (Render docs, environment variables and secrets).
    pub(super) fn deploy_linked(&mut self, group: &str, now: SystemTime) {
        let Some(group) = self.groups.get(group) else {
            return;
        };
        for service in group.services.clone() {
            self.deploy_if_automatic(&service, Trigger::ServiceUpdated, now);
        }
    }

    /// Deploys the branch head when auto-deploy is on and the service not suspended.
    pub(super) fn deploy_if_automatic(&mut self, id: &str, trigger: Trigger, now: SystemTime) {
        let Some(service) = self.services.get(id) else {
            return;
        };
        let settings = &service.settings;
        if settings.auto_deploy == AutoDeploy::Off || settings.suspended {
            return;
        }
        let deploy = service.head(trigger, now);
        self.deploy(id, deploy, now);
    }

    pub(super) fn service_json(&self, service: &Service) -> Value {
        let address = service.address(self.policy.origins_port);
        service.settings.json(&address, self.policy.skew)
    }

    /// The JSON of the services that a group is linked to.
    pub(super) fn links_json(&self, group: &Group) -> Vec<Value> {
        let linked = group.services.iter().filter_map(|id| self.services.get(id));
        linked
            .map(|service| {
                let settings = &service.settings;
                json!({
                    "id": settings.id,
                    "name": settings.name,
                    "type": settings.kind.short_word(),
                })
            })
            .collect()
    }
}

impl Service {
    /// A service that never deployed.
    pub(super) fn new(settings: Settings, variables: Variables) -> Self {
        Self {
            settings,
            commits: Vec::new(),
            variables,
            domains: Vec::new(),
            deploys: Vec::new(),
            current: None,
            serving: None,
            coming: Vec::new(),
            plans: VecDeque::new(),
            default_plan: Plan::default(),
            answers: VecDeque::new(),
            habits: Habits::default(),
            events: Vec::new(),
            log: Log::default(),
        }
    }

    /// What `serviceDetails.url` shows. The public name is under
    /// `.onrender.localhost`, the rehearsal's stand-in for `.onrender.com`: names
    /// under `.localhost` mean the loopback interface (RFC 6761).
    pub(super) fn address(&self, port: Option<u16>) -> String {
        let host = self.public_name();
        match (self.settings.kind, port) {
            (ServiceType::Private, _) => format!("{}:10000", self.settings.slug),
            (_, Some(port)) => format!("http://{host}:{port}"),
            (_, None) => format!("https://{host}"),
        }
    }

    pub(super) fn public_name(&self) -> String {
        format!("{}.onrender.localhost", self.settings.slug)
    }

    /// A deploy of what the service follows: its branch head, or its image.
    pub(super) fn head(&self, trigger: Trigger, now: SystemTime) -> NewDeploy {
        let (source, making) = match &self.settings.origin {
            Origin::Image { path } => (image(path), Making::Ready),
            Origin::Repository { .. } => {
                let head = self.commits.last().cloned();
                let commit = head.unwrap_or_else(|| unknown_commit(&"0".repeat(40), now));
                (Source::Commit(commit), Making::Build { clear_cache: false })
            }
        };
        NewDeploy { trigger, source, making }
    }

    /// The known commit with this SHA, full or shortened.
    pub(super) fn known_commit(&self, sha: &str) -> Option<&Commit> {
        self.commits.iter().rev().find(|commit| commit.id.starts_with(sha))
    }

    /// The live deploy, whether or not it may answer.
    pub(super) fn live(&self) -> Option<&Deploy> {
        let is_live = |deploy: &&Deploy| deploy.status == super::deploy::Status::Live;
        self.deploys.iter().rev().find(is_live)
    }

    pub(super) fn line(&self, id: String, kind: LogType, message: &str, at: SystemTime) -> Line {
        Line {
            id,
            at,
            kind,
            level: "info",
            instance: format!("{}-{:0>5}", self.settings.id, self.deploys.len()),
            message: message.to_owned(),
        }
    }
}

/// An image deploy's source; the digest is made up from the reference.
pub(super) fn image(reference: &str) -> Source {
    let digest = (0_u64..4)
        .map(|part| format!("{:016x}", fastrand::Rng::with_seed(hash(reference, part)).u64(..)))
        .collect::<String>();
    Source::Image { reference: reference.to_owned(), digest: format!("sha256:{digest}") }
}

/// A commit of which nothing but its SHA was told.
pub(super) fn unknown_commit(sha: &str, now: SystemTime) -> Commit {
    Commit { id: sha.to_owned(), message: format!("commit {}", sha.get(..7).unwrap_or(sha)), created_at: now }
}

/// FNV-1a: any spread-out number will do.
fn hash(text: &str, seed: u64) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

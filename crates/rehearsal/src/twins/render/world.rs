//! All that the twin knows.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::clock::Skew;
use super::deploy::{NewDeploy, Trigger};
use super::effect::{Change, Effect};
use super::event::Event;
use super::habit::Overlap;
use super::id::Ids;
use super::limit::Limiter;
use super::log::LogType;
use super::scheduler::{self, Surroundings};
use super::service::Service;
use super::settings::AutoDeploy;
use super::variables::Group;

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

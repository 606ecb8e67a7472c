//! What a rehearsal and its tests see of the twin behind the API's back.

use std::collections::BTreeMap;
use std::fmt;

use super::deploy::Deploy;
use super::effect::Effect;
use super::log::LogType;
use super::settings::{ServiceType, Settings};
use super::{Render, SeedError};

/// A deploy that answers requests, with the variables its process sees.
///
/// Printed, it names its variables without their values.
#[derive(Clone)]
pub struct Running {
    /// The deploy.
    pub deploy: Deploy,
    /// Its variables, taken when it started.
    pub variables: BTreeMap<String, String>,
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<&String> = self.variables.keys().collect();
        f.debug_struct("Running").field("deploy", &self.deploy).field("variables", &keys).finish()
    }
}

/// What answers for a service.
#[derive(Clone, Debug)]
pub struct Serving {
    /// The live deploy.
    pub current: Running,
    /// The deploy that was live before it.
    pub before: Option<Running>,
}

impl Render {
    /// The twin's time, without the skew that its answers show.
    #[must_use]
    pub fn now(&self) -> std::time::SystemTime {
        self.clock.now()
    }

    /// The ids of all services, in the order of their making.
    #[must_use]
    pub fn services(&self) -> Vec<String> {
        self.with(|world, _| {
            let mut all: Vec<&Settings> = world.services.values().map(|s| &s.settings).collect();
            all.sort_by_key(|settings| settings.sequence);
            all.into_iter().map(|settings| settings.id.clone()).collect()
        })
    }

    /// All deploys of a service, in the order of their making, as they stand now.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn deploys(&self, service: &str) -> Result<Vec<Deploy>, SeedError> {
        self.with_service(service, |service, _| service.deploys.clone())
    }

    /// The live deploy of a service, if it has one.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn live_deploy(&self, service: &str) -> Result<Option<Deploy>, SeedError> {
        self.with_service(service, |service, _| service.live().cloned())
    }

    /// The variables stored for a service; a process sees them only after a deploy.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn env(&self, service: &str) -> Result<BTreeMap<String, String>, SeedError> {
        self.with_service(service, |service, _| service.variables.to_map())
    }

    /// The variables that the live deploy's process sees; `None` without one.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn running_env(&self, service: &str) -> Result<Option<BTreeMap<String, String>>, SeedError> {
        self.with_service(service, |service, _| service.live().map(process_variables))
    }

    /// What answers for a service; `None` without a live deploy, or suspended.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn running(&self, service: &str) -> Result<Option<Serving>, SeedError> {
        self.with_service(service, |service, _| {
            let serving = service.serving?;
            let others = service.deploys.iter().enumerate();
            let others = others.filter(|(i, deploy)| *i != serving && deploy.went_live());
            let before = others.max_by_key(|(_, deploy)| deploy.finished_at);
            let running =
                |deploy: &Deploy| Running { deploy: deploy.clone(), variables: process_variables(deploy) };
            Some(Serving {
                current: running(&service.deploys[serving]),
                before: before.map(|(_, deploy)| running(deploy)),
            })
        })
    }

    /// What the processes of a service have written into its log, oldest line first.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn process_log(&self, service: &str) -> Result<Vec<String>, SeedError> {
        self.with_service(service, |service, _| {
            let lines = service.log.lines().filter(|line| line.kind == LogType::App);
            lines.map(|line| line.message.clone()).collect()
        })
    }

    /// The ids of all background workers, also of those that were created through the API.
    #[must_use]
    pub fn background_workers(&self) -> Vec<String> {
        self.with(|world, _| {
            let workers = world.services.values().filter(|one| one.settings.kind == ServiceType::Worker);
            workers.map(|service| service.settings.id.clone()).collect()
        })
    }

    /// The service of this name; the newest, if there are several.
    #[must_use]
    pub fn service_named(&self, name: &str) -> Option<String> {
        self.with(|world, _| {
            let named = world.services.values().filter(|one| one.settings.name == name);
            named.max_by_key(|one| one.settings.sequence).map(|one| one.settings.id.clone())
        })
    }

    /// All changes made through the API, in order.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        self.with(|world, _| world.effects.clone())
    }

    /// Whether a service answers for `host`: its own name, or a custom domain that
    /// is attached and verified.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn answers_for(&self, service: &str, host: &str) -> Result<bool, SeedError> {
        self.with_service(service, |service, _| {
            let mut verified = service.domains.iter().filter(|domain| domain.verified);
            service.settings.kind.is_public()
                && (service.public_name() == host || verified.any(|domain| domain.covers(host)))
        })
    }

    /// A service's own public name, `<slug>.onrender.localhost`.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn public_name(&self, service: &str) -> Result<String, SeedError> {
        self.with_service(service, |service, _| service.public_name())
    }

    /// A service's name and whether it is suspended.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn name_and_suspension(&self, service: &str) -> Result<(String, bool), SeedError> {
        self.with_service(service, |service, _| (service.settings.name.clone(), service.settings.suspended))
    }
}

fn process_variables(deploy: &Deploy) -> BTreeMap<String, String> {
    let snapshot = deploy.snapshot.as_ref();
    snapshot.map(|snapshot| snapshot.process.clone()).unwrap_or_default()
}

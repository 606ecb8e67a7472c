//! What a rehearsal and its tests do to the twin behind the API's back.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use super::clock::Skew;
use super::deploy::{Coming, Making, NewDeploy, Status, Trigger};
use super::domain::{Domain, is_wildcard};
use super::habit::{Habits, Overlap, TriggerAnswer};
use super::limit::Limits;
use super::log::LogType;
use super::plan::Plan;
use super::seed::NewService;
use super::service::Service;
use super::settings::{Origin, Settings};
use super::source::{Commit, Source, unknown_commit};
use super::variables::{Group, Variables};
use super::world::World;
use super::{Render, SeedError, details};

/// How long ago seeded services, and the deploys they begin with, were made.
const SEEDED_SERVICE_AGE: Duration = Duration::from_secs(30 * 86_400);
const SEEDED_DEPLOY_AGE: Duration = Duration::from_secs(86_400);

impl Render {
    /// Adds a service and returns its id.
    #[must_use = "everything else asks for this id"]
    pub fn add_service(&self, new: &NewService) -> String {
        self.with(|world, now| {
            let id = world.ids.service(new.kind == super::ServiceType::Cron);
            let service = seeded(world, id.clone(), new, now);
            world.services.insert(id.clone(), service);
            if let Some(commit) = &new.live {
                make_live(world, &id, commit, now);
            }
            id
        })
    }

    /// The plans of the service's next deploys, one each, whoever starts them;
    /// after these the service's usual plan holds again.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn plan_deploys(
        &self,
        service: &str,
        plans: impl IntoIterator<Item = Plan>,
    ) -> Result<(), SeedError> {
        self.with_service(service, |service, _| service.plans.extend(plans))
    }

    /// The answers to the next requests for a deploy, one each; after these the
    /// service's habit holds again.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn answer_triggers(
        &self,
        service: &str,
        answers: impl IntoIterator<Item = TriggerAnswer>,
    ) -> Result<(), SeedError> {
        self.with_service(service, |service, _| service.answers.extend(answers))
    }

    /// Sets a service's habits.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn set_habits(&self, service: &str, habits: Habits) -> Result<(), SeedError> {
        self.with_service(service, |service, _| service.habits = habits)
    }

    /// Sets how long the deploys of services that the API makes from now on are missing
    /// from lists; asked for by its id, a deploy is there at once.
    pub fn set_list_lag_of_new_services(&self, lag: Duration) {
        self.with(|world, _| world.policy.list_lag = lag);
    }

    /// Sets how long the first deploy of services that the API makes from now on builds.
    pub fn set_build_of_first_deploys(&self, build: Duration) {
        self.with(|world, _| world.policy.first_build = Some(build));
    }

    /// Sets what new deploys do to those on the way.
    pub fn set_overlap(&self, overlap: Overlap) {
        self.with(|world, _| world.policy.overlap = overlap);
    }

    /// Sets how far Render's calendar is off. It is what answers show and what
    /// filters compare with; the `Date` header shows it too.
    pub fn set_skew(&self, skew: Skew) {
        self.with(|world, _| world.policy.skew = skew);
    }

    /// Sets the rate limits, and counts anew.
    pub fn set_limits(&self, limits: Limits) {
        self.with(|world, _| {
            world.limiter = super::limit::Limiter::default();
            world.limiter.limits = limits;
        });
    }

    /// Sets the only API key that is let in, [`super::API_KEY`] until then.
    pub fn set_api_key(&self, key: &str) {
        self.with(|world, _| key.clone_into(&mut world.api_key));
    }

    /// Whether linking an env group through the API deploys services that have
    /// auto-deploy on. In the dashboard it does; for the API nobody says, so it is
    /// on until switched off.
    pub fn set_linking_deploys(&self, deploys: bool) {
        self.with(|world, _| world.policy.linking_deploys = deploys);
    }

    /// Whether one plain host may be attached to one service only. Off until
    /// switched on: whether Render allows a second holder is not verified, and
    /// the blue/green cutover of the runbooks relies on it.
    pub fn set_exclusive_domains(&self, exclusive: bool) {
        self.with(|world, _| world.policy.exclusive_domains = exclusive);
    }

    /// The port at which the origins listen, for `serviceDetails.url`.
    pub fn set_origins_port(&self, port: u16) {
        self.with(|world, _| world.policy.origins_port = Some(port));
    }

    /// Stores a variable, as somebody in the dashboard does with "save only".
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn set_env(&self, service: &str, key: &str, value: &str) -> Result<(), SeedError> {
        self.known(service)?;
        self.with(|world, _| {
            let sequence = world.next_sequence();
            if let Some(service) = world.services.get_mut(service) {
                service.variables.set(sequence, key, value);
            }
            Ok(())
        })
    }

    /// Somebody pushes `commit` to the service's branch; with auto-deploy on that
    /// starts a deploy.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn push(&self, service: &str, commit: &str) -> Result<(), SeedError> {
        self.known(service)?;
        self.with(|world, now| {
            if let Some(service) = world.services.get_mut(service) {
                service.commits.push(unknown_commit(commit, now));
            }
            world.deploy_if_automatic(service, Trigger::NewCommit, now);
            Ok(())
        })
    }

    /// Makes a commit known, with its message, without touching the branch head.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn add_commit(&self, service: &str, commit: Commit) -> Result<(), SeedError> {
        self.with_service(service, |service, _| {
            let head = service.commits.len().saturating_sub(1);
            service.commits.insert(head, commit);
        })
    }

    /// Somebody else starts a deploy of `commit`. Returns its id.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn trigger(&self, service: &str, trigger: Trigger, commit: &str) -> Result<String, SeedError> {
        self.known(service)?;
        self.with(|world, now| {
            let deploy = built(trigger, commit, now);
            let index = world.deploy(service, deploy, now);
            let deploys = world.services.get(service).map(|service| &service.deploys);
            index
                .and_then(|index| Some(deploys?.get(index)?.id.clone()))
                .ok_or_else(|| SeedError::UnknownService(service.to_owned()))
        })
    }

    /// Somebody else will start a deploy of `commit` in the dashboard, this much
    /// later.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn trigger_after(&self, service: &str, after: Duration, commit: &str) -> Result<(), SeedError> {
        self.with_service(service, |service, now| {
            let deploy = built(Trigger::Manual, commit, now);
            let at = now + after;
            service.coming.push(Coming { at, deploy });
        })
    }

    /// Forgets the deploys of `commit` that have ended and serve no more: they are listed no more, and asking for one
    /// finds nothing. How long Render keeps them is not documented; its docs say for builds that can be rolled back to
    /// that it depends on the workspace's plan.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn forget_deploys(&self, service: &str, commit: &str) -> Result<(), SeedError> {
        self.with_service(service, |service, _| {
            let of_commit = service.deploys.iter_mut().filter(|deploy| deploy.commit() == Some(commit));
            for deploy in
                of_commit.filter(|deploy| deploy.status.is_terminal() && deploy.status != Status::Live)
            {
                deploy.known = false;
                deploy.build_kept = false;
            }
        })
    }

    /// Throws a deploy's build away, so that nobody can roll back to it.
    ///
    /// # Errors
    ///
    /// There is no such service or deploy.
    pub fn forget_build(&self, service: &str, deploy: &str) -> Result<(), SeedError> {
        self.with_service(service, |service, _| {
            let mut all = service.deploys.iter_mut();
            match all.find(|known| known.id == deploy) {
                Some(deploy) => {
                    deploy.build_kept = false;
                    Ok(())
                }
                None => Err(SeedError::UnknownDeploy(deploy.to_owned())),
            }
        })?
    }

    /// Adds an env group and returns its id.
    #[must_use = "linking asks for this id"]
    pub fn add_env_group<'a>(
        &self,
        name: &str,
        variables: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> String {
        self.with(|world, now| {
            let (id, sequence) = (world.ids.env_group(), world.next_sequence());
            let mut group = Group {
                id: id.clone(),
                sequence,
                name: name.to_owned(),
                owner: super::OWNER.to_owned(),
                environment: None,
                variables: Variables::default(),
                services: std::collections::BTreeSet::new(),
                created_at: now,
                updated_at: now,
            };
            for (key, value) in variables {
                group.variables.set(world.next_sequence(), key, value);
            }
            world.groups.insert(id.clone(), group);
            id
        })
    }

    /// Moves an env group into another workspace.
    ///
    /// # Errors
    ///
    /// There is no such group.
    pub fn set_env_group_owner(&self, group: &str, owner: &str) -> Result<(), SeedError> {
        self.with(|world, _| match world.groups.get_mut(group) {
            Some(group) => {
                owner.clone_into(&mut group.owner);
                Ok(())
            }
            None => Err(SeedError::UnknownGroup(group.to_owned())),
        })
    }

    /// Links a service to an env group without starting a deploy.
    ///
    /// # Errors
    ///
    /// There is no such group or service.
    pub fn link_env_group(&self, group: &str, service: &str) -> Result<(), SeedError> {
        self.known(service)?;
        self.with(|world, _| match world.groups.get_mut(group) {
            Some(group) => {
                group.services.insert(service.to_owned());
                Ok(())
            }
            None => Err(SeedError::UnknownGroup(group.to_owned())),
        })
    }

    /// Attaches a custom domain to a service. A wildcard (`*.example.com`) may be
    /// attached to one service only (Render staff in the community forum).
    ///
    /// # Errors
    ///
    /// There is no such service, or another one holds the name and names are
    /// exclusive.
    pub fn attach(&self, service: &str, host: &str, verified: bool) -> Result<(), SeedError> {
        self.known(service)?;
        self.with(|world, now| {
            let exclusive = world.policy.exclusive_domains || is_wildcard(host);
            let name = host.to_lowercase();
            if let Some(holder) = holder(world, service, &name).filter(|_| exclusive) {
                return Err(SeedError::DomainTaken { name, holder });
            }
            let domain = Domain {
                id: world.ids.custom_domain(),
                sequence: world.next_sequence(),
                name,
                verified,
                certificate: true,
                created_at: now,
            };
            if let Some(service) = world.services.get_mut(service) {
                service.domains.retain(|other| other.name != domain.name);
                service.domains.push(domain);
            }
            Ok(())
        })
    }

    /// Detaches a custom domain; nothing happens when it is not attached.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn detach(&self, service: &str, host: &str) -> Result<(), SeedError> {
        let host = host.to_lowercase();
        self.with_service(service, |service, _| service.domains.retain(|d| d.name != host))
    }

    /// The process of a service writes a line to its log.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn log(&self, service: &str, line: &str) -> Result<(), SeedError> {
        self.known(service)?;
        self.with(|world, now| {
            world.log(service, LogType::App, line, now);
            Ok(())
        })
    }

    fn known(&self, service: &str) -> Result<(), SeedError> {
        self.with_service(service, |_, _| ())
    }
}

fn built(trigger: Trigger, commit: &str, now: SystemTime) -> NewDeploy {
    NewDeploy {
        trigger,
        source: Source::Commit(unknown_commit(commit, now)),
        making: Making::Build { clear_cache: false },
    }
}

fn holder(world: &World, except: &str, name: &str) -> Option<String> {
    let others = world.services.values().filter(|other| other.settings.id != except);
    let mut holders = others.filter(|other| other.domains.iter().any(|d| d.name == name));
    holders.next().map(|other| other.settings.id.clone())
}

fn seeded(world: &mut World, id: String, new: &NewService, now: SystemTime) -> Service {
    let made = now - SEEDED_SERVICE_AGE;
    let runtime = if new.image.is_some() { "image" } else { "docker" };
    let origin = match &new.image {
        Some(path) => Origin::Image { path: path.clone() },
        None => {
            Origin::Repository { repo: "https://github.com/acme/app".to_owned(), branch: new.branch.clone() }
        }
    };
    let mut variables = Variables::default();
    for (key, value) in &new.variables {
        variables.set(world.next_sequence(), key, value);
    }
    let settings = Settings {
        id,
        sequence: world.next_sequence(),
        name: new.name.clone(),
        slug: world.free_slug(&new.name),
        kind: new.kind,
        owner: new.owner.clone(),
        origin,
        root_dir: String::new(),
        build_filter: None,
        environment: new.environment.clone(),
        auto_deploy: new.auto_deploy,
        shows_auto_deploy_trigger: new.shows_auto_deploy_trigger,
        suspended: false,
        region: new.region.clone(),
        runtime: runtime.to_owned(),
        details: details::defaults(new.kind, runtime),
        created_at: made,
        updated_at: made,
    };
    let mut service = Service::new(settings, variables);
    service.default_plan = new.plan.clone();
    service.habits = new.habits;
    service
}

fn make_live(world: &mut World, id: &str, commit: &str, now: SystemTime) {
    let at = now - SEEDED_DEPLOY_AGE;
    if let Some(service) = world.services.get_mut(id) {
        service.commits.push(unknown_commit(commit, at));
        service.plans = VecDeque::from([Plan::at_once()]);
        let deploy = service.head(Trigger::Manual, at);
        world.deploy(id, deploy, at);
    }
}

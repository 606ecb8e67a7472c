//! The temporary service: found by its name, or created, and made ready to be deployed.
//!
//! Creating a service also begins a deploy of its branch's head (Render's API reference,
//! create service), which is not what is to be drained with. So the service comes into
//! being without a generation, a database or an env group: such a worker has nothing to
//! work on. Its first deploy is cancelled before anything is given to it.

use std::time::Duration;

use action::{Clock, Failure, Permit};
use http::Outcome;
use render::{CreatedService, EnvGroup, EnvGroupId, NewWorker, Render, Service, ServiceType};
use wait::{Created, Ended, EnsureError, Fault, Look, Schedule};

/// How long a service that was perhaps created may be missing from the list.
const APPEARS_WITHIN: Duration = Duration::from_secs(120);

/// How long a link may take to show.
const LINK_SHOWS_WITHIN: Duration = Duration::from_secs(15);

/// How long a service may take to be gone, once it was deleted.
const GONE_WITHIN: Duration = Duration::from_secs(120);

pub(crate) const CADENCE: Duration = Duration::from_secs(3);

/// The name of the temporary service of a generation (ADR-053 D13).
pub(crate) fn name_for(generation: u64) -> String {
    format!("workers-drain-gen-{generation}")
}

/// Checks that a temporary service can be made like `model`.
///
/// # Errors
/// `refused`: it is no background worker, or has no repository.
pub(crate) fn like(model: &Service, name: &str) -> Result<NewWorker, Failure> {
    let told = format!("{} ({})", model.id, model.name);
    if model.kind != ServiceType::BackgroundWorker {
        return Err(Failure::refused(format!("{told} is a {}, no background worker", model.kind))
            .hint("`model-service` is either colour of the workers"));
    }
    let Some(repo) = model.repo.clone() else {
        return Err(Failure::refused(format!("{told} runs an image, so it has no commits"))
            .hint("a generation is drained with its own commit, which Render builds"));
    };
    let details = model.service_details.clone();
    let Some(runtime) = details.runtime else {
        return Err(Failure::refused(format!("Render shows no runtime of {told}"))
            .hint("`model-service` must be a service that Render builds from a repository"));
    };
    Ok(NewWorker {
        name: name.to_owned(),
        owner_id: model.owner_id.clone(),
        repo,
        branch: model.branch.clone(),
        root_dir: model.root_dir.clone().filter(|folder| !folder.is_empty()),
        environment_id: model.environment_id.clone(),
        runtime,
        plan: details.plan,
        region: details.region,
        commands: details.commands,
    })
}

/// What the stages share.
pub(crate) struct Temporary<'a> {
    pub(crate) render: &'a Render,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) new: &'a NewWorker,
}

impl Temporary<'_> {
    /// The service, if it is there.
    ///
    /// # Errors
    /// `stale`: there are several, or one that is something else; and Render's.
    pub(crate) async fn find(&self) -> Result<Option<Service>, Failure> {
        let Self { new, .. } = self;
        let named = self.render.services_named(&new.owner_id, &new.name).await;
        let named = named.map_err(|error| Failure::from(error).context(format!("look for {}", new.name)))?;
        self.the_one(named)
    }

    /// Finds it, or creates it once. Its first deploy is known only from the answer to the creation: not when that
    /// was lost, and not of one that an earlier run has made.
    ///
    /// # Errors
    /// As [`Self::find`]; `timed-out` when it cannot be told whether it was created.
    pub(crate) async fn ensure(&self, permit: &Permit) -> Result<CreatedService, Failure> {
        let Self { new, clock, .. } = self;
        let once = self.render.once();
        let find = async || match once.services_named(&new.owner_id, &new.name).await {
            Ok(named) => Ok(match self.the_one(named)? {
                Some(service) => Look::Done(CreatedService { service, deploy_id: None }),
                None => Look::NotYet("no such service"),
            }),
            Err(error) if error.is_passing() => Ok(Look::Fault(Fault::from(&error))),
            Err(error) => Err(Failure::from(error).context(format!("look for {}", new.name))),
        };
        let create = async || match self.render.create_worker(new, permit).await {
            Ok(created) => Ok(Created::Made(created)),
            Err(error) if error.outcome() == Outcome::Unknown => Ok(Created::Unclear(error.to_string())),
            Err(error) => Err(Failure::from(error).context(format!("create {}", new.name))),
        };
        let schedule = Schedule::new(APPEARS_WITHIN, CADENCE);
        match wait::ensure(*clock, schedule, &new.name, find, create).await {
            Ok(ensured) => Ok(ensured.into_inner()),
            Err(EnsureError::Failed(failure)) => Err(failure),
            Err(EnsureError::Unseen(search)) => {
                Err(Failure::unreachable(format!("look for {}: {search}", new.name)))
            }
            Err(EnsureError::Unclear { attempt, .. }) => Err(Failure::timed_out(format!(
                "{} did not appear after an unclear request: {attempt}",
                new.name
            ))
            .hint("it may still come: run again, and it is found by its name")),
        }
    }

    /// Links the env groups that are not linked yet; says whether there were any.
    ///
    /// # Errors
    /// `unreachable`: Render shows no link after it was asked for; and Render's.
    pub(crate) async fn link(
        &self,
        service: &Service,
        groups: &[EnvGroupId],
        permit: &Permit,
    ) -> Result<bool, Failure> {
        let mut is_news = false;
        for group in groups {
            let found = self.render.env_group(group).await;
            let found =
                found.map_err(|error| Failure::from(error).context(format!("read the env group {group}")))?;
            if !is_linked(&found, service) {
                self.link_one(service, group, permit).await?;
                is_news = true;
            }
        }
        Ok(is_news)
    }

    /// Asks for the link once, and believes it when it shows: a worker without its group has no database.
    async fn link_one(&self, service: &Service, group: &EnvGroupId, permit: &Permit) -> Result<(), Failure> {
        let what = format!("link {} to {group}", service.name);
        let lost = match self.render.link_env_group(group, &service.id, permit).await {
            Ok(()) => None,
            // The answer was lost, perhaps not the request.
            Err(error) if error.outcome() == Outcome::Unknown => Some(error),
            Err(error) => return Err(Failure::from(error).context(what)),
        };
        let once = self.render.once();
        let schedule = Schedule::new(LINK_SHOWS_WITHIN, CADENCE).at_once();
        let shown = wait::until(self.clock, schedule, "link", async |_| match once.env_group(group).await {
            Ok(found) if is_linked(&found, service) => Ok(Look::Done(())),
            Ok(_) => Ok(Look::NotYet("it does not show")),
            Err(error) if error.is_passing() => Ok(Look::Fault(Fault::from(&error))),
            Err(error) => Err(error),
        });
        match (shown.await, lost) {
            (Ok(()), _) => {
                tracing::info!("{} is linked to {group}", service.name);
                Ok(())
            }
            (Err(Ended::TimedOut(_)), Some(error)) | (Err(Ended::Failed(error)), _) => {
                Err(Failure::from(error).context(what))
            }
            (Err(Ended::TimedOut(seen)), None) => Err(Failure::unreachable(format!("{what}: {seen}")).hint(
                "Render took the request and shows no link; run again, or link it on the group's page",
            )),
        }
    }

    /// Deletes the service, and looks until it is gone.
    ///
    /// # Errors
    /// `timed-out`: it is still there; and Render's.
    pub(crate) async fn delete(&self, service: &Service, permit: &Permit) -> Result<(), Failure> {
        let (once, new) = (self.render.once(), self.new);
        let look = async |_| {
            let gone = async {
                // First, for a list may be older than the service; one that is gone is no error.
                once.delete_service(&service.id, permit).await?;
                let named = once.services_named(&new.owner_id, &new.name).await?;
                Ok(match named.iter().any(|found| found.id == service.id) {
                    true => Look::Near("it is still there"),
                    false => Look::Done(()),
                })
            };
            match gone.await {
                Ok(look) => Ok(look),
                Err(error) if http::Error::is_passing(&error) => Ok(Look::Fault(Fault::from(&error))),
                Err(error) => Err(error),
            }
        };
        let schedule = Schedule::new(GONE_WITHIN, CADENCE).at_once();
        wait::until(self.clock, schedule, "end of the service", look).await.map_err(|ended| match ended {
            Ended::Failed(error) => Failure::from(error),
            Ended::TimedOut(seen) => Failure::timed_out(seen.to_string()),
        })
    }

    fn the_one(&self, mut named: Vec<Service>) -> Result<Option<Service>, Failure> {
        let Self { new, .. } = self;
        if named.len() > 1 {
            let ids: Vec<_> = named.iter().map(|service| service.id.to_string()).collect();
            return Err(Failure::stale(format!(
                "{} services are called {}: {}",
                ids.len(),
                new.name,
                ids.join(", ")
            ))
            .hint("delete all but one on dashboard.render.com, then run again"));
        }
        let Some(service) = named.pop() else { return Ok(None) };
        if service.kind != ServiceType::BackgroundWorker || service.repo.as_ref() != Some(&new.repo) {
            return Err(Failure::stale(format!(
                "{} ({}) is not what an earlier run would have made: a background worker of {}",
                service.id, new.name, new.repo
            ))
            .hint("rename it or delete it on dashboard.render.com, then run again"));
        }
        Ok(Some(service))
    }
}

fn is_linked(group: &EnvGroup, service: &Service) -> bool {
    group.services.iter().any(|linked| linked == service.id.as_str())
}

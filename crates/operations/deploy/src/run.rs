//! One run, as far as all of its stages share it.

use std::time::{Duration, Instant};

use action::{Context, ExposeSecret as _, Failure};
use render::{Deploy, DeployFilter, DeployId, Render, Service, Status, Variable};
use wait::Fault;

use crate::admission::named;
use crate::decision::{Stored, Wanted};
use crate::history::History;
use crate::listener::{Listener, Seen};
use crate::mark::{self, Intent, Mark};
use crate::request::Request;
use crate::words::{in_brackets, page};

/// How many deploys a look shows: those newer than the newest that was there.
const LOOK: usize = 20;

/// One run.
pub(crate) struct Run<'a> {
    pub(crate) request: &'a Request,
    pub(crate) context: &'a Context,
    pub(crate) render: Render,
    pub(crate) service: Service,
    pub(crate) variables: Vec<Variable>,
    pub(crate) intent: Intent,
    pub(crate) started: Instant,
}

/// What the service's variables are, compared with the wanted ones.
#[derive(Debug)]
pub(crate) struct Found {
    /// The wanted variables that have to be written, by their place.
    pub(crate) changes: Vec<Change>,
    pub(crate) mark: Option<Mark>,
}

/// A wanted variable that the service has otherwise or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) index: usize,
    pub(crate) key: String,
    pub(crate) is_new: bool,
}

impl Found {
    /// The names of the variables that have to be written.
    pub(crate) fn keys(&self) -> Vec<&str> {
        self.changes.iter().map(|change| change.key.as_str()).collect()
    }

    pub(crate) fn stored(&self) -> Stored {
        Stored { differs: !self.changes.is_empty(), mark: self.mark.clone() }
    }
}

impl Run<'_> {
    pub(crate) fn wanted(&self) -> Wanted<'_> {
        Wanted {
            target: &self.request.target,
            has_variables: !self.variables.is_empty(),
            intent: &self.intent,
            force: self.request.force,
        }
    }

    /// `srv-456 (api)`.
    pub(crate) fn name(&self) -> String {
        named(&self.service)
    }

    /// What is left of the run's time.
    pub(crate) fn left(&self) -> Duration {
        self.request.timeout.saturating_sub(self.context.clock().now() - self.started)
    }

    /// ` (https://dashboard...)`, or nothing.
    pub(crate) fn page_of(&self, deploy: &DeployId) -> String {
        in_brackets(page(&self.service, deploy).as_deref())
    }

    /// The newest deploys, and the live one even if it is older than those.
    pub(crate) async fn history(&self) -> Result<History, Failure> {
        let what = || format!("list the deploys of {}", self.name());
        let page = self.render.deploys(&self.service.id, &DeployFilter::default()).await;
        let page = page.map_err(|error| Failure::from(error).context(what()))?;
        let mut deploys = page.items;
        let lacks_live = !deploys.iter().any(|deploy| deploy.status == Status::Live);
        if lacks_live && page.next.is_some() {
            let filter = DeployFilter { statuses: vec![Status::Live], limit: 1, cursor: None };
            let page = self.render.deploys(&self.service.id, &filter).await;
            deploys.extend(page.map_err(|error| Failure::from(error).context(what()))?.items);
        }
        Ok(History::new(deploys))
    }

    /// The newest deploys, asked for once: inside a wait, the wait is the retry.
    pub(crate) async fn look_at_deploys(&self) -> Result<History, http::Error> {
        let filter = DeployFilter { limit: LOOK, ..DeployFilter::default() };
        let page = self.render.once().deploys(&self.service.id, &filter).await?;
        Ok(History::new(page.items))
    }

    /// The service's variables, compared with the wanted ones.
    pub(crate) async fn compare(&self, render: &Render) -> Result<Found, http::Error> {
        let stored = render.variables(&self.service.id).await?;
        let value = |key: &str| {
            let found = stored.iter().find(|variable| variable.key == key);
            found.map(|variable| variable.value.expose_secret())
        };
        let change = |(index, variable): (usize, &Variable)| {
            let now = value(&variable.key);
            let differs = now != Some(variable.value.expose_secret());
            differs.then(|| Change { index, key: variable.key.clone(), is_new: now.is_none() })
        };
        Ok(Found {
            changes: self.variables.iter().enumerate().filter_map(change).collect(),
            mark: value(mark::KEY).map(Mark::read),
        })
    }

    /// Makes the deploy known at once: a killed run keeps only what it has told.
    pub(crate) fn announce(&self, deploy: &Deploy, listener: &mut impl Listener) -> Result<(), Failure> {
        listener.identified(Seen { deploy, service: &self.service })
    }

    /// Tells what a look at the deploy showed.
    pub(crate) fn tell(&self, deploy: &Deploy, listener: &mut impl Listener) {
        listener.seen(Seen { deploy, service: &self.service });
    }
}

/// Inside a wait a passing error is nothing seen; any other ends the wait.
pub(crate) fn look<T>(looked: Result<T, http::Error>) -> Result<Result<T, Fault>, http::Error> {
    match looked {
        Ok(seen) => Ok(Ok(seen)),
        Err(error) if error.is_passing() => Ok(Err(Fault::from(&error))),
        Err(error) => Err(error),
    }
}

/// A look that did not show the deploy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unseen;

impl std::fmt::Display for Unseen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("it is not in the list of deploys")
    }
}

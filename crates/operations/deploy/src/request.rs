//! What is asked for.

use std::cell::RefCell;
use std::time::Duration;

use action::{Context, Failure, Plan};
use render::{API_KEY, DeployId, Render, ServiceId};

use crate::target::Target;
use crate::variables::Line;

/// The deploy that is wanted, and how to go about it.
#[derive(Debug)]
pub struct Request {
    /// The heading of what it writes into the job summary: the primitive's name.
    pub title: &'static str,
    /// The service.
    pub service: ServiceId,
    /// What it is to ship.
    pub target: Target,
    /// The variables that it is to have; others are left alone.
    pub variables: Vec<Line>,
    /// Whether to throw the build cache away first.
    pub clear_cache: bool,
    /// When to give up, from the first request on: nothing is begun after it.
    pub timeout: Duration,
    /// The longest pause between two looks.
    pub poll_interval: Duration,
    /// Whether to deploy even if all of this is live.
    pub force: bool,
    /// Whether a signal is to cancel a deploy that this run began.
    pub cancel_on_interrupt: bool,
    /// How many lines of its log a failed deploy leaves in the summary.
    pub log_lines: usize,
    /// The deploy that this run began and that has not ended. It stands here since
    /// nothing else outlives a run that a signal stops.
    begun: RefCell<Option<DeployId>>,
}

impl Request {
    /// What is wanted of `service`, with the habits of a careful deploy: the build cache is used, 25 minutes
    /// (ADR-053 D10), a look every 10 s at least, and 40 lines of the log of a failed one.
    #[must_use]
    pub fn new(title: &'static str, service: ServiceId, target: Target, variables: Vec<Line>) -> Self {
        Self {
            title,
            service,
            target,
            variables,
            clear_cache: false,
            timeout: Duration::from_secs(25 * 60),
            poll_interval: Duration::from_secs(10),
            force: false,
            cancel_on_interrupt: false,
            log_lines: 40,
            begun: RefCell::default(),
        }
    }

    /// Cancels the deploy that this run began, if it has not ended and `cancel_on_interrupt` asks for it. Returns
    /// what came of it, for whoever reads the log of an interrupted run.
    pub async fn interrupt(&self, context: &Context) -> Vec<String> {
        let Some(deploy) = self.begun().filter(|_| self.cancel_on_interrupt) else {
            return Vec::new();
        };
        vec![match self.cancel(context, &deploy).await {
            Ok(()) => {
                format!("cancelled deploy {deploy}; variables that it was to take along stay as written")
            }
            Err(failure) => {
                format!("deploy {deploy} could not be cancelled and goes on at Render: {}", failure.message())
            }
        }]
    }

    pub(crate) fn begun(&self) -> Option<DeployId> {
        self.begun.borrow().clone()
    }

    pub(crate) fn set_begun(&self, deploy: Option<DeployId>) {
        *self.begun.borrow_mut() = deploy;
    }

    async fn cancel(&self, context: &Context, deploy: &DeployId) -> Result<(), Failure> {
        let mut plan = Plan::new();
        plan.change(format!("deploy {deploy}"), "on its way", "cancelled");
        let permit = context.approve(&plan)?;
        let render = Render::new(context, context.secret(API_KEY)?)?;
        render.cancel_deploy(&self.service, deploy, &permit).await?;
        Ok(())
    }
}

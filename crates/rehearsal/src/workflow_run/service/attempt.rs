//! One attempt of a run: its way through the queue, and the handle on it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use workflow::{Conclusion, Workflow};

use super::{Past, Service};
use crate::workflow_run::WorkflowRunError;
use crate::workflow_run::contexts::Identity;
use crate::workflow_run::drive::Attempt;
use crate::workflow_run::record::{Job, Run};

/// Which attempt of which run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) run: u64,
    pub(super) attempt: u32,
}

/// One attempt of a run that was started. Dropping it leaves the run alone.
#[derive(Debug)]
pub struct Handle {
    pub(super) key: Key,
    pub(super) live: Live,
    pub(super) task: JoinHandle<Result<Run, WorkflowRunError>>,
}

impl Handle {
    /// `github.run_id`.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.key.run
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.task.is_finished()
    }

    /// Cancels it as a person does, whether it waits or works.
    pub fn cancel(&self) {
        self.live.cancel("The run was canceled by a person.");
    }

    /// Waits until it is over.
    ///
    /// # Errors
    /// When something in it cannot be done here at all.
    pub async fn finish(self) -> Result<Run, WorkflowRunError> {
        self.task.await.map_err(|e| WorkflowRunError::Broken(e.to_string()))?
    }
}

impl Live {
    pub(super) fn cancel(&self, why: &str) {
        // The first reason stands.
        let _ = self.remark.set(why.to_owned());
        self.cancelled.send_replace(true);
    }
}

/// A run that waits or works.
#[derive(Debug, Clone)]
pub(super) struct Live {
    pub(super) gate: watch::Sender<bool>,
    pub(super) cancelled: watch::Sender<bool>,
    pub(super) remark: Arc<OnceLock<String>>,
}

/// An attempt's way through the queue.
pub(super) struct Entry {
    pub(super) service: Service,
    pub(super) key: Key,
    pub(super) group: Option<String>,
    pub(super) queued: Instant,
    pub(super) opened: watch::Receiver<bool>,
    pub(super) asked: watch::Receiver<bool>,
    pub(super) live: Live,
}

impl Entry {
    pub(super) async fn follow(
        mut self,
        identity: Arc<Identity>,
        workflow: Arc<Workflow>,
        kept: BTreeMap<String, Job>,
    ) -> Result<Run, WorkflowRunError> {
        let goes = tokio::select! {
            biased;
            asked = self.asked.wait_for(|asked| *asked) => asked.is_err(),
            opened = self.opened.wait_for(|opened| *opened) => opened.is_ok(),
        };
        let started = goes.then(Instant::now);
        let worked = if goes {
            let attempt = Attempt {
                parts: Arc::clone(&self.service.0.parts),
                settings: self.service.settings(),
                identity: Arc::clone(&identity),
                workflow: Arc::clone(&workflow),
                kept,
                cancelled: self.asked.clone(),
            };
            attempt.run().await
        } else {
            Ok((Conclusion::Cancelled, Vec::new()))
        };
        let (conclusion, jobs) = self.leave(&identity, &workflow, worked)?;
        let Identity { id, number, attempt, file, event, .. } = (*identity).clone();
        let remark = self.live.remark.get().cloned();
        let (queued, ended) = (self.queued, Instant::now());
        Ok(Run { id, number, attempt, file, event, conclusion, remark, queued, started, ended, jobs })
    }

    /// Makes room for the next run, whatever became of this one.
    fn leave(
        &self,
        identity: &Arc<Identity>,
        workflow: &Arc<Workflow>,
        worked: Result<(Conclusion, Vec<Job>), WorkflowRunError>,
    ) -> Result<(Conclusion, Vec<Job>), WorkflowRunError> {
        let mut state = self.service.state();
        state.live.remove(&self.key);
        let orders = self.group.as_ref().map(|group| state.groups.leave(group, self.key));
        state.obey(orders.unwrap_or_default());
        let (conclusion, jobs) = worked?;
        let past =
            Past { identity: Arc::clone(identity), workflow: Arc::clone(workflow), jobs: jobs.clone() };
        state.past.insert(identity.id, past);
        Ok((conclusion, jobs))
    }
}

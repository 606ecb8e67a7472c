//! Where a scenario may step in.

use std::fmt::Debug;

use async_trait::async_trait;

use super::record::{Job, Step};
use crate::runner::Remote;

/// One moment of a run.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// The run's id.
    pub run: u64,
    /// Which attempt it is, from 1.
    pub attempt: u32,
    /// The workflow's file name, such as `deploy-prod.yml`.
    pub file: &'a str,
    /// What happens.
    pub what: What<'a>,
}

/// What happens at a moment.
#[derive(Debug, Clone, Copy)]
pub enum What<'a> {
    /// The run leaves the queue of its concurrency group.
    RunStarts,
    /// A job is about to start: its environment has let it through.
    JobStarts {
        /// The job's id.
        job: &'a str,
    },
    /// A step is about to start; its condition held.
    StepStarts {
        /// The job's id.
        job: &'a str,
        /// The step.
        step: StepName<'a>,
    },
    /// A step's process runs. What the hook does goes on beside it, and is dropped when the step has ended. Steps
    /// that a stand-in carries out have no such moment.
    StepRuns {
        /// The job's id.
        job: &'a str,
        /// The step.
        step: StepName<'a>,
        /// To listen to it, to signal it.
        remote: &'a Remote,
    },
    /// A step has ended, or was skipped.
    StepEnded {
        /// The job's id.
        job: &'a str,
        /// What became of it.
        step: &'a Step,
    },
    /// A job has ended, or was skipped.
    JobEnded {
        /// What became of it.
        job: &'a Job,
    },
    /// The run is over.
    RunEnded,
}

/// Which step of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepName<'a> {
    /// Its place in the job, from 1.
    pub number: usize,
    /// Its `id`.
    pub id: Option<&'a str>,
    /// Its `name`, or what GitHub shows in its place.
    pub name: &'a str,
}

/// What a scenario does at the moments of a run. A run waits for it, but for [`What::StepRuns`].
#[async_trait]
pub trait Hooks: Debug + Send + Sync {
    /// This moment has come.
    async fn at(&self, moment: Moment<'_>);
}

/// Does nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoHooks;

#[async_trait]
impl Hooks for NoHooks {
    async fn at(&self, _: Moment<'_>) {}
}

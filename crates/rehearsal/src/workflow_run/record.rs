//! What became of a run: its jobs and steps as data, with their times.

use std::collections::BTreeMap;
use std::time::Instant;

pub use workflow::Conclusion;

use super::event::Event;
use crate::runner::{Annotation, Survivor};

/// A run that is over, in one attempt. No text in it holds a secret.
#[derive(Debug, Clone)]
pub struct Run {
    /// `github.run_id`: stays the same when it is run again.
    pub id: u64,
    /// `github.run_number`: counts the runs of one workflow file.
    pub number: u64,
    /// `github.run_attempt`, from 1.
    pub attempt: u32,
    /// The workflow's file name, such as `deploy-prod.yml`.
    pub file: String,
    /// What started it.
    pub event: Event,
    /// How it ended.
    pub conclusion: Conclusion,
    /// Why it never started, or was ended, in GitHub's words.
    pub remark: Option<String>,
    /// When the event came.
    pub queued: Instant,
    /// When it left the queue of its concurrency group.
    pub started: Option<Instant>,
    /// When it was over.
    pub ended: Instant,
    /// Its jobs in the order of the file; none when it never started.
    pub jobs: Vec<Job>,
}

impl Run {
    /// The job with this id.
    #[must_use]
    pub fn job(&self, id: &str) -> Option<&Job> {
        self.jobs.iter().find(|job| job.id == id)
    }
}

/// A job that has ended.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its key in the file.
    pub id: String,
    /// The attempt in which it ran; an older one than the run's when its result was kept.
    pub attempt: u32,
    /// Its environment.
    pub environment: Option<String>,
    /// How it ended.
    pub conclusion: Conclusion,
    /// When every job that it needs had ended.
    pub ready: Instant,
    /// When its first step could begin; nothing when it was skipped, refused or rejected.
    pub started: Option<Instant>,
    /// When it ended.
    pub ended: Instant,
    /// Its steps, in the order of the file; those that were never come to are missing.
    pub steps: Vec<Step>,
    /// Its outputs. One that held a secret is missing, and an annotation says so.
    pub outputs: BTreeMap<String, String>,
    /// What GitHub had to say about the job itself.
    pub annotations: Vec<Annotation>,
    /// Processes that its steps left behind; they were killed when it ended.
    pub survivors: Vec<Survivor>,
    /// Where a secret of the job was seen before masks hid it, in its steps' raw output and in the files that were
    /// there in the end (outputs and summaries among them). No text here holds one.
    pub leaks: Vec<String>,
}

impl Job {
    /// One that never ran.
    pub(crate) fn skipped(id: &str) -> Self {
        Self::blank(id, 1, Conclusion::Skipped)
    }

    /// One of which nothing is known yet but how it ended.
    pub(crate) fn blank(id: &str, attempt: u32, conclusion: Conclusion) -> Self {
        let now = Instant::now();
        Self {
            id: id.to_owned(),
            attempt,
            environment: None,
            conclusion,
            ready: now,
            started: None,
            ended: now,
            steps: Vec::new(),
            outputs: BTreeMap::new(),
            annotations: Vec::new(),
            survivors: Vec::new(),
            leaks: Vec::new(),
        }
    }

    /// The step with this id, name or `uses`, the first of them.
    #[must_use]
    pub fn step(&self, name: &str) -> Option<&Step> {
        let mut steps = self.steps.iter();
        steps.find(|step| {
            step.id.as_deref() == Some(name) || step.name == name || step.uses.as_deref() == Some(name)
        })
    }

    /// The summaries of its steps, one after the other.
    #[must_use]
    pub fn summary(&self) -> String {
        self.steps.iter().map(|step| step.summary.as_str()).collect()
    }
}

/// A step that has ended or was skipped.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its place in the job, from 1.
    pub number: usize,
    /// Its `id`.
    pub id: Option<String>,
    /// Its `name`, or what GitHub shows in its place.
    pub name: String,
    /// Its `uses`.
    pub uses: Option<String>,
    /// How it ended.
    pub outcome: Conclusion,
    /// What that counts as: with `continue-on-error` a failure is a success.
    pub conclusion: Conclusion,
    /// When it began.
    pub started: Instant,
    /// When it ended.
    pub ended: Instant,
    /// The last process's exit code, 128 and a signal's number for one that a signal ended; nothing when there
    /// was no process.
    pub exit_code: Option<i32>,
    /// Its outputs, masked (expressions of later steps see them as they are).
    pub outputs: BTreeMap<String, String>,
    /// Its summary, masked.
    pub summary: String,
    /// Its log, masked.
    pub log: String,
    /// What its commands and the runner had to say, masked.
    pub annotations: Vec<Annotation>,
}

impl Step {
    /// One output, empty when it was not set.
    #[must_use]
    pub fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }
}

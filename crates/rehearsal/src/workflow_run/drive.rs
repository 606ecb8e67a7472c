//! One attempt of a run, from its first job to its last.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;
use workflow::{Conclusion, Run, Verdict, Workflow};

use super::contexts::Identity;
use super::hooks::{Moment, What};
use super::job::{Turn, error};
use super::record::Job;
use super::settings::Settings;
use super::{Parts, WorkflowRunError};

/// Everything that an attempt needs.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) parts: Arc<Parts>,
    pub(super) settings: Arc<Settings>,
    pub(super) identity: Arc<Identity>,
    pub(super) workflow: Arc<Workflow>,
    /// Jobs of an earlier attempt whose results stand.
    pub(super) kept: BTreeMap<String, Job>,
    pub(super) cancelled: watch::Receiver<bool>,
}

impl Attempt {
    /// Runs the jobs; gives them and how the run ended.
    ///
    /// # Errors
    /// The first thing that cannot be done here at all; jobs that still run are killed.
    pub(super) async fn run(mut self) -> Result<(Conclusion, Vec<Job>), WorkflowRunError> {
        self.at(What::RunStarts).await;
        let workflow = Arc::clone(&self.workflow);
        let mut run = Run::new(&workflow, self.identity.contexts(&self.settings));
        let (mut tasks, mut ended) = (JoinSet::new(), Vec::new());
        let mut stops: BTreeMap<String, watch::Sender<bool>> = BTreeMap::new();
        loop {
            self.start(&mut run, &mut tasks, &mut stops, &mut ended).await?;
            tokio::select! {
                job = tasks.join_next() => match job {
                    Some(job) => {
                        let job = job.map_err(|e| WorkflowRunError::Broken(e.to_string()))??;
                        finish(&mut run, &job)?;
                        ended.push(job);
                    }
                    None => break,
                },
                () = asked(&mut self.cancelled), if !run.is_cancelled() => {
                    for stop in run.cancel().into_iter().filter_map(|job| stops.get(&job.id)) {
                        stop.send_replace(true);
                    }
                }
            }
        }
        self.at(What::RunEnded).await;
        ended.sort_by_key(|job: &Job| workflow.jobs.iter().position(|known| known.id == job.id));
        let conclusion = run.conclusion();
        Ok((conclusion.ok_or_else(|| WorkflowRunError::Broken("jobs were left over".to_owned()))?, ended))
    }

    /// Starts the jobs whose turn has come, and passes over those that are skipped or kept, until none is left.
    async fn start(
        &self,
        run: &mut Run<'_>,
        tasks: &mut JoinSet<Result<Job, WorkflowRunError>>,
        stops: &mut BTreeMap<String, watch::Sender<bool>>,
        ended: &mut Vec<Job>,
    ) -> Result<(), WorkflowRunError> {
        loop {
            let due = run.next();
            if due.is_empty() {
                return Ok(());
            }
            for (job, verdict) in due {
                let id = &job.id;
                let over = match (verdict, self.kept.get(id)) {
                    (Verdict::Start, Some(kept)) => {
                        finish(run, kept)?;
                        kept.clone()
                    }
                    (Verdict::Start, None) => {
                        let (stop, cancelled) = watch::channel(false);
                        stops.insert(id.clone(), stop);
                        tasks.spawn(self.turn(id.clone(), run.needs(job), cancelled).run());
                        continue;
                    }
                    (Verdict::Skip, _) => Job::blank(id, self.identity.attempt, Conclusion::Skipped),
                    (Verdict::Fail(problem), _) => {
                        let mut job = Job::blank(id, self.identity.attempt, Conclusion::Failure);
                        job.annotations.push(error(problem.to_string()));
                        job
                    }
                };
                self.at(What::JobEnded { job: &over }).await;
                ended.push(over);
            }
        }
    }

    fn turn(&self, job: String, needs: workflow::value::Value, cancelled: watch::Receiver<bool>) -> Turn {
        Turn {
            parts: Arc::clone(&self.parts),
            settings: Arc::clone(&self.settings),
            identity: Arc::clone(&self.identity),
            workflow: Arc::clone(&self.workflow),
            job,
            needs,
            cancelled,
        }
    }

    async fn at(&self, what: What<'_>) {
        let Identity { id, attempt, file, .. } = &*self.identity;
        self.parts.hooks.at(Moment { run: *id, attempt: *attempt, file, what }).await;
    }
}

/// Which jobs of an ended attempt are not run again when only failed ones are: GitHub runs those that failed or
/// were cancelled, and every job that needs one of them (GitHub docs, "Re-running workflows and jobs").
pub(super) fn kept(workflow: &Workflow, jobs: &[Job]) -> BTreeMap<String, Job> {
    let again = |id: &str| {
        let job = jobs.iter().find(|job| job.id == id);
        job.is_none_or(|job| matches!(job.conclusion, Conclusion::Failure | Conclusion::Cancelled))
    };
    let mut open: Vec<&str> =
        workflow.jobs.iter().map(|job| job.id.as_str()).filter(|id| again(id)).collect();
    let mut kept: BTreeMap<String, Job> = jobs.iter().map(|job| (job.id.clone(), job.clone())).collect();
    while let Some(id) = open.pop() {
        kept.remove(id);
        let below = workflow.jobs.iter().filter(|job| job.needs.iter().any(|needed| needed == id));
        open.extend(below.map(|job| job.id.as_str()).filter(|id| kept.contains_key(*id)));
    }
    kept
}

fn finish(run: &mut Run<'_>, job: &Job) -> Result<(), WorkflowRunError> {
    let outputs = job.outputs.clone().into_iter().collect();
    run.finish(&job.id, job.conclusion, outputs).map_err(|e| WorkflowRunError::Broken(e.to_string()))
}

async fn asked(cancelled: &mut watch::Receiver<bool>) {
    if cancelled.wait_for(|cancelled| *cancelled).await.is_err() {
        // Nobody is left who could cancel it.
        std::future::pending().await
    }
}

//! Action runs: what a merge does after its answer.

use http::Error;
use serde::Deserialize;

use crate::client::Supabase;
use crate::reference::{ProjectRef, RunId};
use http::words;

/// A run, such as that of a merge.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ActionRun {
    /// Its id.
    pub id: RunId,
    /// The branch that it belongs to: its UUID, not its reference.
    pub branch_id: String,
    /// Its steps, in Supabase's order.
    #[serde(rename = "run_steps")]
    pub steps: Vec<Step>,
    /// When it began. Supabase's reference promises text and no form of it, so it is
    /// for people.
    pub created_at: String,
}

/// One step of a run.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Step {
    /// What it does.
    pub name: StepName,
    /// Where it stands.
    pub status: StepStatus,
}

words! {
    /// The steps that a run may have (Supabase's Management API, `run_steps`).
    StepName {
        /// Clones the repository.
        Clone = "clone",
        /// Reads production's configuration.
        Pull = "pull",
        /// Waits for the project's health.
        Health = "health",
        /// Applies the configuration.
        Configure = "configure",
        /// Applies pending migrations.
        Migrate = "migrate",
        /// Fills in seed data, on preview branches only.
        Seed = "seed",
        /// Deploys functions and buckets.
        Deploy = "deploy",
    }
}

words! {
    /// Where a step stands: the words of a container (Supabase's Management API).
    StepStatus {
        /// It waits for its turn.
        Created = "CREATED",
        /// It runs.
        Running = "RUNNING",
        /// It is tried again.
        Restarting = "RESTARTING",
        /// It is held.
        Paused = "PAUSED",
        /// It is being cleared away.
        Removing = "REMOVING",
        /// It ended. Whether well, only its log and the database tell: the API has no
        /// exit code.
        Exited = "EXITED",
        /// It failed.
        Dead = "DEAD",
    }
}

/// What the steps of a run say about the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Not every step has ended.
    Running,
    /// Every step that shows has ended, and `migrate` is not among them. It may still come: the reference does not
    /// promise that all steps of a run show before they begin. Or the run went no further, and no step says so.
    Between,
    /// Every step that shows has ended, `migrate` among them, and none says that it failed. Read the database all the
    /// same: see [`StepStatus::Exited`].
    Ended,
    /// This step failed; those after it did not run.
    Failed(StepName),
}

impl ActionRun {
    /// Whether the run goes on, ended or failed, as far as its migrations go. A run without steps has not begun.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if let Some(dead) = self.steps.iter().find(|step| step.status == StepStatus::Dead) {
            return Outcome::Failed(dead.name.clone());
        }
        let ended = |step: &Step| matches!(step.status, StepStatus::Exited | StepStatus::Removing);
        if self.steps.is_empty() || !self.steps.iter().all(ended) {
            return Outcome::Running;
        }
        match self.steps.iter().any(|step| step.name == StepName::Migrate) {
            true => Outcome::Ended,
            false => Outcome::Between,
        }
    }

    /// The step that a person would name: the failed one, else the first that has not
    /// ended.
    #[must_use]
    pub fn current(&self) -> Option<&Step> {
        let dead = self.steps.iter().find(|step| step.status == StepStatus::Dead);
        dead.or_else(|| self.steps.iter().find(|step| step.status != StepStatus::Exited))
    }
}

impl Supabase {
    /// One run. Which project a merge's run belongs to, the branch or its parent, the
    /// reference does not say: [`Supabase::merge_run`] tries both.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn action_run(&self, project: &ProjectRef, run: &RunId) -> Result<ActionRun, Error> {
        self.client.get(["v1", "projects", project.as_str(), "actions", run.as_str()]).fetch().await
    }

    /// The run of a merge of `branch` into `parent`, and the project that knows it.
    ///
    /// # Errors
    /// See [`Error`]; a 404 when neither project knows the run (yet).
    pub async fn merge_run(
        &self,
        parent: &ProjectRef,
        branch: &ProjectRef,
        run: &RunId,
    ) -> Result<(ActionRun, ProjectRef), Error> {
        match self.action_run(parent, run).await {
            Err(Error::Refused { status: 404, .. }) => {
                self.action_run(branch, run).await.map(|found| (found, branch.clone()))
            }
            found => found.map(|found| (found, parent.clone())),
        }
    }

    /// The newest runs of a project: `limit` of them, 10 at least (the API's minimum).
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn action_runs(&self, project: &ProjectRef, limit: u32) -> Result<Vec<ActionRun>, Error> {
        let request = self.client.get(["v1", "projects", project.as_str(), "actions"]);
        request.query("offset", "0").query("limit", limit.max(10).to_string()).fetch().await
    }

    /// What a run has written: text that anybody's migration may have produced, never
    /// a command.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn action_run_log(&self, project: &ProjectRef, run: &RunId) -> Result<String, Error> {
        let request = self.client.get(["v1", "projects", project.as_str(), "actions", run.as_str(), "logs"]);
        let answer = request.send().await?;
        Ok(String::from_utf8_lossy(answer.body()).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(steps: &[(&str, &str)]) -> ActionRun {
        let step = |(name, status): &(&str, &str)| json!({"name": name, "status": status, "created_at": "", "updated_at": ""});
        let steps: Vec<_> = steps.iter().map(step).collect();
        serde_json::from_value(json!({
            "id": "run_1", "branch_id": "00000000-0000-0000-0000-000000000000", "run_steps": steps, "workdir": null,
            "check_run_id": null, "created_at": "2026-11-20 10:00:00+00", "updated_at": "",
        }))
        .unwrap()
    }

    #[test]
    fn a_run_ends_when_every_step_did_and_fails_with_the_first_dead_one() {
        assert_eq!(run(&[]).outcome(), Outcome::Running);
        let going = run(&[("clone", "EXITED"), ("migrate", "RUNNING"), ("deploy", "CREATED")]);
        assert_eq!((going.outcome(), going.current().unwrap().name.word()), (Outcome::Running, "migrate"));
        assert_eq!(run(&[("clone", "EXITED"), ("migrate", "EXITED")]).outcome(), Outcome::Ended);
        assert_eq!(run(&[("clone", "EXITED"), ("configure", "EXITED")]).outcome(), Outcome::Between);
        let failed = run(&[("clone", "EXITED"), ("migrate", "DEAD"), ("deploy", "CREATED")]);
        assert_eq!(failed.outcome(), Outcome::Failed(StepName::Migrate));
        assert_eq!(failed.current().unwrap().status, StepStatus::Dead);
        // A word of tomorrow is taken for one on the way.
        assert_eq!(run(&[("clone", "EXITED"), ("verify", "WAITING")]).outcome(), Outcome::Running);
    }
}

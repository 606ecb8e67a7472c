//! Branches: projects of their own, with a database of their own.

use std::time::SystemTime;

use action::Permit;
use http::Error;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::client::Supabase;
use crate::project::ProjectStatus;
use crate::reference::{ProjectRef, RunId};
use http::words;

/// A branch.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Branch {
    /// Its name, for people and for [`Supabase::branch_named`].
    pub name: String,
    /// Its own reference: with it everything that a project has is asked for. (The
    /// UUID `id` is deprecated in paths.)
    #[serde(rename = "project_ref")]
    pub reference: ProjectRef,
    /// The project that it belongs to.
    #[serde(rename = "parent_project_ref")]
    pub parent: ProjectRef,
    /// Whether it stands for production itself.
    pub is_default: bool,
    /// A preview branch sleeps when nobody uses it and may be deleted with a pull
    /// request; a persistent one stays, and cannot be deleted before it is made a
    /// preview branch (422, pull request 339 of supabase/terraform-provider-supabase).
    pub persistent: bool,
    /// Whether it holds production's rows.
    pub with_data: bool,
    /// How far its migrations came. Marked as deprecated; the action runs tell more.
    pub status: BranchStatus,
    /// How its project is.
    #[serde(rename = "preview_project_status")]
    pub project_status: Option<ProjectStatus>,
    /// The branch of the repository that it follows.
    pub git_branch: Option<String>,
    /// When it came into being, by Supabase's clock.
    #[serde(deserialize_with = "http::time::required")]
    pub created_at: SystemTime,
}

words! {
    /// How far a branch's migrations came.
    BranchStatus {
        /// Its project is being made.
        CreatingProject = "CREATING_PROJECT",
        /// Production's migrations are being replayed.
        RunningMigrations = "RUNNING_MIGRATIONS",
        /// All of them were replayed.
        MigrationsPassed = "MIGRATIONS_PASSED",
        /// One of them failed: the database is empty or half made (Supabase docs,
        /// troubleshooting, branch in migrations failed status).
        MigrationsFailed = "MIGRATIONS_FAILED",
        /// Its functions are deployed too.
        FunctionsDeployed = "FUNCTIONS_DEPLOYED",
        /// Its functions could not be deployed; the database is well.
        FunctionsFailed = "FUNCTIONS_FAILED",
    }
}

/// A branch that is to be made: production's schema, as its migrations tell it, and
/// none of its rows (Supabase docs, branching).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewBranch {
    /// Its name.
    #[serde(rename = "branch_name")]
    pub name: String,
    /// See [`Branch::persistent`].
    pub persistent: bool,
    /// Always said, for whoever leaves it out trusts a default with production's rows.
    with_data: bool,
}

impl NewBranch {
    /// A preview branch without data.
    #[must_use]
    pub fn preview(name: impl Into<String>) -> Self {
        Self { name: name.into(), persistent: false, with_data: false }
    }
}

#[derive(Deserialize)]
struct Started {
    workflow_run_id: RunId,
}

impl Supabase {
    /// Every branch of a project; the API does not page them.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn branches(&self, project: &ProjectRef) -> Result<Vec<Branch>, Error> {
        self.client.get(["v1", "projects", project.as_str(), "branches"]).fetch().await
    }

    /// The branch of this name, from the list: what the API answers for a name that
    /// it does not know is not documented.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn branch_named(&self, project: &ProjectRef, name: &str) -> Result<Option<Branch>, Error> {
        Ok(self.branches(project).await?.into_iter().find(|branch| branch.name == name))
    }

    /// Asks for a branch. It is there at once and usable later: see
    /// [`Branch::project_status`] and [`Branch::status`].
    ///
    /// # Errors
    /// See [`Error`]; after an unknown outcome look for its name, do not ask again.
    pub async fn create_branch(
        &self,
        project: &ProjectRef,
        new: &NewBranch,
        permit: &Permit,
    ) -> Result<Branch, Error> {
        self.client.post(["v1", "projects", project.as_str(), "branches"], permit).json(new).fetch().await
    }

    /// Deletes a branch at once, with its database; one that is gone already is no
    /// error.
    ///
    /// # Errors
    /// See [`Error`]; 422 for a persistent one.
    pub async fn delete_branch(&self, branch: &ProjectRef, permit: &Permit) -> Result<(), Error> {
        let request = self.client.delete(["v1", "branches", branch.as_str()], permit).query("force", "true");
        match request.send().await {
            Ok(_) | Err(Error::Refused { status: 404, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Begins to merge a branch into its parent. The answer only says that it began:
    /// the migrations are applied by the run, one after the other, and not in one
    /// transaction (deployment runbook, recovery of step 4).
    ///
    /// # Errors
    /// See [`Error`]; after an unknown outcome read what production has, never merge
    /// again unread.
    pub async fn merge_branch(&self, branch: &ProjectRef, permit: &Permit) -> Result<RunId, Error> {
        let request = self.client.post(["v1", "branches", branch.as_str(), "merge"], permit).json(&json!({}));
        Ok(request.fetch::<Started>().await?.workflow_run_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_is_read_with_what_it_leaves_out() {
        let mut branch = json!({
            "id": "00000000-0000-0000-0000-000000000000", "name": "staging", "project_ref": "bbbbbbbbbbbbbbbbbbbb",
            "parent_project_ref": "aaaaaaaaaaaaaaaaaaaa", "is_default": false, "persistent": true, "with_data": false,
            "status": "MIGRATIONS_PASSED", "created_at": "2026-11-20T10:00:00Z", "updated_at": "x", "tomorrow": 1,
        });
        let read: Branch = serde_json::from_value(branch.clone()).unwrap();
        assert_eq!((read.reference.as_str(), read.project_status), ("bbbbbbbbbbbbbbbbbbbb", None));
        branch["status"] = json!("NEW_IN_2027");
        let read: Branch = serde_json::from_value(branch.clone()).unwrap();
        assert_eq!(read.status, BranchStatus::Other("NEW_IN_2027".into()));
        branch["project_ref"] = json!("../../v1/projects");
        assert!(serde_json::from_value::<Branch>(branch).is_err());
    }

    #[test]
    fn a_new_branch_says_that_it_wants_no_data() {
        let body = serde_json::to_value(NewBranch::preview("rehearse-1")).unwrap();
        assert_eq!(body, json!({"branch_name": "rehearse-1", "persistent": false, "with_data": false}));
    }
}

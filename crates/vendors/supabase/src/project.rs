//! Projects.

use http::Error;
use serde::Deserialize;

use crate::client::Supabase;
use crate::reference::ProjectRef;
use http::words;

/// A project.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Project {
    /// Its reference.
    #[serde(rename = "ref")]
    pub reference: ProjectRef,
    /// Its name, for people.
    pub name: String,
    /// Where it runs.
    pub region: String,
    /// How it is.
    pub status: ProjectStatus,
}

words! {
    /// How a project is.
    ProjectStatus {
        /// It sleeps.
        Inactive = "INACTIVE",
        /// It works.
        ActiveHealthy = "ACTIVE_HEALTHY",
        /// It runs and does not work.
        ActiveUnhealthy = "ACTIVE_UNHEALTHY",
        /// It starts.
        ComingUp = "COMING_UP",
        /// Supabase does not know.
        Unknown = "UNKNOWN",
        /// It stops.
        GoingDown = "GOING_DOWN",
        /// It could not be made.
        InitFailed = "INIT_FAILED",
        /// It is gone.
        Removed = "REMOVED",
        /// It is being restored.
        Restoring = "RESTORING",
        /// Its PostgreSQL is being replaced.
        Upgrading = "UPGRADING",
        /// It is being put to sleep.
        Pausing = "PAUSING",
        /// It could not be restored.
        RestoreFailed = "RESTORE_FAILED",
        /// It restarts.
        Restarting = "RESTARTING",
        /// It could not be put to sleep.
        PauseFailed = "PAUSE_FAILED",
        /// It changes its size.
        Resizing = "RESIZING",
    }
}

impl ProjectStatus {
    /// Whether it will not come up by itself any more.
    #[must_use]
    pub const fn is_lost(&self) -> bool {
        matches!(self, Self::InitFailed | Self::Removed | Self::RestoreFailed | Self::GoingDown)
    }
}

impl Supabase {
    /// One project, which a branch is too.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn project(&self, project: &ProjectRef) -> Result<Project, Error> {
        self.client.get(["v1", "projects", project.as_str()]).fetch().await
    }
}

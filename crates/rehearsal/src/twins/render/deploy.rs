//! One deploy: where it stands, and what it took with it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::clock::Skew;
use super::plan::{End, Plan};
use super::source::Source;
use super::time::stamp;

/// Where a deploy stands: all eleven values of Render's API reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It exists.
    Created,
    /// It waits for its turn.
    Queued,
    /// It is being built.
    BuildInProgress,
    /// Its pre-deploy command runs.
    PreDeployInProgress,
    /// Its new instances start, the old ones still serve.
    UpdateInProgress,
    /// It serves.
    Live,
    /// It served until a newer deploy went live.
    Deactivated,
    /// Its build failed.
    BuildFailed,
    /// Its pre-deploy command failed.
    PreDeployFailed,
    /// Its new instances did not get healthy.
    UpdateFailed,
    /// It was cancelled, or a newer one took its place before it began.
    Canceled,
}

impl Status {
    const ALL: [Self; 11] = [
        Self::Created,
        Self::Queued,
        Self::BuildInProgress,
        Self::PreDeployInProgress,
        Self::UpdateInProgress,
        Self::Live,
        Self::Deactivated,
        Self::BuildFailed,
        Self::PreDeployFailed,
        Self::UpdateFailed,
        Self::Canceled,
    ];

    /// The word that Render uses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Queued => "queued",
            Self::BuildInProgress => "build_in_progress",
            Self::PreDeployInProgress => "pre_deploy_in_progress",
            Self::UpdateInProgress => "update_in_progress",
            Self::Live => "live",
            Self::Deactivated => "deactivated",
            Self::BuildFailed => "build_failed",
            Self::PreDeployFailed => "pre_deploy_failed",
            Self::UpdateFailed => "update_failed",
            Self::Canceled => "canceled",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }

    /// Whether nothing more happens to the deploy by itself.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        !(self.is_waiting() || self.is_running())
    }

    pub(super) fn is_waiting(self) -> bool {
        matches!(self, Self::Created | Self::Queued)
    }

    fn is_running(self) -> bool {
        matches!(self, Self::BuildInProgress | Self::PreDeployInProgress | Self::UpdateInProgress)
    }
}

impl From<End> for Status {
    fn from(end: End) -> Self {
        match end {
            End::Live => Self::Live,
            End::BuildFailed => Self::BuildFailed,
            End::PreDeployFailed => Self::PreDeployFailed,
            End::UpdateFailed => Self::UpdateFailed,
            End::Canceled => Self::Canceled,
        }
    }
}

/// Why a deploy began: the values of Render's API reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// `POST /services/{id}/deploys`.
    Api,
    /// A blueprint was synced.
    BlueprintSync,
    /// A deploy hook was called.
    DeployHook,
    /// Render itself.
    DeployedByRender,
    /// A person in the dashboard.
    Manual,
    /// A push, with auto-deploy on; also a new service's first deploy.
    NewCommit,
    /// Anything else.
    Other,
    /// A rollback.
    Rollback,
    /// A suspended service was resumed.
    ServiceResumed,
    /// The service's settings, or a linked env group, changed.
    ServiceUpdated,
}

impl Trigger {
    /// The word that Render uses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::BlueprintSync => "blueprint_sync",
            Self::DeployHook => "deploy_hook",
            Self::DeployedByRender => "deployed_by_render",
            Self::Manual => "manual",
            Self::NewCommit => "new_commit",
            Self::Other => "other",
            Self::Rollback => "rollback",
            Self::ServiceResumed => "service_resumed",
            Self::ServiceUpdated => "service_updated",
        }
    }
}

/// The variables that a deploy took when it started; their values do not print.
#[derive(Clone, Default)]
pub(super) struct Snapshot {
    /// The service's own; a rollback to this deploy takes these again.
    pub(super) own: BTreeMap<String, String>,
    /// What the process sees: env groups below, the service's own on top.
    pub(super) process: BTreeMap<String, String>,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.process.keys()).finish()
    }
}

/// What follows a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another stage, and how long it lasts.
    Stage(Status, Duration),
    /// The end.
    End(Status),
}

/// How a deploy comes by what it ships.
#[derive(Clone)]
pub(super) enum Making {
    /// It is built.
    Build { clear_cache: bool },
    /// It ships what is there: an image, the last build, or an older one.
    Ready,
    /// It ships an older deploy's build with that deploy's own variables.
    Rollback { target: String, own: BTreeMap<String, String> },
}

impl fmt::Debug for Making {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build { clear_cache } => write!(f, "Build {{ clear_cache: {clear_cache} }}"),
            Self::Ready => f.write_str("Ready"),
            Self::Rollback { target, .. } => write!(f, "Rollback {{ target: {target:?} }}"),
        }
    }
}

/// A deploy to be made.
#[derive(Clone, Debug)]
pub(super) struct NewDeploy {
    pub(super) trigger: Trigger,
    pub(super) source: Source,
    pub(super) making: Making,
}

/// A deploy to be made later.
#[derive(Clone, Debug)]
pub(super) struct Coming {
    pub(super) at: SystemTime,
    pub(super) deploy: NewDeploy,
}

/// One deploy, as the twin knows it.
#[derive(Clone, Debug)]
pub struct Deploy {
    /// `dep-` and 20 letters and digits.
    pub id: String,
    /// The service it belongs to.
    pub service: String,
    /// Why it began.
    pub trigger: Trigger,
    /// Where it stands.
    pub status: Status,
    /// What it ships.
    pub source: Source,
    /// When it was created.
    pub created_at: SystemTime,
    /// When it left the queue; its variables are those of this moment.
    pub started_at: Option<SystemTime>,
    /// When it ended, well or not. `deactivated` does not change it.
    pub finished_at: Option<SystemTime>,
    /// When its status last changed.
    pub updated_at: SystemTime,
    /// Every status it had, with the moment it began.
    pub history: Vec<(SystemTime, Status)>,
    pub(super) sequence: u64,
    pub(super) plan: Plan,
    pub(super) making: Making,
    pub(super) snapshot: Option<Snapshot>,
    pub(super) build_kept: bool,
    /// Whether the API still knows it.
    pub(super) known: bool,
    /// When the list of deploys begins to show it.
    pub(super) listed_from: SystemTime,
    /// When the present stage ends by itself; `None` in the queue and at the end.
    pub(super) stage_ends: Option<SystemTime>,
}

impl Deploy {
    /// The SHA it ships, or `None` for an image.
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        match &self.source {
            Source::Commit(commit) => Some(&commit.id),
            Source::Image { .. } => None,
        }
    }

    /// Whether it ever went live.
    #[must_use]
    pub fn went_live(&self) -> bool {
        self.history.iter().any(|(_, status)| *status == Status::Live)
    }

    pub(super) fn enter(&mut self, status: Status, at: SystemTime) {
        self.status = status;
        self.updated_at = at;
        self.history.push((at, status));
        if status.is_terminal() {
            self.stage_ends = None;
            self.finished_at.get_or_insert(at);
        }
    }

    /// What follows the present stage. The order is that of Render's
    /// documentation on deploys.
    pub(super) fn next(&self) -> Next {
        let plan = &self.plan;
        let builds = matches!(self.making, Making::Build { .. });
        match self.status {
            Status::Created => Next::Stage(Status::Queued, plan.queued),
            Status::Queued if builds => Next::Stage(Status::BuildInProgress, plan.build),
            Status::Queued | Status::BuildInProgress => self.after_build(),
            Status::PreDeployInProgress if plan.end == End::PreDeployFailed => Next::End(plan.end.into()),
            Status::PreDeployInProgress => Next::Stage(Status::UpdateInProgress, plan.update),
            _ => Next::End(plan.end.into()),
        }
    }

    fn after_build(&self) -> Next {
        let plan = &self.plan;
        match (plan.end, plan.pre_deploy) {
            (End::BuildFailed | End::Canceled, _) => Next::End(plan.end.into()),
            (_, Some(duration)) => Next::Stage(Status::PreDeployInProgress, duration),
            (_, None) => Next::Stage(Status::UpdateInProgress, plan.update),
        }
    }

    /// Its JSON, the shape of `deploy` in Render's API reference. `commit` is
    /// null for an image (recorded traffic), `image` is left out otherwise.
    pub(super) fn json(&self, skew: Skew) -> Value {
        let time = |time: SystemTime| stamp(skew.shown(time));
        let mut deploy = json!({
            "id": self.id,
            "commit": null,
            "status": self.status.word(),
            "trigger": self.trigger.word(),
            "startedAt": self.started_at.map(time),
            "finishedAt": self.finished_at.map(time),
            "createdAt": time(self.created_at),
            "updatedAt": time(self.updated_at),
        });
        match &self.source {
            Source::Commit(commit) => {
                deploy["commit"] = json!({
                    "id": commit.id,
                    "message": commit.message,
                    "createdAt": time(commit.created_at),
                });
            }
            Source::Image { reference, digest } => {
                deploy["image"] = json!({"ref": reference, "sha": digest});
            }
        }
        deploy
    }
}

//! What a deploy is going to do: how long each stage takes and how it ends.

use std::time::Duration;

/// How a deploy ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It serves; the one that served before becomes `deactivated`.
    Live,
    /// The build fails: status `build_failed`.
    BuildFailed,
    /// The pre-deploy command fails: status `pre_deploy_failed`.
    PreDeployFailed,
    /// The new instance never gets healthy: status `update_failed`.
    UpdateFailed,
    /// Somebody cancels it in the dashboard when its build is done: `canceled`.
    Canceled,
}

/// The life of one deploy, decided before it begins.
///
/// The stages are those of Render's deploy statuses: `created`, `queued`,
/// `build_in_progress`, `pre_deploy_in_progress` (only with a pre-deploy
/// command), `update_in_progress`, then the end.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) created: Duration,
    pub(super) queued: Duration,
    pub(super) build: Duration,
    pub(super) pre_deploy: Option<Duration>,
    pub(super) update: Duration,
    pub(super) end: End,
    pub(super) newcomer: Option<Newcomer>,
    pub(super) build_log: Vec<String>,
}

/// Somebody else's deploy, started while ours is on its way.
#[derive(Clone, Debug)]
pub(super) struct Newcomer {
    pub(super) after: Duration,
    pub(super) commit: String,
}

impl Default for Plan {
    /// [`Plan::live`].
    fn default() -> Self {
        Self::live()
    }
}

impl Plan {
    /// Goes live: 200 ms of build, then 100 ms of update, nothing before.
    #[must_use]
    pub fn live() -> Self {
        Self {
            created: Duration::ZERO,
            queued: Duration::ZERO,
            build: Duration::from_millis(200),
            pre_deploy: None,
            update: Duration::from_millis(100),
            end: End::Live,
            newcomer: None,
            build_log: Vec::new(),
        }
    }

    /// Every stage takes no time, so that the first answer shows the end. Seen
    /// with a cron job, whose 201 already said `live` (recorded traffic of
    /// Render's Terraform provider).
    #[must_use]
    pub fn at_once() -> Self {
        Self::live().build(Duration::ZERO).update(Duration::ZERO)
    }

    /// Builds for a year: for deadlines.
    #[must_use]
    pub fn never_ends() -> Self {
        Self::live().build(Duration::from_secs(365 * 24 * 3600))
    }

    /// The end. [`End::PreDeployFailed`] adds a pre-deploy stage if there is none.
    #[must_use]
    pub fn end(mut self, end: End) -> Self {
        self.end = end;
        if end == End::PreDeployFailed && self.pre_deploy.is_none() {
            self.pre_deploy = Some(self.update);
        }
        self
    }

    /// How long it is `created` before it is `queued`.
    #[must_use]
    pub fn created(mut self, duration: Duration) -> Self {
        self.created = duration;
        self
    }

    /// How long it is `queued` at least; it is longer when another deploy of the
    /// service runs.
    #[must_use]
    pub fn queued(mut self, duration: Duration) -> Self {
        self.queued = duration;
        self
    }

    /// How long `build_in_progress` takes. A deploy that builds nothing (an
    /// image, `deploy_only`, a rollback) skips it.
    #[must_use]
    pub fn build(mut self, duration: Duration) -> Self {
        self.build = duration;
        self
    }

    /// Adds `pre_deploy_in_progress`.
    #[must_use]
    pub fn pre_deploy(mut self, duration: Duration) -> Self {
        self.pre_deploy = Some(duration);
        self
    }

    /// How long `update_in_progress` takes.
    #[must_use]
    pub fn update(mut self, duration: Duration) -> Self {
        self.update = duration;
        self
    }

    /// Somebody else deploys `commit` this long after ours was created. Whether
    /// that cancels ours is the workspace's overlap policy.
    #[must_use]
    pub fn newcomer(mut self, after: Duration, commit: impl Into<String>) -> Self {
        self.newcomer = Some(Newcomer { after, commit: commit.into() });
        self
    }

    /// Lines that the build writes to the log, see [`super::hostile_lines`].
    #[must_use]
    pub fn build_log(mut self, lines: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.build_log = lines.into_iter().map(Into::into).collect();
        self
    }
}

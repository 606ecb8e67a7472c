//! The awkward habits of Render's API, to be switched on where they matter.

use std::time::Duration;

use super::settings::ServiceType;

/// What `POST /services/{id}/deploys` answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriggerAnswer {
    /// 201 and the deploy.
    Created,
    /// 202 without a body: the deploy comes into being this much later. So did 16
    /// of 49 recorded triggers, among them all of private services (recorded
    /// traffic of Render's Terraform provider).
    Accepted {
        /// How much later, by the twin's clock.
        appears_after: Duration,
    },
    /// 202 without a body, and no deploy ever: nothing was changed.
    Lost,
}

/// The habits of one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habits {
    /// What triggering a deploy answers.
    pub trigger_answer: TriggerAnswer,
    /// How long after its making a deploy appears in the list of deploys; asked
    /// for by its id it is there at once.
    pub list_lag: Duration,
}

impl Habits {
    /// What is usual for a type of service: a private one answers triggers with an
    /// empty 202, as all recorded ones did, its deploys appear a second later; all
    /// others are as by default.
    #[must_use]
    pub fn usual(kind: ServiceType) -> Self {
        let trigger_answer = match kind {
            ServiceType::Private => TriggerAnswer::Accepted { appears_after: Duration::from_secs(1) },
            _ => TriggerAnswer::Created,
        };
        Self { trigger_answer, ..Self::default() }
    }
}

impl Default for Habits {
    /// 201, and lists that are up to date.
    fn default() -> Self {
        Self { trigger_answer: TriggerAnswer::Created, list_lag: Duration::ZERO }
    }
}

/// What a new deploy does to those on the way. The policy belongs to the
/// workspace and is set in the dashboard only (Render docs, deploys).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlap {
    /// The running deploy finishes, then the newest runs; those between become
    /// `canceled` (that status is not documented). The default of workspaces made
    /// since 2025-07-14.
    #[default]
    Wait,
    /// The running deploy is cancelled at once. The older default.
    Override,
}

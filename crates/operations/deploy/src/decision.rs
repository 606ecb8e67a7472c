//! From the state of the world to what is to be done. Pure: no I/O, no clock.
//!
//! What a service's process holds cannot be asked for. It is known from three
//! things: which deploy serves, what the service's variables are, and that nobody
//! wrote them in between without leaving the mark (see [`crate::mark`]). So:
//!
//! - **unchanged** means: the live deploy ships the target, no variable differs,
//!   there is no mark, and nothing else is on its way. Whoever writes variables
//!   without Greenroom and deploys nothing ("save only" in the dashboard) is not
//!   seen; `force` deploys all the same.
//! - **A rollback** takes the old deploy's variables with it (Render docs,
//!   rollbacks), so where variables are asked for, a live rollback is never
//!   unchanged and one under way is never attached to.
//! - **Under a mark** only a deploy counts that is newer than the mark, was asked
//!   for through the API, and ships the target.
//! - **Something else on its way** would replace what is live in a moment, so the
//!   target is deployed after it.
//! - A target that may mean something else tomorrow (a cron job's branch, an image
//!   tagged `latest`) is deployed at every run; only a mark of the same intent
//!   tells that a deploy was this one's.

use render::{Deploy, Status, Trigger};

use crate::history::History;
use crate::mark::{Intent, Mark};
use crate::target::Target;

/// What is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) target: &'a Target,
    /// Whether variables are asked for at all.
    pub(crate) has_variables: bool,
    pub(crate) intent: &'a Intent,
    pub(crate) force: bool,
}

/// What the service's variables are like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Whether any of the wanted variables has another value, or none.
    pub(crate) differs: bool,
    pub(crate) mark: Option<Mark>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Nothing: this deploy is what was asked for.
    Unchanged(Deploy),
    /// Only the mark is left over: this deploy is live with all that was written.
    Finish(Deploy),
    /// This deploy is on its way: wait for it.
    Attach(Deploy),
    /// An earlier run may have asked for the deploy; look for it before asking.
    Search,
    /// Begin one.
    Begin(Reason),
}

/// Why a deploy is begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// A variable has to be written.
    Variables,
    /// Variables were written that no deploy has taken along.
    Mark,
    /// Something else is on its way.
    Overtaken,
    /// Something else is live, or nothing.
    NotLive,
    /// The right commit is live through a rollback, with older variables.
    Rollback,
    /// What is live cannot be told from what is wanted.
    Moving,
    /// Nothing differs, but a deploy is demanded.
    Forced,
}

impl Reason {
    /// In words, after "deploying because".
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Variables => "variables differ",
            Self::Mark => "an earlier run wrote variables that no deploy has taken along",
            Self::Overtaken => "something else is on its way",
            Self::NotLive => "something else is live, or nothing",
            Self::Rollback => "what is live was rolled back to, with the variables of then",
            Self::Moving => "it may mean something else than last time",
            Self::Forced => "it is forced",
        }
    }
}

/// Decides.
pub(crate) fn decide(wanted: &Wanted<'_>, stored: &Stored, history: &History) -> Decision {
    if stored.differs {
        return Decision::Begin(Reason::Variables);
    }
    if let Some(deploy) = history.under_way() {
        if counts(wanted, stored, history, deploy) {
            return Decision::Attach(deploy.clone());
        }
        if !ships(wanted, deploy) {
            return Decision::Begin(Reason::Overtaken);
        }
    }
    if let Some(deploy) = history.live()
        && counts(wanted, stored, history, deploy)
    {
        return match stored.mark {
            Some(_) => Decision::Finish(deploy.clone()),
            None if wanted.force => Decision::Begin(Reason::Forced),
            None => Decision::Unchanged(deploy.clone()),
        };
    }
    match &stored.mark {
        Some(mark) if is_perhaps_asked_for(wanted, mark, history) => Decision::Search,
        Some(_) => Decision::Begin(Reason::Mark),
        None => Decision::Begin(reason(wanted, history)),
    }
}

/// Whether the deploy certainly has the target and the variables.
fn counts(wanted: &Wanted<'_>, stored: &Stored, history: &History, deploy: &Deploy) -> bool {
    match &stored.mark {
        None => wanted.target.is_fixed() && ships(wanted, deploy),
        Some(mark) => is_of_the_mark(wanted, mark, history, deploy),
    }
}

/// Whether it ships the target, not with the variables of an older deploy.
fn ships(wanted: &Wanted<'_>, deploy: &Deploy) -> bool {
    let is_old = wanted.has_variables && deploy.trigger == Some(Trigger::Rollback);
    wanted.target.is_shipped_by(deploy) && !is_old
}

fn is_of_the_mark(wanted: &Wanted<'_>, mark: &Mark, history: &History, deploy: &Deploy) -> bool {
    let Mark::Asked { after, .. } = mark else {
        return false;
    };
    history.since(after).contains(deploy)
        && deploy.trigger == Some(Trigger::Api)
        && wanted.target.is_shipped_by(deploy)
        && (wanted.target.is_fixed() || mark.is_of(wanted.intent))
}

/// Whether an earlier run of the same intent may have asked for a deploy that the
/// list does not show yet.
fn is_perhaps_asked_for(wanted: &Wanted<'_>, mark: &Mark, history: &History) -> bool {
    matches!(mark, Mark::Asked { .. })
        && mark.is_of(wanted.intent)
        && !history.iter().any(|deploy| is_of_the_mark(wanted, mark, history, deploy))
}

fn reason(wanted: &Wanted<'_>, history: &History) -> Reason {
    if !wanted.target.is_fixed() {
        return Reason::Moving;
    }
    match history.live() {
        Some(live) if wanted.target.is_shipped_by(live) => Reason::Rollback,
        _ => Reason::NotLive,
    }
}

/// The deploy that an unclear request began: newer than all that were there, of the
/// target, through the API. Of several the newest, which the others cannot outlive.
pub(crate) fn begun(target: &Target, fresh: &[Deploy]) -> Option<Deploy> {
    let mut candidates =
        fresh.iter().filter(|deploy| deploy.trigger == Some(Trigger::Api) && target.is_shipped_by(deploy));
    candidates.next().cloned()
}

/// The deploy that took the place of one that ended as `deactivated` or `canceled`:
/// the one that serves now, else the newest that was not cancelled itself.
pub(crate) fn successor(history: &History, of: &Deploy) -> Option<Deploy> {
    let newer = history.since(&crate::mark::Newest::Deploy(of.id.clone()));
    let live = newer.iter().find(|deploy| deploy.status == Status::Live);
    let alive = || newer.iter().find(|deploy| deploy.status != Status::Canceled);
    live.or_else(alive).or_else(|| newer.first()).cloned()
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;

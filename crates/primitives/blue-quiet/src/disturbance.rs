//! Which deploys break the quiet, and the refusal to go on after them.

use std::fmt;
use std::time::SystemTime;

use action::Failure;
use render::{Deploy, ServiceId, Status};

use crate::words;

/// How many deploys the error names; the summary has them all.
const IN_A_MESSAGE: usize = 5;

/// A deploy that should not be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Disturbance {
    pub(crate) service: ServiceId,
    pub(crate) name: String,
    pub(crate) deploy: Deploy,
    pub(crate) why: Why,
}

/// How a deploy touches the watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// It has not ended, whenever it began.
    UnderWay,
    /// It began within the watch.
    Began,
    /// It began before, and ended within the watch.
    Ended,
    /// Render does not say when it was.
    Undated,
}

impl Why {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::UnderWay => "under way",
            Self::Began => "began",
            Self::Ended => "ended",
            Self::Undated => "at an unknown time",
        }
    }
}

/// Those of a list, newest first, that touch the time from `since` on.
pub(crate) fn among(deploys: &[Deploy], since: SystemTime) -> impl Iterator<Item = (&Deploy, Why)> {
    let live = deploys.iter().position(|deploy| deploy.status == Status::Live).unwrap_or(deploys.len());
    deploys.iter().enumerate().filter_map(move |(place, deploy)| {
        // Render runs one deploy of a service at a time (its docs, deploys), so none
        // before the live one is on its way, whatever a status that we do not know means.
        let known = !matches!(deploy.status, Status::Other(_));
        let under_way = !deploy.status.is_terminal() && (known || place < live);
        Some((deploy, why(deploy, under_way, since)?))
    })
}

fn why(deploy: &Deploy, under_way: bool, since: SystemTime) -> Option<Why> {
    let within = |time: Option<SystemTime>| time.is_some_and(|time| time >= since);
    if under_way {
        Some(Why::UnderWay)
    } else if within(deploy.created_at) {
        Some(Why::Began)
    } else if within(deploy.finished_at) {
        Some(Why::Ended)
    } else if deploy.created_at.is_none() && deploy.finished_at.is_none() {
        Some(Why::Undated)
    } else {
        None
    }
}

/// The refusal that names every deploy.
pub(crate) fn refusal(found: &[Disturbance], since: Option<SystemTime>) -> Failure {
    let mut named: Vec<String> = found.iter().take(IN_A_MESSAGE).map(ToString::to_string).collect();
    if found.len() > IN_A_MESSAGE {
        named.push(format!("and {} more, see the summary", found.len() - IN_A_MESSAGE));
    }
    let since = since.map(|since| format!(" since {}", words::time(since))).unwrap_or_default();
    Failure::refused(format!("what serves now was not left alone{since}: {}", named.join("; ")))
        .hint("do NOT flip: the way back would lead to something that nobody has verified")
        .hint("look at the env groups that are linked to these services (a change of one is `service_updated`), and verify that auto-deploy is off")
        .hint("nothing visible changed; when the deploy has ended and is understood, run the failed jobs again")
}

impl Disturbance {
    /// Why it began, in Render's word.
    pub(crate) fn trigger(&self) -> &str {
        self.deploy.trigger.as_ref().map_or("unknown", |trigger| trigger.word())
    }

    /// The time that counts, by Render's clock.
    pub(crate) fn time(&self) -> Option<SystemTime> {
        match self.why {
            Why::Ended => self.deploy.finished_at,
            Why::UnderWay | Why::Began | Why::Undated => self.deploy.created_at,
        }
    }
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, name, deploy, why } = self;
        let status = &deploy.status;
        write!(f, "{service} ({name}): deploy {} (trigger {}, {status}) ", deploy.id, self.trigger())?;
        match (why, self.time()) {
            (Why::UnderWay, Some(time)) => {
                write!(f, "is under way since {}", words::time(time))
            }
            (Why::UnderWay, None) => f.write_str("is under way"),
            (Why::Undated, _) | (_, None) => f.write_str("has no time stamp, so it may be of just now"),
            (Why::Began, Some(time)) => write!(f, "began at {}", words::time(time)),
            (Why::Ended, Some(time)) => write!(f, "ended at {}", words::time(time)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> Option<SystemTime> {
        Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    }

    fn deploy(status: &str, created: Option<SystemTime>, finished: Option<SystemTime>) -> Deploy {
        Deploy {
            id: "dep-1".parse().unwrap(),
            status: status.to_owned().into(),
            trigger: None,
            commit: None,
            image: None,
            created_at: created,
            finished_at: finished,
        }
    }

    fn judged(deploys: &[Deploy]) -> Vec<Why> {
        among(deploys, at(100).unwrap()).map(|(_, why)| why).collect()
    }

    #[test]
    fn any_deploy_that_touches_the_watch_counts_however_it_ended() {
        for status in
            ["live", "deactivated", "build_failed", "pre_deploy_failed", "update_failed", "canceled"]
        {
            assert_eq!(judged(&[deploy(status, at(100), at(101))]), [Why::Began], "{status}");
            assert_eq!(judged(&[deploy(status, at(99), at(100))]), [Why::Ended], "{status}");
            assert_eq!(judged(&[deploy(status, at(98), at(99))]), [], "{status}");
            assert_eq!(judged(&[deploy(status, at(98), None)]), [], "{status}");
            assert_eq!(judged(&[deploy(status, None, at(99))]), [], "{status}");
            assert_eq!(judged(&[deploy(status, None, None)]), [Why::Undated], "{status}");
        }
        for status in
            ["created", "queued", "build_in_progress", "pre_deploy_in_progress", "update_in_progress"]
        {
            assert_eq!(judged(&[deploy(status, at(1), None)]), [Why::UnderWay], "{status}");
        }
    }

    #[test]
    fn an_unknown_status_counts_unless_a_later_deploy_is_live() {
        let (strange, live) = (deploy("warming_up", at(1), None), deploy("live", at(2), at(3)));
        assert_eq!(judged(&[strange.clone(), live.clone()]), [Why::UnderWay]);
        assert_eq!(judged(&[live, strange.clone()]), []);
        assert_eq!(judged(&[strange]), [Why::UnderWay]);
    }
}

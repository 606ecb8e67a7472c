//! Which status counts, and what the newest one of a commit comes to.

use action::{Context, Failure, markdown};
use github::{GitHub, Sha, State, Status};
use http::Error;

use crate::MarkerOutputs;

/// Which status counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marker {
    pub(crate) context: String,
    pub(crate) creator: String,
    /// What it says: success, but for what `record` may set beside it.
    pub(crate) state: State,
}

/// How a commit is marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Marking {
    /// As it should be.
    Good(Status),
    /// Not at all.
    Missing,
    /// Its newest status says something else; an older one does not count.
    Stale(Status),
    /// By somebody else.
    Forged(Status),
}

impl Marking {
    /// Judges the newest status. Accounts' names do not differ by letter case alone.
    pub(crate) fn of(newest: Option<Status>, marker: &Marker) -> Self {
        match newest {
            None => Self::Missing,
            Some(status) if status.state != marker.state => Self::Stale(status),
            Some(status) if !status.creator().eq_ignore_ascii_case(&marker.creator) => Self::Forged(status),
            Some(status) => Self::Good(status),
        }
    }

    /// In a few words.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Missing => "none".to_owned(),
            Self::Good(status) | Self::Stale(status) | Self::Forged(status) => said(status),
        }
    }

    /// Fills the outputs with what is known.
    pub(crate) fn tell(&self, outputs: &mut MarkerOutputs) {
        outputs.found = Some(matches!(self, Self::Good(status) if status.state == State::Success));
        let (Self::Good(status) | Self::Stale(status) | Self::Forged(status)) = self else { return };
        outputs.state = Some(status.state.to_string());
        outputs.creator = status.creator.as_ref().map(|creator| creator.login.clone());
        outputs.created_at = Some(status.created_at.clone());
        outputs.target_url.clone_from(&status.target_url);
    }

    /// A table for the job summary.
    pub(crate) fn summarise(&self, context: &Context, marker: &Marker, commit: &Sha) {
        let row = |name: &str, value: &str| [name.to_owned(), markdown::code(value)];
        let rows = [row("Commit", commit.as_str()), row("Newest status", &self.words())];
        let table = markdown::table(["Marker", &marker.context], rows);
        context.summarise(&format!("### Marker {}\n\n{table}\n", markdown::code(&marker.context)));
    }
}

/// `success by octocat, 2026-11-20T10:00:00Z`
fn said(status: &Status) -> String {
    let creator = if status.creator().is_empty() { "an account that is gone" } else { status.creator() };
    format!("{} by {creator}, {}", status.state, status.created_at)
}

/// Reads how a commit is marked.
pub(crate) async fn read(github: &GitHub, marker: &Marker, commit: &Sha) -> Result<Marking, Failure> {
    let newest = github.newest_status(commit, &marker.context).await;
    let newest = newest.map_err(|error| unread(error, format!("read the statuses of {commit}")))?;
    Ok(Marking::of(newest, marker))
}

/// A read that failed, which is never the same as "not marked".
pub(crate) fn unread(error: Error, what: impl std::fmt::Display) -> Failure {
    rights(error, "`contents: read` and `statuses: read`").context(what).hint("nothing has been changed")
}

/// The failure behind an error; where a right is missing, with the one that it takes.
pub(crate) fn rights(error: Error, needed: &str) -> Failure {
    let is_refused = matches!(error.status(), Some(403 | 404)) && error.retry_after().is_none();
    let failure = Failure::from(error);
    if is_refused { failure.hint(format!("the job needs {needed} under `permissions`")) } else { failure }
}

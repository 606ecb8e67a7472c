//! The commit to compare with, or why there is none.

use action::Failure;
use git::{CommitId, GitError, Repository};

use crate::inputs::{Job, OnMissingBase};

/// What is compared with.
#[derive(Debug)]
pub(crate) enum Base {
    /// This commit.
    Commit(CommitId),
    /// Nothing: nothing is known to be deployed.
    None,
    /// Nothing: the commit cannot be had, for this reason.
    Missing(String),
}

impl Base {
    /// What to say when every target is affected because the base is missing.
    pub(crate) fn warning(&self) -> Option<String> {
        match self {
            Self::Missing(why) => Some(format!("every target counts as affected: {why}")),
            Self::Commit(_) | Self::None => None,
        }
    }
}

/// The base as this clone knows it: `None` if it does not, or if none was asked for.
pub(crate) async fn look_up(job: &Job, repository: &Repository) -> Result<Option<CommitId>, GitError> {
    match &job.base {
        Some(name) => repository.commit(name).await,
        None => Ok(None),
    }
}

/// Makes the best of what was looked up: a base that is not here is fetched if that is allowed.
pub(crate) async fn find(
    job: &Job,
    repository: &Repository,
    found: Option<CommitId>,
) -> Result<Base, Failure> {
    let Some(name) = &job.base else {
        return Ok(Base::None);
    };
    if let Some(id) = found {
        return Ok(Base::Commit(id));
    }
    let why = match fetch(job, repository, name).await {
        Ok(id) => return Ok(Base::Commit(id)),
        Err(why) => why,
    };
    match job.on_missing_base {
        OnMissingBase::All => Ok(Base::Missing(why)),
        OnMissingBase::Fail => Err(Failure::refused(why)
            .hint("let `actions/checkout` take more history (`fetch-depth: 0`), or allow `fetch`")
            .hint("with `on-missing-base: all` every target counts as affected")),
    }
}

/// Fetches the base; the error is the reason in words.
async fn fetch(job: &Job, repository: &Repository, name: &str) -> Result<CommitId, String> {
    let missing = format!("this clone has no commit {name:?}");
    let Some(id) = CommitId::parse(name) else {
        return Err(format!("{missing}, and only a full SHA can be fetched"));
    };
    if !job.fetch {
        return Err(format!("{missing}, and `fetch` is off"));
    }
    tracing::info!("fetching commit {id}, which this clone does not have");
    repository
        .fetch(&id)
        .await
        .map_err(|error| format!("{missing}, and fetching it did not help: {error}"))?;
    match repository.commit(name).await {
        Ok(Some(id)) => Ok(id),
        Ok(None) => Err(format!("{missing}, even after it was fetched")),
        Err(error) => Err(format!("{missing}: {error}")),
    }
}

//! The commits to compare with, or why there are none.

use std::collections::BTreeMap;

use action::Failure;
use git::{CommitId, GitError, Repository};
use manifest::{Manifest, TargetName};

use crate::inputs::{Job, OnMissingBase};

/// What is compared with.
#[derive(Clone, Debug)]
pub(crate) enum Base {
    /// This commit.
    Commit(CommitId),
    /// Nothing: nothing is known to be deployed.
    None,
    /// Nothing: the commit cannot be had, for this reason.
    Missing(String),
}

/// The base of all targets, or of each.
#[derive(Debug)]
pub(crate) enum Bases {
    /// One for all.
    Common(Base),
    /// Each target's own; every target of the manifest is there.
    Own(BTreeMap<TargetName, Base>),
}

impl Bases {
    /// What to say when targets are affected because a base is missing.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let warning = |what: &str, base: &Base| match base {
            Base::Missing(why) => Some(format!("{what} counts as affected: {why}")),
            Base::Commit(_) | Base::None => None,
        };
        match self {
            Self::Common(base) => warning("every target", base).into_iter().collect(),
            Self::Own(bases) => {
                bases.iter().filter_map(|(name, base)| warning(&format!("target `{name}`"), base)).collect()
            }
        }
    }
}

/// The common base as this clone knows it: `None` if it does not, or if none was asked for.
pub(crate) async fn look_up(job: &Job, repository: &Repository) -> Result<Option<CommitId>, GitError> {
    match &job.base {
        Some(name) => repository.commit(name).await,
        None => Ok(None),
    }
}

/// Makes the best of what was looked up, or finds each target's own base.
pub(crate) async fn find_all(
    job: &Job,
    manifest: &Manifest,
    repository: &Repository,
    found: Option<CommitId>,
) -> Result<Bases, Failure> {
    if job.bases.is_empty() {
        return Ok(Bases::Common(match &job.base {
            Some(name) => find(job, repository, name, found).await?,
            None => Base::None,
        }));
    }
    if let Some(name) = job.bases.keys().find(|name| !manifest.targets.contains_key(*name)) {
        let known: Vec<&str> = manifest.targets.keys().map(TargetName::as_str).collect();
        return Err(Failure::invalid(format!("input `bases`: the manifest has no target `{name}`"))
            .hint(format!("its targets are {}", known.join(", "))));
    }
    let mut named: BTreeMap<&str, Base> = BTreeMap::new();
    for name in job.bases.values().flatten() {
        if !named.contains_key(name.as_str()) {
            let found = repository.commit(name).await?;
            named.insert(name, find(job, repository, name, found).await?);
        }
    }
    let own = |target| job.bases.get(target).and_then(Option::as_deref).and_then(|name| named.get(name));
    let each = manifest.targets.keys();
    Ok(Bases::Own(each.map(|target| (target.clone(), own(target).cloned().unwrap_or(Base::None))).collect()))
}

/// A base that is not here is fetched if that is allowed.
async fn find(
    job: &Job,
    repository: &Repository,
    name: &str,
    found: Option<CommitId>,
) -> Result<Base, Failure> {
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

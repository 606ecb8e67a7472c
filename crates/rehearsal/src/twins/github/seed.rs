//! Filling the twin and looking into it, without calls: for tests and rehearsals.

use anyhow::{Context as _, Result};

use super::environments::{Environment, NewEnvironment};
use super::guard::Token;
use super::history::{Commit, Tag};
use super::runs::{self, Dispatch, NewRun, NewWorkflow, Workflow};
use super::statuses::{self, Status};
use super::{GitHub, Repository, git, key};
use crate::repository::Repository as Checkout;

/// Tokens and limits.
impl GitHub {
    /// Accepts one more token.
    pub fn add_token(&self, token: &str, rights: Token) {
        self.lock().tokens.insert(token.to_owned(), rights);
    }

    /// Accepts a token no longer, as that of a job that has ended.
    pub fn revoke_token(&self, token: &str) {
        self.lock().tokens.remove(token);
    }

    /// Allows this many calls an hour instead of 1,000.
    pub fn set_rate_limit(&self, calls: u32) {
        self.lock().rate.limit = calls;
    }
}

/// Repositories and their histories. A repository comes into being when it is first
/// named; names do not differ by letter case alone.
impl GitHub {
    /// Takes over all commits, branches and tags of a real repository, as a push of
    /// all of them does; branches that are gone there are gone here too.
    ///
    /// # Errors
    /// git is missing or fails.
    pub fn push(&self, repository: &str, checkout: &Checkout) -> Result<()> {
        let pushed = git::read(checkout).context("read the repository that is pushed")?;
        self.edit(repository, |repository, _| {
            let history = &mut repository.history;
            // Objects that nothing names any more stay reachable by their SHA.
            history.commits.extend(pushed.commits);
            history.tags.extend(pushed.tags);
            history.references = pushed.references;
        });
        Ok(())
    }

    /// Adds a commit; returns its SHA.
    pub fn add_commit(&self, repository: &str, message: &str, parents: &[&str]) -> String {
        let time = self.clock.wall();
        self.edit(repository, |repository, last_id| {
            let commit = Commit {
                sha: new_sha(last_id),
                tree: new_sha(last_id),
                parents: parents.iter().map(|parent| (*parent).to_owned()).collect(),
                message: message.to_owned(),
                author: "Rehearsal".to_owned(),
                email: "rehearsal@example.com".to_owned(),
                time,
            };
            let sha = commit.sha.clone();
            repository.history.commits.insert(sha.clone(), commit);
            sha
        })
    }

    /// Lets a name such as `heads/main` or `tags/v1` mean this object.
    pub fn set_reference(&self, repository: &str, name: &str, sha: &str) {
        self.edit(repository, |repository, _| {
            repository.history.references.insert(format!("refs/{name}"), sha.to_owned());
        });
    }

    /// Adds an annotated tag of a commit or of another tag; returns the tag's own SHA.
    pub fn add_tag(&self, repository: &str, name: &str, target: &str) -> String {
        let time = self.clock.wall();
        self.edit(repository, |repository, last_id| {
            let kind = repository.history.kind(target).unwrap_or("tree").to_owned();
            let sha = new_sha(last_id);
            let (name, target) = (name.to_owned(), target.to_owned());
            let reference = format!("refs/tags/{name}");
            let tag = Tag { sha: sha.clone(), message: name.clone(), name, kind, target, time };
            repository.history.tags.insert(sha.clone(), tag);
            repository.history.references.insert(reference, sha.clone());
            sha
        })
    }
}

/// Statuses.
impl GitHub {
    /// Adds a status as the API would for this account; returns its id.
    ///
    /// # Errors
    /// The API would refuse it: why.
    pub fn add_status(
        &self,
        repository: &str,
        sha: &str,
        (state, context): (&str, &str),
        creator: &str,
    ) -> Result<u64> {
        let created_at = self.clock.wall();
        let status = Status {
            id: 0,
            sha: sha.to_owned(),
            state: state.to_owned(),
            context: context.to_owned(),
            description: None,
            target_url: None,
            creator: (!creator.is_empty()).then(|| creator.to_owned()),
            created_at,
        };
        let added = self.edit(repository, |repository, last_id| statuses::add(repository, last_id, status));
        Ok(added.map_err(|refusal| anyhow::anyhow!("{refusal:?}"))?.id)
    }

    /// The statuses of a commit, oldest first.
    #[must_use]
    pub fn statuses(&self, repository: &str, sha: &str) -> Vec<Status> {
        let all = self.edit(repository, |repository, _| repository.statuses.clone());
        all.into_iter().filter(|status| status.sha == sha).collect()
    }
}

/// Environments, workflows and runs.
impl GitHub {
    /// Adds an environment, or replaces the one of that name.
    pub fn set_environment(&self, repository: &str, environment: NewEnvironment) {
        let created_at = self.clock.wall();
        self.edit(repository, |repository, last_id| {
            *last_id += 1;
            repository.environments.retain(|one| !one.seed.name.eq_ignore_ascii_case(&environment.name));
            repository.environments.push(Environment { id: *last_id, seed: environment, created_at });
        });
    }

    /// Adds a workflow; returns its id.
    pub fn add_workflow(&self, repository: &str, workflow: NewWorkflow) -> u64 {
        self.edit(repository, |repository, last_id| {
            *last_id += 1;
            repository.workflows.push(Workflow { id: *last_id, seed: workflow });
            *last_id
        })
    }

    /// Adds a run; returns its id.
    ///
    /// # Errors
    /// Its workflow is not known.
    pub fn add_run(&self, repository: &str, run: NewRun) -> Result<u64> {
        let now = self.clock.wall();
        let file = run.workflow.clone();
        let begun = self.edit(repository, |repository, last_id| runs::begin(repository, last_id, run, now));
        begun.with_context(|| format!("{file} is no workflow of {repository}"))
    }

    /// Lets a run stand somewhere else; an unknown one is left alone.
    pub fn set_run(&self, repository: &str, id: u64, status: &str, conclusion: Option<&str>) {
        self.edit(repository, |repository, _| {
            for run in repository.runs.iter_mut().filter(|run| run.id == id) {
                run.seed.status = status.to_owned();
                run.seed.conclusion = conclusion.map(str::to_owned);
            }
        });
    }

    /// The dispatches that were accepted, oldest first.
    #[must_use]
    pub fn dispatches(&self, repository: &str) -> Vec<Dispatch> {
        self.edit(repository, |repository, _| repository.dispatches.clone())
    }

    fn edit<T>(&self, full_name: &str, work: impl FnOnce(&mut Repository, &mut u64) -> T) -> T {
        let mut state = self.lock();
        let state = &mut *state;
        let new = || Repository { full_name: full_name.to_owned(), ..Repository::default() };
        let repository = state.repositories.entry(key(full_name)).or_insert_with(new);
        work(repository, &mut state.last_id)
    }
}

/// 40 hexadecimal digits, never the same twice; odd factors never collide.
fn new_sha(last_id: &mut u64) -> String {
    *last_id += 1;
    let spread = |factor: u64| last_id.wrapping_mul(factor);
    let last = (spread(0xc2b2_ae3d_27d4_eb4f) >> 32) as u32;
    format!("{:016x}{:016x}{last:08x}", spread(0x9e37_79b9_7f4a_7c15), spread(0xd1b5_4a32_d192_ed03))
}

//! Commits, and how two of them lie to each other.

use http::Error;
use serde::Deserialize;
use serde_json::json;

use crate::client::GitHub;
use crate::sha::Sha;

/// A commit, as far as its place in history goes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Commit {
    /// Its SHA.
    pub sha: Sha,
    parents: Vec<Parent>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Parent {
    sha: Sha,
}

impl Commit {
    /// The parents, in git's order.
    pub fn parents(&self) -> impl Iterator<Item = &Sha> {
        self.parents.iter().map(|parent| &parent.sha)
    }

    /// The commit before it on its own branch; nothing at the root.
    #[must_use]
    pub fn first_parent(&self) -> Option<&Sha> {
        self.parents().next()
    }
}

/// How a head lies to a base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Comparison {
    /// Commits that the head has and the base has not.
    pub ahead_by: u64,
    /// Commits that the base has and the head has not.
    pub behind_by: u64,
}

impl Comparison {
    /// Whether the head's history holds the base.
    #[must_use]
    pub const fn contains_base(&self) -> bool {
        self.behind_by == 0
    }
}

impl GitHub {
    /// One commit; `None` when the repository has no commit of this SHA: GitHub says
    /// 404, or 422 for an object that is no commit. Needs `contents: read`.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn commit(&self, sha: &Sha) -> Result<Option<Commit>, Error> {
        // One file of the change is enough: nobody looks at them.
        let read = self.read(&self.route(["commits", sha.as_str()]), &json!({"per_page": 1})).await;
        absent(read, &[404, 422])
    }

    /// Compares two commits, branches or tags; `None` when the repository lacks one of
    /// them. The numbers count all commits, however few are listed. Needs
    /// `contents: read`.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn compare(&self, base: &str, head: &str) -> Result<Option<Comparison>, Error> {
        let route = self.route(["compare", &format!("{base}...{head}")]);
        // One commit and its page are enough: nobody looks at them.
        absent(self.read(&route, &json!({"per_page": 1})).await, &[404])
    }
}

/// `None` for an error of one of these statuses.
pub(crate) fn absent<T>(read: Result<T, Error>, statuses: &[u16]) -> Result<Option<T>, Error> {
    match read {
        Err(Error::Refused { status, .. }) if statuses.contains(&status) => Ok(None),
        read => read.map(Some),
    }
}

//! Refs and tags: names of commits.

use http::Error;
use serde::Deserialize;

use crate::client::GitHub;
use crate::commit::absent;
use crate::sha::Sha;

/// How many tags may lie around a commit; git itself knows no bound.
const TAGS: usize = 10;

/// A ref (GitHub's OpenAPI document, `git-ref`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Reference {
    /// Its full name, such as `refs/tags/v1.0.0`.
    #[serde(rename = "ref")]
    pub name: String,
    /// What it points at.
    pub object: Object,
}

/// What a ref or an annotated tag points at.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Object {
    /// `commit`, `tag`, `tree` or `blob`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its SHA.
    pub sha: Sha,
}

/// An annotated tag (GitHub's OpenAPI document, `git-tag`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Tag {
    /// Its name.
    pub tag: String,
    /// What it points at, perhaps another tag.
    pub object: Object,
}

impl GitHub {
    /// One ref by its full name without `refs/`, such as `tags/v1.0.0` or
    /// `heads/main`; `None` when there is none of exactly this name. Needs
    /// `contents: read`.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn reference(&self, name: &str) -> Result<Option<Reference>, Error> {
        let route = self.route(["git", "ref"].into_iter().chain(name.split('/')));
        absent(self.read(&route, &()).await, &[404])
    }

    /// The annotated tag of this SHA, which is its own and not that of a commit; `None`
    /// when there is none. Needs `contents: read`.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn tag(&self, sha: &Sha) -> Result<Option<Tag>, Error> {
        absent(self.read(&self.route(["git", "tags", sha.as_str()]), &()).await, &[404])
    }

    /// The commit behind an object, through as many annotated tags as lie around it;
    /// `None` when it is no commit (a tag may name a tree). Needs `contents: read`.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn peel(&self, object: Object) -> Result<Option<Sha>, Error> {
        let mut object = object;
        for _ in 0..TAGS {
            match object.kind.as_str() {
                "commit" => return Ok(Some(object.sha)),
                "tag" => match self.tag(&object.sha).await? {
                    Some(tag) => object = tag.object,
                    None => return Ok(None),
                },
                _ => return Ok(None),
            }
        }
        Ok(None)
    }
}

//! Which commit is meant, and which one that is.

use action::{BadInput, Failure};
use github::{GitHub, Object, Sha};

use crate::marker::unread;

/// A commit as it was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Revision {
    /// By its full SHA, or by that of an annotated tag.
    Sha(Sha),
    /// By the name of a tag.
    Tag(String),
}

impl Revision {
    /// Reads a full SHA or a tag's name; a branch is refused, because it moves.
    pub(crate) fn parse(text: &str) -> Result<Self, BadInput> {
        let text = text.trim();
        if let Some(sha) = Sha::parse(text) {
            return Ok(Self::Sha(sha));
        }
        if text.starts_with("refs/heads/") {
            return Err(BadInput::new("commit", format!("`{text}` is a branch, which may move meanwhile"))
                .hint("`${{ github.sha }}` is the commit of this run"));
        }
        let name = text.strip_prefix("refs/tags/").or_else(|| text.strip_prefix("tags/")).unwrap_or(text);
        if !is_ref_name(name) {
            return Err(BadInput::new(
                "commit",
                format!("`{text}` is neither a full SHA nor the name of a tag"),
            )
            .hint("`${{ github.sha }}` is a full SHA; `git rev-parse HEAD` prints one"));
        }
        Ok(Self::Tag(name.to_owned()))
    }

    /// The commit itself, tags peeled.
    ///
    /// # Errors
    /// Invalid when the repository has none of this name.
    pub(crate) async fn resolve(&self, github: &GitHub) -> Result<Sha, Failure> {
        let object = match self {
            Self::Sha(sha) => {
                match github.commit(sha).await.map_err(|error| unread(error, "read the commit"))? {
                    Some(commit) => return Ok(commit.sha),
                    None => github
                        .tag(sha)
                        .await
                        .map_err(|error| unread(error, "read the tag"))?
                        .map(|tag| tag.object),
                }
            }
            Self::Tag(name) => self.named(github, name).await?,
        };
        let Some(object) = object else {
            return Err(self.unknown(github));
        };
        let peeled = github.peel(object).await.map_err(|error| unread(error, "read the tag"))?;
        peeled.ok_or_else(|| self.unknown(github))
    }

    async fn named(&self, github: &GitHub, name: &str) -> Result<Option<Object>, Failure> {
        let reference = github.reference(&format!("tags/{name}")).await;
        let reference = reference.map_err(|error| unread(error, format!("read the tag `{name}`")))?;
        Ok(reference.map(|reference| reference.object))
    }

    fn unknown(&self, github: &GitHub) -> Failure {
        let what = match self {
            Self::Sha(sha) => format!("commit {sha}"),
            Self::Tag(name) => format!("tag `{name}` of a commit"),
        };
        Failure::invalid(format!("the repository {} has no {what}", github.repository()))
            .hint("push it first; and check `commit` and `repository`")
            .hint("nothing has been changed")
    }
}

/// The names that git takes for a tag, as far as they can do harm in an address
/// (git's documentation, check-ref-format).
fn is_ref_name(name: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    !name.contains("..")
        && !name.contains("@{")
        && !name.ends_with('.')
        && !name.chars().any(|char| char.is_control() || char.is_whitespace() || "~^:?*[\\".contains(char))
        && name.split('/').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shas_and_tags_are_told_apart_and_nothing_else_is_taken() {
        let parse = |text: &str| Revision::parse(text).ok();
        let sha = "AB".repeat(20);
        assert_eq!(parse(&format!(" {sha}\n")), Sha::parse(&sha).map(Revision::Sha));
        for tag in ["v1.2.0", "prod-7", "release/v1", "refs/tags/v1.2.0", "tags/prod-7", "äpfel"] {
            assert!(matches!(parse(tag), Some(Revision::Tag(name)) if tag.ends_with(&name)), "{tag}");
        }
        for bad in [
            "",
            " ",
            "refs/heads/main",
            "a b",
            "v1..v2",
            "../x",
            "a//b",
            "/a",
            "a/",
            ".a",
            "a~1",
            "a^",
            "HEAD@{1}",
            "a:b",
            "a?b",
            "a*",
            "a\\b",
            "a\u{7}b",
            "a.lock",
            "a.",
        ] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }
}

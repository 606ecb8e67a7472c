//! What is to be deployed.

use std::fmt;

use action::BadInput;
use render::{Deploy, NewDeploy};

use crate::image::ImageRef;

/// What a deploy is to ship.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A commit: the full SHA in lower case.
    Commit(String),
    /// An image.
    Image(ImageRef),
    /// Whatever Render takes by itself: all that a cron job's branch allows.
    Head,
}

impl Target {
    /// Reads the inputs `commit` (a full SHA) and `image-url`; without either the head of the branch is meant.
    ///
    /// # Errors
    /// Both are given, or one is not what its name says.
    pub fn new(commit: Option<&str>, image: Option<&str>) -> Result<Self, BadInput> {
        match (commit, image) {
            (Some(_), Some(_)) => {
                Err(BadInput::new("image-url", "given beside `commit`").hint("a deploy ships a commit or an image; give one"))
            }
            (Some(sha), None) if is_full_sha(sha) => Ok(Self::Commit(sha.to_ascii_lowercase())),
            (Some(sha), None) => Err(BadInput::new(
                "commit",
                format!("`{sha}` is not a full commit SHA of 40 hexadecimal digits"),
            )
            .hint("a short one could come to mean another commit; `${{ github.sha }}` and `git rev-parse HEAD` are full")),
            (None, Some(text)) => ImageRef::parse(text).map(Self::Image).ok_or_else(|| {
                BadInput::new("image-url", format!("`{text}` is no reference to an image"))
                    .hint("one looks like `docker.io/acme/api:1.2` or `ghcr.io/acme/api@sha256:...`")
            }),
            (None, None) => Ok(Self::Head),
        }
    }

    /// Whether the deploy ships this. A [`Target::Head`] can be anything.
    pub(crate) fn is_shipped_by(&self, deploy: &Deploy) -> bool {
        match self {
            Self::Commit(sha) => {
                deploy.commit.as_ref().is_some_and(|commit| commit.id.eq_ignore_ascii_case(sha))
            }
            Self::Image(image) => deploy
                .image
                .as_ref()
                .is_some_and(|shown| image.is_shipped_as(shown.reference.as_deref(), shown.sha.as_deref())),
            Self::Head => true,
        }
    }

    /// Whether it is the same tomorrow, so that "this is live" can be known.
    pub(crate) fn is_fixed(&self) -> bool {
        match self {
            Self::Commit(_) => true,
            Self::Image(image) => image.is_fixed(),
            Self::Head => false,
        }
    }

    /// The request for it.
    pub(crate) fn request(&self, clear_cache: bool) -> NewDeploy {
        let request = NewDeploy { clear_cache, ..NewDeploy::default() };
        match self {
            Self::Commit(sha) => NewDeploy { commit_id: Some(sha.clone()), ..request },
            Self::Image(image) => NewDeploy { image_url: Some(image.to_string()), ..request },
            Self::Head => request,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Commit(sha) => write!(f, "commit {sha}"),
            Self::Image(image) => write!(f, "image {image}"),
            Self::Head => f.write_str("the head of its branch"),
        }
    }
}

/// What a deploy ships, in words.
pub(crate) fn shipped(deploy: &Deploy) -> String {
    if let Some(commit) = &deploy.commit {
        return format!("commit {}", commit.id);
    }
    match deploy.image.as_ref().and_then(|image| image.reference.as_deref()) {
        Some(reference) => format!("image {reference}"),
        None => "something unknown".to_owned(),
    }
}

fn is_full_sha(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA: &str = "3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90";

    #[test]
    fn one_of_commit_and_image_and_only_full_shas() {
        assert_eq!(Target::new(Some(&SHA.to_uppercase()), None).unwrap(), Target::Commit(SHA.into()));
        assert!(matches!(Target::new(None, Some("acme/api:1")), Ok(Target::Image(_))));
        assert_eq!(Target::new(None, None).unwrap(), Target::Head);
        for bad in [&SHA[..7], &SHA[..39], "main", &"g".repeat(40), &format!("{SHA}0")] {
            assert!(Target::new(Some(bad), None).is_err(), "{bad}");
        }
        assert!(Target::new(Some(SHA), Some("acme/api:1")).is_err());
        assert!(Target::new(None, Some("acme/api:")).is_err());
    }
}

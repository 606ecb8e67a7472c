//! References to images, as far as it matters whether two mean the same.

use std::fmt;

/// The registry that a reference without one means.
const DEFAULT_REGISTRY: &str = "docker.io";

/// A reference such as `docker.io/acme/api:1.2` or `ghcr.io/acme/api@sha256:...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRef {
    text: String,
    /// With its registry, and with `library/` where Docker Hub adds it.
    repository: String,
    tag: Option<String>,
    digest: Option<String>,
}

impl ImageRef {
    /// Reads a reference; `None` when it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bare = text.strip_prefix("https://").unwrap_or(text);
        let plain = |char: char| char.is_ascii_alphanumeric() || "-._/:@".contains(char);
        if !bare.chars().all(plain) {
            return None;
        }
        let (rest, digest) = match bare.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (bare, None),
        };
        // A colon before the last slash belongs to a registry's port.
        let name_at = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (path, tag) = match rest[name_at..].find(':') {
            Some(colon) => (&rest[..name_at + colon], Some(&rest[name_at + colon + 1..])),
            None => (rest, None),
        };
        let is_digest = |digest: &str| {
            digest
                .strip_prefix("sha256:")
                .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
        };
        if path.split('/').any(str::is_empty)
            || tag.is_some_and(str::is_empty)
            || !digest.is_none_or(is_digest)
        {
            return None;
        }
        Some(Self {
            text: text.to_owned(),
            repository: full_name(path),
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }

    /// Whether both name the same repository of the same registry.
    pub(crate) fn same_repository(&self, other: &Self) -> bool {
        self.repository == other.repository
    }

    /// Whether it is meant to be the same image next time: a digest, or a tag
    /// other than `latest`, which moves by convention.
    pub(crate) fn is_fixed(&self) -> bool {
        self.digest.is_some() || self.tag.as_deref().is_some_and(|tag| tag != "latest")
    }

    /// Whether a deploy that shows `reference` and `sha` ships this image.
    pub(crate) fn is_shipped_as(&self, reference: Option<&str>, sha: Option<&str>) -> bool {
        let shown = reference.and_then(Self::parse);
        if let Some(digest) = &self.digest {
            let shown_digest = shown.as_ref().and_then(|shown| shown.digest.as_deref());
            let elsewhere = shown.as_ref().is_some_and(|shown| !self.same_repository(shown));
            return !elsewhere && [sha, shown_digest].into_iter().flatten().any(|shown| shown == digest);
        }
        shown.is_some_and(|shown| {
            self.same_repository(&shown)
                && shown.digest.is_none()
                && self.tag_or_latest() == shown.tag_or_latest()
        })
    }

    fn tag_or_latest(&self) -> &str {
        self.tag.as_deref().unwrap_or("latest")
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A path with its registry: the first part is one when it looks like a host.
fn full_name(path: &str) -> String {
    let path = path.strip_prefix("index.docker.io/").unwrap_or(path);
    let (first, rest) = path.split_once('/').unwrap_or(("", path));
    let (registry, rest) = match first.contains(['.', ':']) || first == "localhost" {
        true => (first, rest),
        false => (DEFAULT_REGISTRY, path),
    };
    match registry == DEFAULT_REGISTRY && !rest.contains('/') {
        true => format!("{registry}/library/{rest}"),
        false => format!("{registry}/{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(text: &str) -> ImageRef {
        ImageRef::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn the_same_repository_has_many_spellings() {
        for (one, other) in [
            ("nginx", "docker.io/library/nginx:latest"),
            ("acme/api:1", "docker.io/acme/api:2"),
            ("https://ghcr.io/acme/api:1", "ghcr.io/acme/api"),
            ("localhost:5000/api:1", "localhost:5000/api:2"),
        ] {
            assert!(image(one).same_repository(&image(other)), "{one} {other}");
        }
        assert!(!image("acme/api").same_repository(&image("ghcr.io/acme/api")));
        assert!(!image("acme/api").same_repository(&image("acme/api2")));
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        let short = format!("acme/api@sha256:{}", "a".repeat(63));
        for bad in ["", "acme/", "/api", "acme//api", "acme/api:", "a b", "acme/api@md5:00", "ä", &short] {
            assert_eq!(ImageRef::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_deploy_ships_it_by_digest_or_by_tag() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let other = format!("sha256:{}", "b".repeat(64));
        let pinned = image(&format!("acme/api@{digest}"));
        assert!(pinned.is_fixed());
        assert!(pinned.is_shipped_as(Some("docker.io/acme/api:1"), Some(&digest)));
        assert!(pinned.is_shipped_as(Some(&format!("acme/api@{digest}")), None));
        assert!(!pinned.is_shipped_as(Some("docker.io/acme/api:1"), Some(&other)));
        assert!(!pinned.is_shipped_as(Some("docker.io/acme/web:1"), Some(&digest)));
        let tagged = image("acme/api:1");
        assert!(tagged.is_fixed());
        assert!(tagged.is_shipped_as(Some("docker.io/acme/api:1"), Some(&other)));
        assert!(!tagged.is_shipped_as(Some("docker.io/acme/api:2"), None));
        assert!(!tagged.is_shipped_as(None, Some(&other)));
        assert!(!image("acme/api").is_fixed() && !image("acme/api:latest").is_fixed());
        assert!(image("acme/api").is_shipped_as(Some("acme/api:latest"), None));
    }
}

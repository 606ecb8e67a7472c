//! Addresses that requests may go to: https, or plain http on this machine.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use crate::error::Error;

/// A checked address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// Checks `text`: absolute, https (or http to loopback), no user name or
    /// password, no fragment.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the reason.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let url = Url::parse(text.trim()).map_err(|error| invalid(text, &error.to_string()))?;
        let secure = match url.scheme() {
            "https" => true,
            "http" => is_loopback(&url),
            _ => false,
        };
        if !secure {
            return Err(invalid(text, "only https is allowed, and http to this machine"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::Invalid("an address must not hold a user name or password".to_owned()));
        }
        if url.fragment().is_some() {
            return Err(invalid(text, "a fragment (`#...`) is never sent"));
        }
        Ok(Self(url))
    }

    /// As [`Address::parse`], and a bare host such as `api-green.onrender.com`, as manifests and records hold it,
    /// means its origin: over https, or over http when the name is this machine's.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the reason.
    pub fn parse_or_host(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if text.contains("://") || !is_bare_host(text) {
            return Self::parse(text);
        }
        let scheme = if is_localhost(text) { "http" } else { "https" };
        Self::parse(&format!("{scheme}://{text}"))
    }

    /// The same address with `segments` appended to its path, each percent-encoded.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a segment that is empty, `.` or `..`: it would
    /// change which thing is meant.
    pub fn join<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Result<Self, Error> {
        let mut segments = segments.into_iter().peekable();
        if segments.peek().is_none() {
            return Ok(self.clone());
        }
        let mut url = self.0.clone();
        {
            let Ok(mut path) = url.path_segments_mut() else {
                return Err(invalid(self.0.as_str(), "it has no path"));
            };
            path.pop_if_empty();
            for segment in segments {
                if matches!(segment, "" | "." | "..") {
                    return Err(invalid(segment, "not an id"));
                }
                path.push(segment);
            }
        }
        Ok(Self(url))
    }

    /// The same address with one more query parameter.
    #[must_use]
    pub fn with_query(mut self, name: &str, value: &str) -> Self {
        self.0.query_pairs_mut().append_pair(name, value);
        self
    }

    /// Whether the path is empty or `/`.
    #[must_use]
    pub fn is_origin(&self) -> bool {
        matches!(self.0.path(), "" | "/") && self.0.query().is_none()
    }

    /// The whole address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The host's name or address.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    /// Scheme, host and port are the same.
    pub(crate) fn same_origin(&self, other: &Url) -> bool {
        self.0.origin() == other.origin()
    }
}

impl fmt::Display for Address {
    /// Without the query, which may be long.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.0.clone();
        url.set_query(None);
        f.write_str(url.as_str())
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_localhost(name),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// `localhost` and every name below it are this machine (RFC 6761, section 6.3).
pub(crate) fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// A name with a dot in it, and nothing but a name.
fn is_bare_host(text: &str) -> bool {
    text.contains('.') && text.chars().all(|char| char.is_ascii_alphanumeric() || "-_.".contains(char))
}

fn invalid(text: &str, reason: &str) -> Error {
    Error::Invalid(format!("`{text}` is no usable address: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_host_means_its_origin() {
        for (text, address) in [
            ("api-green.onrender.com", "https://api-green.onrender.com/"),
            (" api.example.localhost\n", "http://api.example.localhost/"),
            ("https://api.example.com/v", "https://api.example.com/v"),
        ] {
            assert_eq!(Address::parse_or_host(text).unwrap().as_str(), address);
        }
        for text in ["api", "api.example.com/version", "user@api.example.com", "http://api.example.com", ""] {
            assert!(Address::parse_or_host(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_https_leaves_the_machine() {
        for good in [
            "https://api.render.com/v1",
            "http://127.0.0.1:80/x",
            "http://[::1]:1",
            "http://a.localhost",
            " https://x.y ",
        ] {
            assert!(Address::parse(good).is_ok(), "{good}");
        }
        let bad = [
            "http://api.render.com",
            "http://localhost.evil.com",
            "http://127.0.0.1.evil.com",
            "ftp://localhost",
            "file:///etc/passwd",
            "api.render.com",
            "",
            "https://",
            "https://user:pw@x.y",
            "https://x.y/#f",
            "http://128.0.0.1",
        ];
        for bad in bad {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_refused_password_is_not_repeated() {
        let error = Address::parse("https://user:hunter2@x.y").unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn segments_cannot_reach_elsewhere() {
        let base = Address::parse("https://x.y/v1/").unwrap();
        let joined = base.join(["services", "a/b?c#d", "deploys"]).unwrap();
        assert_eq!(joined.url().as_str(), "https://x.y/v1/services/a%2Fb%3Fc%23d/deploys");
        for segment in ["", ".", ".."] {
            assert!(base.join([segment]).is_err());
        }
    }
}

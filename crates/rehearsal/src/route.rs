//! A pattern that names a route, for faults and for questions to the journal.

use std::fmt;

use axum::http::Method;

/// A method and a path with placeholders, such as
/// `POST /v1/services/{id}/deploys`.
///
/// - `{anything}` stands for one path segment;
/// - `**` as the last segment stands for the rest, or for nothing;
/// - the method may be left out (`/v1/services`) or be `*`.
///
/// Paths are compared as sent, with their percent signs; the query does not
/// count. A pattern without a path matches nothing, which
/// [`Faults::unfired`](crate::fault::Faults::unfired) brings to light.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    method: Option<String>,
    path: String,
}

impl From<&str> for Route {
    fn from(pattern: &str) -> Self {
        let (method, path) = match pattern.split_once(' ') {
            Some(("*", path)) => (None, path),
            Some((method, path)) => (Some(method.to_owned()), path),
            None => (None, pattern),
        };
        Self { method, path: path.trim().to_owned() }
    }
}

impl From<&Self> for Route {
    fn from(route: &Self) -> Self {
        route.clone()
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.as_deref().unwrap_or("*"), self.path)
    }
}

impl Route {
    /// Whether a request with this method and path is meant.
    #[must_use]
    pub fn matches(&self, method: &Method, path: &str) -> bool {
        let same_method = self.method.as_deref().is_none_or(|wanted| wanted == method.as_str());
        same_method && path_matches(&self.path, path)
    }
}

fn path_matches(pattern: &str, path: &str) -> bool {
    let mut wanted = pattern.split('/');
    let mut given = path.split('/');
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some("**"), _) => return wanted.next().is_none(),
            (Some(wanted), Some(given)) if segment_matches(wanted, given) => {}
            _ => return false,
        }
    }
}

fn segment_matches(wanted: &str, given: &str) -> bool {
    wanted == given || (wanted.starts_with('{') && wanted.ends_with('}') && !given.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, method: &str, path: &str) -> bool {
        Route::from(pattern).matches(&method.parse().unwrap(), path)
    }

    #[test]
    fn placeholders_stand_for_one_segment() {
        let deploys = "POST /v1/services/{id}/deploys";
        assert!(matches(deploys, "POST", "/v1/services/srv-1/deploys"));
        assert!(!matches(deploys, "GET", "/v1/services/srv-1/deploys"));
        assert!(!matches(deploys, "POST", "/v1/services/srv-1/deploys/dep-1"));
        assert!(!matches(deploys, "POST", "/v1/services/a/b/deploys"));
        assert!(!matches(deploys, "POST", "/v1/services//deploys"));
    }

    #[test]
    fn two_stars_stand_for_the_rest() {
        assert!(matches("/v1/**", "PUT", "/v1/services/srv-1"));
        assert!(matches("* /v1/**", "GET", "/v1"));
        assert!(matches("GET /**", "GET", "/"));
        assert!(!matches("/v1/**", "GET", "/v2/services"));
        assert!(!matches("/v1/**/deploys", "GET", "/v1/x/deploys"));
    }

    #[test]
    fn a_pattern_without_a_path_matches_nothing() {
        assert!(!matches("GET", "GET", "/"));
        assert!(!matches("services", "GET", "/services"));
    }
}

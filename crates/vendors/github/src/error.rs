//! octocrab's errors as the house's: nothing above this crate knows two kinds.

use http::Error;

/// The house's error for what octocrab made of a request. Whatever the transport
/// said comes back as it was.
pub(crate) fn translate(error: octocrab::Error, request: &str) -> Error {
    let request = request.to_owned();
    match error {
        octocrab::Error::Service { source, .. } => match source.downcast::<Error>() {
            Ok(ours) => *ours,
            Err(other) => Error::Unreached { request, cause: other.to_string(), perhaps_applied: true },
        },
        octocrab::Error::Json { source, .. } => {
            let path = source.path().to_string();
            unreadable(request, &format!("{} at {path}", source.into_inner()))
        }
        octocrab::Error::Serde { source, .. } => unreadable(request, &source.to_string()),
        octocrab::Error::UriParse { .. } | octocrab::Error::Uri { .. } | octocrab::Error::Http { .. } => {
            Error::Invalid(format!("{request}: not an address"))
        }
        other => Error::Unreached { request, cause: first_line(&other), perhaps_applied: true },
    }
}

/// A list whose pages do not come to an end.
pub(crate) fn endless(route: &str, pages: usize) -> Error {
    Error::Undocumented {
        request: format!("GET {route}"),
        status: 200,
        problem: format!("it does not end after {pages} pages"),
        excerpt: "not shown".to_owned(),
        retry_after: None,
    }
}

/// A 2xx that is not what GitHub documents.
pub(crate) fn unreadable(request: String, problem: &str) -> Error {
    Error::Undocumented {
        request,
        status: 200,
        problem: format!("not the JSON that GitHub documents: {problem}"),
        excerpt: "its text is not shown".to_owned(),
        retry_after: None,
    }
}

/// Some of octocrab's errors print a backtrace below their text.
fn first_line(error: &octocrab::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

//! What can go wrong with a request, by how far it came.

use std::time::Duration;

use action::Failure;

/// Why a request gave no usable answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The request could not be made: a bad address, or a value that no header holds.
    #[error("{0}")]
    Invalid(String),

    /// No answer came.
    #[error("{request}: {cause}")]
    Unreached {
        /// Method and address.
        request: String,
        /// What happened: connect, TLS, time-out, reset, ...
        cause: String,
        /// Whether the request may have been carried out all the same.
        perhaps_applied: bool,
    },

    /// The vendor said no in the way that it documents.
    #[error("{request}: {status}{error}")]
    Refused {
        /// Method and address.
        request: String,
        /// The HTTP status.
        status: u16,
        /// What the vendor says about it.
        error: VendorError,
        /// How long it asked to be left alone.
        retry_after: Option<Duration>,
    },

    /// An answer that the vendor's documentation does not describe.
    #[error("{request}: {status}, {problem}: {excerpt}")]
    Undocumented {
        /// Method and address.
        request: String,
        /// The HTTP status.
        status: u16,
        /// What is wrong with it, with its content type.
        problem: String,
        /// Its first bytes, without secrets.
        excerpt: String,
        /// How long it asked to be left alone.
        retry_after: Option<Duration>,
    },
}

/// A vendor's error body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VendorError {
    /// The vendor's own code, if it has one: match on this, not on the text.
    pub code: Option<i64>,
    /// The vendor's text.
    pub message: String,
    /// Whether the vendor's own code says that the credential is at fault.
    pub blames_credential: bool,
}

impl std::fmt::Display for VendorError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(code) = self.code {
            write!(f, ", code {code}")?;
        }
        if self.message.is_empty() { Ok(()) } else { write!(f, ", {}", self.message) }
    }
}

/// What became of a request that writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It never left, or never arrived.
    NotSent,
    /// It arrived and was turned down.
    Refused,
    /// It may have been applied: look before doing anything again.
    Unknown,
}

impl Error {
    /// What became of the request, if it was one that writes.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Invalid(_) | Self::Unreached { perhaps_applied: false, .. } => Outcome::NotSent,
            Self::Unreached { .. } => Outcome::Unknown,
            Self::Refused { status, .. } | Self::Undocumented { status, .. } => match status {
                408 => Outcome::Unknown,
                400..=499 => Outcome::Refused,
                _ => Outcome::Unknown,
            },
        }
    }

    /// Whether the same request may well succeed a little later.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Invalid(_) => false,
            Self::Unreached { .. } => true,
            // GitHub says 403 for a rate limit too (its REST docs, rate limits).
            Self::Refused { status: 403, retry_after, .. } => retry_after.is_some(),
            Self::Refused { status, .. } => is_passing_status(*status),
            // A 2xx that cannot be read was cut or garbled on its way.
            Self::Undocumented { status, .. } => {
                is_passing_status(*status) || (*status >= 200 && *status < 300)
            }
        }
    }

    /// The HTTP status, if an answer came.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } | Self::Undocumented { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The vendor's own code, if it sent one.
    #[must_use]
    pub const fn code(&self) -> Option<i64> {
        match self {
            Self::Refused { error, .. } => error.code,
            _ => None,
        }
    }

    /// How long the other side asked to be left alone.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } | Self::Undocumented { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// 408, 425, 429 and every 5xx pass.
const fn is_passing_status(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

impl From<&Error> for wait::Fault {
    /// What a look inside a wait makes of it when it passes.
    fn from(error: &Error) -> Self {
        Self { what: error.to_string(), retry_after: error.retry_after() }
    }
}

impl From<Error> for Failure {
    /// Maps to `invalid`, `denied` or `unreachable`; the hint names the fix.
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Invalid(_) => Self::invalid(text),
            Error::Unreached { .. } => Self::unreachable(text)
                .hint("check that the runner reaches this address; then run the job again"),
            Error::Refused { status: 401, .. } => Self::denied(text)
                .hint("the credential is missing, expired or of another account; check the secret"),
            Error::Refused { status: 400 | 403, error: VendorError { blames_credential: true, .. }, .. } => {
                Self::denied(text)
                    .hint("the credential is malformed, wrong, or lacks a right that this needs; check the secret and its permissions")
            }
            Error::Refused { status: 403, retry_after: None, .. } => {
                Self::denied(text).hint("the credential is valid but lacks a right that this needs")
            }
            Error::Refused { status: 404 | 410, .. } => {
                Self::denied(text).hint("check the id, and that the credential belongs to the account that owns it")
            }
            Error::Refused { status: 403 | 429, .. } => {
                Self::unreachable(text).hint("the vendor's rate limit is used up; other jobs share it. Run again later")
            }
            Error::Refused { status: 408 | 425 | 500..=599, .. } | Error::Undocumented { status: 500..=599, .. } => {
                Self::unreachable(text).hint("the vendor has trouble; see its status page, then run the job again")
            }
            Error::Refused { .. } => Self::denied(text),
            Error::Undocumented { .. } => Self::unreachable(text)
                .hint("something other than the vendor's API answered, or the API has changed; see the first bytes above"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vendor_s_code_for_a_bad_credential_counts_whatever_the_status() {
        let hints = |status, blames_credential| {
            let error = VendorError { blames_credential, ..VendorError::default() };
            let error = Error::Refused { request: "GET /".to_owned(), status, error, retry_after: None };
            Failure::from(error).hints().concat()
        };
        for status in [400, 403] {
            assert!(hints(status, true).contains("check the secret and its permissions"), "{status}");
        }
        assert_eq!(hints(400, false), "");
        assert!(hints(403, false).contains("valid but lacks a right"));
        assert!(hints(500, true).contains("the vendor has trouble"));
    }
}

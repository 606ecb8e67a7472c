//! The connection: address, credential, error bodies.

use std::time::Duration;

use action::{Context, Secret, SecretString};
use http::{Builder, Client, Error, VendorError};
use serde::Deserialize;

/// Where the API is (Render's API reference).
pub const API: &str = "https://api.render.com/v1";

/// The variable that overrides [`API`], for rehearsals.
pub const API_URL: &str = "RENDER_API_URL";

/// The variable that holds the key.
pub const API_KEY: &str = "RENDER_API_KEY";

/// The secret that a primitive which only reads declares; one that writes says what for.
pub const SECRET: Secret = Secret {
    variable: API_KEY,
    input: "api-key",
    help: "API key of the workspace that owns the services (`rnd_...`); it only reads",
    required: true,
};

/// One request may take this long. Answers come within a second or two; a
/// request that hangs must not eat a deadline.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Render's API, with one key.
#[derive(Clone, Debug)]
pub struct Render {
    pub(crate) client: Client,
}

impl Render {
    /// Connects with an API key (`rnd_...`). Nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Invalid`]: `RENDER_API_URL` or `SSL_CERT_FILE` cannot be used.
    pub fn new(context: &Context, key: SecretString) -> Result<Self, Error> {
        let client = Builder::vendor(context, API_URL, API)
            .bearer(key)
            .header("accept", "application/json")
            .errors(read_error)
            .timeout(REQUEST_TIMEOUT)
            .build(context)?;
        Ok(Self { client })
    }

    /// The same client without repetitions: inside a wait, the wait is the retry.
    #[must_use]
    pub fn once(&self) -> Self {
        Self { client: self.client.once() }
    }
}

/// Render's error body: `{"id": ..., "message": ...}`, both optional (its API
/// reference, schema `error`; a recorded 404 had no `id`).
#[derive(Deserialize)]
struct ErrorBody {
    message: Option<String>,
}

fn read_error(body: &[u8]) -> Option<VendorError> {
    let body: ErrorBody = serde_json::from_slice(body).ok()?;
    Some(VendorError { message: body.message.unwrap_or_default(), ..VendorError::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_bodies_are_told_from_anything_else() {
        let message = |body: &str| read_error(body.as_bytes()).map(|error| error.message);
        assert_eq!(message(r#"{"message":"not found: srv-1"}"#).as_deref(), Some("not found: srv-1"));
        assert_eq!(message(r#"{"id":"err-1"}"#).as_deref(), Some(""));
        for other in ["", "<html>", "[]", "\"text\"", r#"{"message":5}"#, "null"] {
            assert_eq!(message(other), None, "{other}");
        }
    }
}

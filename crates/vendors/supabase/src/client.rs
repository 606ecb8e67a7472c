//! The connection: address, credential, error bodies.

use std::time::Duration;

use action::{Context, Secret, SecretString};
use http::{Builder, Client, Error, VendorError};
use serde::Deserialize;

/// Where the API is (Supabase's Management API reference).
pub const API: &str = "https://api.supabase.com";

/// The variable that overrides [`API`], for rehearsals.
pub const API_URL: &str = "SUPABASE_API_URL";

/// The variable that holds the token.
pub const ACCESS_TOKEN: &str = "SUPABASE_ACCESS_TOKEN";

/// The secret that a primitive which only reads declares; one that writes says what for.
pub const SECRET: Secret = Secret {
    variable: ACCESS_TOKEN,
    input: "access-token",
    help: "Access token of the Management API (`sbp_...`) of a user who may see the project; it only reads",
    required: true,
};

/// One request may take this long. SQL runs while the answer is awaited, and
/// Supabase gives a branch its project before it answers.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// Supabase's Management API, with one token.
///
/// All tokens of one user share its limits: 120 requests a minute for each project
/// and endpoint, and a 429 for the rest of the minute (Supabase docs, Management
/// API, rate limits).
#[derive(Clone, Debug)]
pub struct Supabase {
    pub(crate) client: Client,
}

impl Supabase {
    /// Connects with an access token (`sbp_...`). Nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Invalid`]: `SUPABASE_API_URL` or `SSL_CERT_FILE` cannot be used.
    pub fn new(context: &Context, token: SecretString) -> Result<Self, Error> {
        let client = Builder::vendor(context, API_URL, API)
            .bearer(token)
            .header("accept", "application/json, text/plain")
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

/// Supabase's error body: `{"message": ...}`. Its API reference declares errors
/// without a schema; issues 44130 of supabase/supabase and 6871 of
/// stackblitz/bolt.new quote bodies and messages.
#[derive(Deserialize)]
struct ErrorBody {
    message: String,
}

fn read_error(body: &[u8]) -> Option<VendorError> {
    let body: ErrorBody = serde_json::from_slice(body).ok()?;
    Some(VendorError { message: body.message, ..VendorError::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_bodies_are_told_from_anything_else() {
        let message = |body: &str| read_error(body.as_bytes()).map(|error| error.message);
        let refused = r#"{"message":"Failed to retrieve preview branches"}"#;
        assert_eq!(message(refused).as_deref(), Some("Failed to retrieve preview branches"));
        for other in ["", "<html>", "[]", "\"text\"", r#"{"message":5}"#, "{}", "null"] {
            assert_eq!(message(other), None, "{other}");
        }
    }
}

//! A vendor's answer, read whole and bounded.

use action::{ExposeSecret as _, SecretString};
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;

use crate::error::Error;

/// How many characters of an answer an error quotes.
const EXCERPT: usize = 300;

/// A successful answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(crate) request: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) secret: Option<SecretString>,
    pub(crate) private: bool,
}

impl Answer {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// A header's value, if it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The whole body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as `T`.
    ///
    /// # Errors
    /// [`Error::Undocumented`] when it is not JSON of that shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| {
            // The parser's own words may quote a value.
            let (line, column) = (error.line(), error.column());
            match self.private {
                true => self.undocumented(&format!("not the expected JSON at line {line}, column {column}")),
                false => self.undocumented(&error.to_string()),
            }
        })
    }

    /// The error that says that this answer is not what the vendor documents.
    #[must_use]
    pub fn undocumented(&self, problem: &str) -> Error {
        Error::Undocumented {
            request: self.request.clone(),
            status: self.status,
            problem: format!("{} ({problem})", self.content_type()),
            excerpt: self.excerpt(),
            retry_after: None,
        }
    }

    /// The content type as errors quote it: in part, and without the client's own secret.
    pub(crate) fn content_type(&self) -> String {
        excerpt(self.header("content-type").unwrap_or("no content type"), self.secret.as_ref())
    }

    /// The first bytes on one line, without the client's own secret.
    pub(crate) fn excerpt(&self) -> String {
        if self.private {
            return format!("{} bytes that are not shown, since they may hold secrets", self.body.len());
        }
        // Many times the excerpt, for white space is folded.
        let text = String::from_utf8_lossy(&self.body[..self.body.len().min(64 * EXCERPT)]);
        match excerpt(&text, self.secret.as_ref()) {
            line if line.is_empty() => "an empty body".to_owned(),
            line => line,
        }
    }
}

/// The beginning of a text of theirs, on one line and without our own secret.
pub(crate) fn excerpt(text: &str, secret: Option<&SecretString>) -> String {
    // Redacted before it is cut, so that no half of a secret remains.
    let text = match secret {
        Some(secret) => text.replace(secret.expose_secret(), "***"),
        None => text.to_owned(),
    };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line,
    }
}

//! Where to, with which token, and how pages are walked.

use std::time::Duration;

use action::{Context, SecretString};
use http::{Builder, Client, Error, Request};
use serde::de::DeserializeOwned;

use crate::envelope::{self, Envelope};

/// The base address of the API (Cloudflare docs, "Make API calls").
const BASE: &str = "https://api.cloudflare.com/client/v4";

/// The variable that overrides it.
const BASE_VARIABLE: &str = "CLOUDFLARE_API_URL";

/// One request may take this long; one that hangs must not eat a deadline.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// How many rows a page is asked for; the API's own default is 20 for KV
/// namespaces and 100 for DNS records.
const PER_PAGE: usize = 100;

/// No list is followed for longer than this: 10,000 rows.
const MOST_PAGES: u32 = 100;

/// The client.
#[derive(Clone, Debug)]
pub struct Cloudflare {
    pub(crate) client: Client,
}

impl Cloudflare {
    /// A client that authorises itself with an API token. The variable
    /// `CLOUDFLARE_API_URL` overrides the base address.
    ///
    /// # Errors
    /// [`Error::Invalid`]: the address or one of the client's variables cannot be used.
    pub fn new(context: &Context, token: SecretString) -> Result<Self, Error> {
        let client = Builder::vendor(context, BASE_VARIABLE, BASE)
            .bearer(token)
            .errors(envelope::read_error)
            .timeout(REQUEST_TIMEOUT)
            .build(context)?;
        Ok(Self { client })
    }

    /// The same client without repetitions: inside a wait, the wait is the retry.
    #[must_use]
    pub fn once(&self) -> Self {
        Self { client: self.client.once() }
    }

    /// Sends a request and opens the envelope.
    pub(crate) async fn result<T: DeserializeOwned>(&self, request: Request<'_>) -> Result<T, Error> {
        let envelope: Envelope<T> = request.fetch().await?;
        Ok(envelope.result)
    }

    /// Reads every row of a list that is paged by number (`page`, `per_page`,
    /// `result_info`).
    ///
    /// # Errors
    /// See [`Error`]; a list that never ends is [`Error::Undocumented`].
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Vec<T>, Error> {
        let mut rows = Vec::new();
        for page in 1..=MOST_PAGES {
            let mut request = self.client.get(path.iter().copied());
            for (name, value) in query {
                request = request.query(name, value);
            }
            let request = request.query("page", page.to_string()).query("per_page", PER_PAGE.to_string());
            let envelope: Envelope<Vec<T>> = request.fetch().await?;
            let is_last = envelope.is_last(page, PER_PAGE);
            rows.extend(envelope.result);
            if is_last {
                return Ok(rows);
            }
        }
        Err(Error::Undocumented {
            request: format!("GET {}/{}", self.client.base(), path.join("/")),
            status: 200,
            problem: format!("the list goes on after {MOST_PAGES} pages"),
            excerpt: format!("{} rows", rows.len()),
            retry_after: None,
        })
    }
}

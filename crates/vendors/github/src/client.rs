//! The connection: address, credential, patience.

use action::{Context, Permit, SecretString, SharedClock};
use http::{Builder, Client, Error, Repeat, Retries, VendorError, with_retries};
use octocrab::{AuthState, FromResponse, Octocrab, OctocrabBuilder, Page};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error;
use crate::repository::Repository;
use crate::transport::Transport;

/// Where the API is (GitHub's REST docs, getting started).
pub const API: &str = "https://api.github.com";

/// The variable that overrides [`API`]: runners set it, with the address of their own
/// server (GitHub docs, variables reference), and rehearsals do.
pub const API_URL: &str = "GITHUB_API_URL";

/// The version of the API that the types here were written from; a newer one has
/// breaking changes (GitHub's REST docs, API versions).
const VERSION: &str = "2022-11-28";

/// Rows on a page, the most that GitHub grants (its REST docs, pagination).
pub(crate) const PAGE: u8 = 100;

/// No list is followed further: a status list ends after 1,000 rows of each context
/// (GitHub's REST docs, commit statuses).
const PAGES: usize = 100;

/// What a path segment may hold as it is (RFC 3986, section 2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One repository, by GitHub's REST API, with one token.
#[derive(Clone)]
pub struct GitHub {
    client: Client,
    clock: SharedClock,
    repository: Repository,
    reader: Octocrab,
    once: bool,
}

impl std::fmt::Debug for GitHub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GitHub")
            .field("client", &self.client)
            .field("repository", &self.repository)
            .finish_non_exhaustive()
    }
}

impl GitHub {
    /// Connects with a token. Nothing is sent yet. Must be called inside a tokio
    /// runtime, because octocrab keeps a task.
    ///
    /// # Errors
    /// [`Error::Invalid`]: `GITHUB_API_URL` or `SSL_CERT_FILE` cannot be used.
    pub fn new(context: &Context, token: SecretString, repository: Repository) -> Result<Self, Error> {
        // Runners always set the variable; that alone is no news.
        let builder = match context.variable(API_URL) {
            Some(address) if address.trim_end_matches('/') == API => Builder::new(API),
            _ => Builder::vendor(context, API_URL, API),
        };
        let client = builder
            .bearer(token)
            .header("accept", "application/vnd.github+json")
            .header("x-github-api-version", VERSION)
            .errors(read_error)
            .build(context)?;
        let reader = octocrab(&client, None);
        Ok(Self { client, clock: context.shared_clock(), repository, reader, once: false })
    }

    /// The same client without repetitions: inside a wait, the wait is the retry.
    #[must_use]
    pub fn once(&self) -> Self {
        Self { once: true, ..self.clone() }
    }

    /// Whose API this is.
    #[must_use]
    pub const fn repository(&self) -> &Repository {
        &self.repository
    }

    /// `/repos/{owner}/{name}` and these segments, each percent-encoded.
    pub(crate) fn route<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> String {
        let mut route = format!("/repos/{}", self.repository);
        for segment in segments {
            route.push('/');
            route.extend(utf8_percent_encode(segment, SEGMENT));
        }
        route
    }

    /// Reads one thing.
    pub(crate) async fn read<T: FromResponse>(
        &self,
        route: &str,
        query: &(impl Serialize + ?Sized),
    ) -> Result<T, Error> {
        self.repeating(Repeat::Freely, async || {
            let answer = self.reader.get(route, Some(query)).await;
            answer.map_err(|problem| error::translate(problem, &format!("GET {route}")))
        })
        .await
    }

    /// Reads a list, page after page by GitHub's own links, until `enough` says so
    /// of what was read.
    pub(crate) async fn read_pages<T: DeserializeOwned>(
        &self,
        route: &str,
        query: &(impl Serialize + ?Sized),
        enough: impl Fn(&[T]) -> bool,
    ) -> Result<Vec<T>, Error> {
        let mut page: Page<T> = self.read(route, query).await?;
        let mut items = page.take_items();
        for _ in 1..PAGES {
            let Some(next) = page.next.as_ref().filter(|_| !enough(&items)) else {
                return Ok(items);
            };
            // It holds the whole query already.
            page = self.read(&next.to_string(), &()).await?;
            items.append(&mut page.take_items());
        }
        Err(error::endless(route, PAGES))
    }

    /// Writes; octocrab is lent out for this call alone. After an error whose
    /// [`Error::outcome`] is unknown the caller looks before doing anything again.
    pub(crate) async fn write<T>(
        &self,
        permit: &Permit,
        request: &str,
        send: impl AsyncFn(&Octocrab) -> octocrab::Result<T>,
    ) -> Result<T, Error> {
        let writer = octocrab(&self.client, Some(permit.clone()));
        self.repeating(Repeat::IfNotApplied, async || {
            send(&writer).await.map_err(|problem| error::translate(problem, request))
        })
        .await
    }

    async fn repeating<T>(
        &self,
        repeat: Repeat,
        attempt: impl AsyncFn() -> Result<T, Error>,
    ) -> Result<T, Error> {
        let repeat = if self.once { Repeat::Never } else { repeat };
        with_retries(&self.clock, Retries::default(), repeat, attempt).await
    }
}

/// octocrab over our own transport: no layer of its own, no credential of its own.
fn octocrab(client: &Client, permit: Option<Permit>) -> Octocrab {
    let service = Transport::new(client.clone(), permit);
    let built = OctocrabBuilder::new_empty().with_service(service).with_auth(AuthState::None).build();
    match built {
        Ok(octocrab) => octocrab,
        Err(never) => match never {},
    }
}

/// GitHub's error body (its OpenAPI document, `basic-error` and `validation-error`).
#[derive(Deserialize)]
struct ErrorBody {
    message: String,
    #[serde(default)]
    errors: Vec<Detail>,
}

/// What is wrong with a field; some endpoints send a bare text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Detail {
    Text(String),
    Field { message: Option<String>, field: Option<String>, code: Option<String> },
}

fn read_error(body: &[u8]) -> Option<VendorError> {
    let body: ErrorBody = serde_json::from_slice(body).ok()?;
    let details = body.errors.into_iter().filter_map(|detail| match detail {
        Detail::Text(text) | Detail::Field { message: Some(text), .. } => Some(text),
        Detail::Field { field: Some(field), code: Some(code), .. } => Some(format!("{field} is {code}")),
        Detail::Field { .. } => None,
    });
    let message = std::iter::once(body.message).chain(details).collect::<Vec<_>>().join(": ");
    Some(VendorError { message, ..VendorError::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_bodies_are_told_from_anything_else() {
        let message = |body: &str| read_error(body.as_bytes()).map(|error| error.message);
        assert_eq!(
            message(r#"{"message":"Not Found","documentation_url":"x"}"#).as_deref(),
            Some("Not Found")
        );
        let invalid = r#"{"message":"Validation Failed","errors":[{"resource":"Status","code":"custom",
            "message":"too many"},{"resource":"Status","field":"state","code":"invalid"},"plain",{}]}"#;
        assert_eq!(message(invalid).as_deref(), Some("Validation Failed: too many: state is invalid: plain"));
        for other in ["", "<html>", "[]", "{}", r#"{"message":5}"#, "null"] {
            assert_eq!(message(other), None, "{other}");
        }
    }
}

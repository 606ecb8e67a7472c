//! What octocrab sends its requests through.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use action::Permit;
use http::{Answer, Client, Error};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, LINK};
use hyper::{Method, Request, Response, Uri};
use octocrab::OctoBody;
use percent_encoding::percent_decode_str;
use tower::{BoxError, Service};

/// What GitHub asks for after a secondary rate limit without a `Retry-After`: at
/// least a minute (its REST docs, rate limits).
const SECONDARY_LIMIT: Duration = Duration::from_secs(60);

/// Sends each request once through the house's client; an answer that is no 2xx is
/// an [`Error`]. Without a permit it only reads.
#[derive(Clone, Debug)]
pub(crate) struct Transport {
    client: Client,
    permit: Option<Permit>,
}

impl Transport {
    pub(crate) fn new(client: Client, permit: Option<Permit>) -> Self {
        Self { client, permit }
    }

    async fn send(self, request: Request<OctoBody>) -> Result<Response<Full<Bytes>>, BoxError> {
        let (parts, body) = request.into_parts();
        let target = Target::of(&parts.uri, self.client.base().as_str())?;
        let segments = target.segments.iter().map(String::as_str);
        let mut sent = match (&parts.method, &self.permit) {
            (&Method::GET, _) => self.client.get(segments),
            (&Method::POST, Some(permit)) => self.client.post(segments, permit),
            (method, _) => return Err(Error::Invalid(format!("{method} without leave to write")).into()),
        };
        for (name, value) in &target.query {
            sent = sent.query(name, value);
        }
        if parts.headers.contains_key(CONTENT_TYPE) {
            let body = body.collect().await?.to_bytes();
            sent = sent.json(&serde_json::from_slice::<serde_json::Value>(&body)?);
        }
        Ok(response(&sent.send_once().await.map_err(with_patience)?)?)
    }
}

impl Service<Request<OctoBody>> for Transport {
    type Response = Response<Full<Bytes>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<OctoBody>) -> Self::Future {
        Box::pin(self.clone().send(request))
    }
}

/// Where a request goes below the client's base address.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    segments: Vec<String>,
    query: Vec<(String, String)>,
}

impl Target {
    /// Of a route, or of a whole address as the links of a page hold it. An address
    /// elsewhere is refused: the credential would go there.
    fn of(uri: &Uri, base: &str) -> Result<Self, Error> {
        let whole = uri.to_string();
        let below = match uri.host() {
            None => Some(whole.as_str()),
            Some(_) => whole.strip_prefix(base.trim_end_matches('/')).filter(|rest| rest.starts_with('/')),
        };
        let Some(below) = below else {
            return Err(Error::Invalid(format!("GitHub names an address that is not below {base}: {whole}")));
        };
        let (path, query) = below.split_once('?').unwrap_or((below, ""));
        let decode = |segment: &str| percent_decode_str(segment).decode_utf8().map(|text| text.into_owned());
        let segments = path.trim_start_matches('/').split('/').map(decode).collect::<Result<_, _>>();
        let segments = segments.map_err(|_| Error::Invalid(format!("`{path}` is not UTF-8")))?;
        let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Ok(Self { segments, query })
    }
}

/// The parts of an answer that octocrab looks at.
fn response(answer: &Answer) -> Result<Response<Full<Bytes>>, Error> {
    let mut response = Response::builder().status(answer.status());
    if let Some(link) = answer.header("link") {
        response = response.header(LINK, link);
    }
    let body = Full::from(answer.body().to_vec());
    response.body(body).map_err(|problem| answer.undocumented(&problem.to_string()))
}

/// A limit that says nothing about when it ends gets the documented minute.
fn with_patience(error: Error) -> Error {
    match error {
        Error::Refused { request, status: status @ (403 | 429), error, retry_after: None }
            if error.message.to_ascii_lowercase().contains("rate limit") =>
        {
            Error::Refused { request, status, error, retry_after: Some(SECONDARY_LIMIT) }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use http::VendorError;

    use super::*;

    fn target(uri: &str, base: &str) -> Result<Target, Error> {
        Target::of(&uri.parse().unwrap(), base)
    }

    #[test]
    fn routes_and_links_lead_below_the_base_and_nowhere_else() {
        let base = "https://github.example.com/api/v3/";
        let route = target("/repos/acme/api/git/ref/tags/a%20b%3Fc?per_page=1", base).unwrap();
        assert_eq!(route.segments, ["repos", "acme", "api", "git", "ref", "tags", "a b?c"]);
        assert_eq!(route.query, [("per_page".to_owned(), "1".to_owned())]);
        let link = target("https://github.example.com/api/v3/repositories/1/x?page=2", base).unwrap();
        assert_eq!(link.segments, ["repositories", "1", "x"]);
        for elsewhere in [
            "https://evil.example.com/repos/acme/api",
            "http://github.example.com/api/v3/repos",
            "https://github.example.com/repos",
            "https://github.example.com/api/v3evil/repos",
            "https://github.example.com:444/api/v3/repos",
        ] {
            assert!(matches!(target(elsewhere, base), Err(Error::Invalid(_))), "{elsewhere}");
        }
    }

    #[test]
    fn a_limit_without_an_end_gets_a_minute_and_a_missing_right_does_not() {
        let refused = |status, message: &str| {
            let error = VendorError { message: message.to_owned(), ..VendorError::default() };
            with_patience(Error::Refused { request: "GET /".to_owned(), status, error, retry_after: None })
        };
        let limited = refused(403, "You have exceeded a secondary rate limit.");
        assert_eq!((limited.retry_after(), limited.is_passing()), (Some(SECONDARY_LIMIT), true));
        assert!(!refused(403, "Resource not accessible by integration").is_passing());
        assert_eq!(refused(404, "rate limit").retry_after(), None);
    }
}

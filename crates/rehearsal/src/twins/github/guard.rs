//! What every call passes first: the token, its permissions, the rate limit.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use axum::extract::{OriginalUri, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::answer::Refusal;
use super::{ACTIONS, GitHub};
use crate::server::Route;

/// What a token may do with one kind of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Look.
    Read,
    /// Look and change.
    Write,
}

/// Whose token it is and what it may do.
#[derive(Clone, Debug)]
pub struct Token {
    /// The account that the API names as the author of what is done with it.
    pub login: String,
    /// By scope, as in a workflow's `permissions`: `contents`, `statuses`, `actions`, ...
    pub permissions: BTreeMap<String, Level>,
}

/// What a job's token has when a workflow grants all that these routes need.
pub(super) const EVERYTHING: [(&str, Level); 3] =
    [("actions", Level::Write), ("contents", Level::Write), ("statuses", Level::Write)];

impl Token {
    /// The token of a job with these `permissions`; [`ACTIONS`] acts with it.
    #[must_use]
    pub fn of_a_job(permissions: &[(&str, Level)]) -> Self {
        Self::of(ACTIONS, permissions)
    }

    /// The token of an account.
    #[must_use]
    pub fn of(login: &str, permissions: &[(&str, Level)]) -> Self {
        let permissions = permissions.iter().map(|(scope, level)| ((*scope).to_owned(), *level)).collect();
        Self { login: login.to_owned(), permissions }
    }
}

/// Who asks: what a handler may know of the token.
#[derive(Clone, Debug)]
pub(super) struct Identity(pub(super) String);

/// Calls in the current hour.
#[derive(Debug)]
pub(super) struct RateLimit {
    pub(super) limit: u32,
    used: u32,
    resets_at: Option<SystemTime>,
}

/// 1,000 requests an hour and repository with a job's token (GitHub's REST docs, rate
/// limits).
const HOUR: Duration = Duration::from_secs(3600);

impl Default for RateLimit {
    fn default() -> Self {
        Self { limit: 1_000, used: 0, resets_at: None }
    }
}

/// How a call fared against the limit.
struct Rate {
    limit: u32,
    used: u32,
    resets_at: SystemTime,
    exceeded: bool,
}

impl RateLimit {
    fn count(&mut self, now: SystemTime) -> Rate {
        if self.resets_at.is_none_or(|at| now >= at) {
            (self.used, self.resets_at) = (0, Some(now + HOUR));
        }
        let exceeded = self.used >= self.limit;
        self.used = (self.used + 1).min(self.limit);
        Rate { limit: self.limit, used: self.used, resets_at: self.resets_at.unwrap_or(now), exceeded }
    }
}

/// The layer in front of every route.
pub(super) async fn check(State(twin): State<GitHub>, mut request: Request, next: Next) -> Response {
    let rate = {
        let now = twin.clock.wall();
        twin.lock().rate.count(now)
    };
    let mut response = if rate.exceeded {
        // Quoted in GitHub's REST docs, rate limits; the installation's number is ours.
        Refusal::new(StatusCode::FORBIDDEN, "API rate limit exceeded for installation ID 1.").into_response()
    } else {
        match authorize(&twin, &request) {
            Ok(identity) => {
                request.extensions_mut().insert(identity);
                next.run(request).await
            }
            Err(refusal) => refusal.into_response(),
        }
    };
    announce(response.headers_mut(), &rate);
    response
}

/// The headers of GitHub's REST docs, rate limits: `reset` is an epoch in seconds.
fn announce(headers: &mut HeaderMap, rate: &Rate) {
    let reset = rate.resets_at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    headers.insert("x-ratelimit-limit", HeaderValue::from(rate.limit));
    headers.insert("x-ratelimit-remaining", HeaderValue::from(rate.limit - rate.used));
    headers.insert("x-ratelimit-used", HeaderValue::from(rate.used));
    headers.insert("x-ratelimit-reset", HeaderValue::from(reset.as_secs()));
    headers.insert("x-ratelimit-resource", HeaderValue::from_static("core"));
}

fn authorize(twin: &GitHub, request: &Request) -> Result<Identity, Refusal> {
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(given) = given else {
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "Requires authentication"));
    };
    // Both words are documented (GitHub's REST docs, authenticating).
    let token = given.strip_prefix("Bearer ").or_else(|| given.strip_prefix("token "));
    let state = twin.lock();
    let Some(token) = token.and_then(|token| state.tokens.get(token)) else {
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "Bad credentials"));
    };
    let whole = request.extensions().get::<OriginalUri>().map_or(request.uri(), |uri| &uri.0);
    if let Some((scope, needed)) = needed(request.method(), whole.path())
        && token.permissions.get(scope).is_none_or(|granted| *granted < needed)
    {
        // Quoted in apache/kafka pull request 17142.
        return Err(Refusal::new(StatusCode::FORBIDDEN, "Resource not accessible by integration"));
    }
    Ok(Identity(token.login.clone()))
}

/// The permission that a call needs (GitHub's REST docs, permissions required for
/// fine-grained personal access tokens).
fn needed(method: &Method, path: &str) -> Option<(&'static str, Level)> {
    const RULES: [(&str, &str, Level); 7] = [
        ("POST /repos/{owner}/{repo}/statuses/{sha}", "statuses", Level::Write),
        ("GET /repos/{owner}/{repo}/compare/**", "contents", Level::Read),
        ("GET /repos/{owner}/{repo}/git/**", "contents", Level::Read),
        ("GET /repos/{owner}/{repo}/environments/**", "actions", Level::Read),
        ("GET /repos/{owner}/{repo}/actions/**", "actions", Level::Read),
        ("POST /repos/{owner}/{repo}/actions/**", "actions", Level::Write),
        ("GET /repos/{owner}/{repo}/commits/**", "contents", Level::Read),
    ];
    if Route::from("GET /repos/{owner}/{repo}/commits/**").matches(method, path)
        && (path.ends_with("/status") || path.ends_with("/statuses"))
    {
        return Some(("statuses", Level::Read));
    }
    let rule = RULES.iter().find(|(route, ..)| Route::from(*route).matches(method, path));
    rule.map(|(_, scope, level)| (*scope, *level))
}

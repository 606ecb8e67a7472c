//! What every call passes first: credentials and the rate limit.

use std::time::{Duration, Instant};

use axum::extract::{OriginalUri, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Cloudflare;
use super::envelope::{Answer, Failure, success_saying};
use crate::server::Route;

/// Tokens and what they may not do.
#[derive(Debug)]
pub(super) struct Credentials {
    pub(super) token: String,
    pub(super) forbidden: Vec<Route>,
}

/// Calls of one user in the current window.
#[derive(Debug)]
pub(super) struct RateLimit {
    pub(super) limit: u32,
    used: u32,
    window_ends: Option<Instant>,
    blocked: bool,
}

/// 1,200 requests in five minutes; over it, 429 for the next five minutes
/// (Cloudflare docs, fundamentals/api/reference/limits).
pub(super) const WINDOW: Duration = Duration::from_secs(300);

impl Default for RateLimit {
    fn default() -> Self {
        Self { limit: 1200, used: 0, window_ends: None, blocked: false }
    }
}

/// How a call fared against the limit.
struct Rate {
    remaining: u32,
    resets_in: Duration,
    exceeded: bool,
}

impl RateLimit {
    fn count(&mut self, now: Instant) -> Rate {
        if self.window_ends.is_none_or(|ends| now >= ends) {
            (self.used, self.blocked, self.window_ends) = (0, false, Some(now + WINDOW));
        }
        self.used += 1;
        if self.used > self.limit && !self.blocked {
            // The penalty runs from the call that was one too many.
            (self.blocked, self.window_ends) = (true, Some(now + WINDOW));
        }
        Rate {
            remaining: self.limit.saturating_sub(self.used),
            resets_in: self.window_ends.map_or(WINDOW, |ends| ends - now),
            exceeded: self.blocked,
        }
    }
}

/// The layer in front of every route.
pub(super) async fn check(State(twin): State<Cloudflare>, request: Request, next: Next) -> Response {
    let rate = {
        let mut state = twin.lock();
        state.rate.count(twin.clock.now())
    };
    let mut response = if rate.exceeded {
        let message = "Please wait and consider throttling your request speed";
        // The code is unverified; the text is quoted in lablabs/cloudflare-exporter issue 74.
        Failure::new(StatusCode::TOO_MANY_REQUESTS, 10429, message).into_response()
    } else {
        match authorize(&twin, &request) {
            Ok(()) => next.run(request).await,
            Err(failure) => failure.into_response(),
        }
    };
    announce(response.headers_mut(), &twin, &rate);
    response
}

/// The headers of the limits page: seconds in `retry-after`, an RFC 1123 date
/// in `x-ratelimit-reset` (Cloudflare docs, fundamentals/api/reference/limits).
fn announce(headers: &mut HeaderMap, twin: &Cloudflare, rate: &Rate) {
    let limit = twin.lock().rate.limit;
    headers.insert("x-ratelimit-limit", HeaderValue::from(limit));
    headers.insert("x-ratelimit-remaining", HeaderValue::from(rate.remaining));
    let reset = httpdate::fmt_http_date(twin.clock.wall() + rate.resets_in);
    if let Ok(reset) = HeaderValue::try_from(reset) {
        headers.insert("x-ratelimit-reset", reset);
    }
    if rate.exceeded {
        let seconds = rate.resets_in.as_secs_f64().ceil();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 300")]
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds as u64));
    }
}

/// Missing credentials: 9106, 400 (quoted in cloudflare-python issue 2678). A
/// malformed token: 6003 with 6111, 400 (quoted in jeessy2/ddns-go issue 916).
/// A well-formed wrong one: 9109, 403 (unverified). A right one without the
/// permission: 10000, 403 (quoted in terraform-provider-cloudflare issue 1533).
fn authorize(twin: &Cloudflare, request: &Request) -> Result<(), Failure> {
    let Some(given) = request.headers().get(header::AUTHORIZATION) else {
        let message = "Missing X-Auth-Key, X-Auth-Email or Authorization headers";
        return Err(Failure::bad_request(9106, message));
    };
    let given = given.to_str().unwrap_or_default();
    let token = given.strip_prefix("Bearer ").unwrap_or_default();
    let state = twin.lock();
    if token != state.credentials.token {
        return Err(refusal(token, request.uri().path()));
    }
    let whole = request.extensions().get::<OriginalUri>().map_or(request.uri(), |uri| &uri.0);
    let (method, path) = (request.method(), whole.path());
    if state.credentials.forbidden.iter().any(|route| route.matches(method, path)) {
        return Err(Failure::new(StatusCode::FORBIDDEN, 10000, "Authentication error"));
    }
    Ok(())
}

fn refusal(token: &str, path: &str) -> Failure {
    const SHORTEST: usize = 20;
    let well_formed =
        token.len() >= SHORTEST && token.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if !well_formed {
        return Failure::bad_request(6003, "Invalid request headers")
            .because(6111, "Invalid format for Authorization header");
    }
    if path.ends_with("/user/tokens/verify") {
        // Unverified: widely seen, not in official text.
        return Failure::new(StatusCode::UNAUTHORIZED, 1000, "Invalid API Token");
    }
    Failure::new(StatusCode::FORBIDDEN, 9109, "Invalid access token")
}

/// `GET /user/tokens/verify`: reached with the right token only. The message is
/// quoted in libdns/cloudflare issue 12.
pub(super) async fn verify(State(twin): State<Cloudflare>) -> Answer {
    let id = twin.lock().token_id.clone();
    Ok(success_saying(
        json!({ "id": id, "status": "active" }),
        json!({ "code": 10000, "message": "This API Token is valid and active", "type": null }),
    ))
}

//! What every request passes: the token, and the rate limit.

use axum::extract::{OriginalUri, Request, State as Shared};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::Supabase;
use super::limit::Standing;
use super::refusal::Refusal;

/// Lets a request through, or answers it, and adds the headers of every answer.
pub(super) async fn guard(Shared(twin): Shared<Supabase>, request: Request, next: Next) -> Response {
    let (refusal, standing) = check(&twin, &request);
    let mut response = match refusal {
        Some(refusal) => refusal.into_response(),
        None => next.run(request).await,
    };
    if let Some(standing) = standing {
        let mut put = |name: &'static str, value: u64| {
            response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from(value));
        };
        put("x-ratelimit-limit", standing.limit.into());
        put("x-ratelimit-remaining", standing.remaining.into());
        // Seconds left, as recorded.
        put("x-ratelimit-reset", standing.reset);
    }
    response
}

fn check(twin: &Supabase, request: &Request) -> (Option<Refusal>, Option<Standing>) {
    let given =
        request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let whole = request.extensions().get::<OriginalUri>().map_or(request.uri(), |uri| &uri.0);
    let endpoint = endpoint(request.method().as_str(), whole.path());
    twin.with(|state, now| {
        if given.strip_prefix("Bearer ") != Some(state.token.as_str()) {
            return (Some(Refusal::new(StatusCode::UNAUTHORIZED, "Unauthorized")), None);
        }
        let standing = state.limiter.count(&endpoint, now);
        let exceeded = standing.as_ref().is_some_and(|standing| standing.exceeded);
        let refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "ThrottlerException: Too Many Requests");
        (exceeded.then_some(refusal), standing)
    })
}

/// A project's endpoint: method and path, whatever run or branch its end names.
fn endpoint(method: &str, path: &str) -> String {
    let kept = path.split('/').take(6).collect::<Vec<_>>().join("/");
    format!("{method} {kept}")
}

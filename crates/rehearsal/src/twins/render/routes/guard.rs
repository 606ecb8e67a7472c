//! What every request passes: the key, the accepted type, the rate limit.

use std::time::SystemTime;

use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::super::Render;
use super::super::limit::Standing;
use super::answer::Refusal;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
const NO_SNIFFING: HeaderName = HeaderName::from_static("x-content-type-options");

/// Lets a request through, or answers it, and adds the headers of every answer.
pub(super) async fn guard(State(render): State<Render>, request: Request, next: Next) -> Response {
    let checked = check(&render, &request);
    let mut response = match checked.refusal {
        Some(refusal) => refusal.into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    if headers.contains_key(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    }
    headers.insert(NO_SNIFFING, HeaderValue::from_static("nosniff"));
    if let Ok(date) = HeaderValue::try_from(httpdate::fmt_http_date(checked.shown)) {
        headers.insert(DATE, date);
    }
    if let Some(standing) = checked.standing {
        headers.insert(LIMIT, HeaderValue::from(standing.limit));
        headers.insert(REMAINING, HeaderValue::from(standing.remaining));
        headers.insert(RESET, HeaderValue::from(standing.reset));
    }
    response
}

struct Checked {
    refusal: Option<Refusal>,
    standing: Option<Standing>,
    shown: SystemTime,
}

fn check(render: &Render, request: &Request) -> Checked {
    render.with(|world, now| {
        let shown = world.policy.skew.shown(now);
        let refused = |refusal, standing| Checked { refusal, standing, shown };
        if !has_key(request.headers(), &world.api_key) {
            let refusal = Refusal::new(StatusCode::UNAUTHORIZED, "Unauthorized");
            return refused(Some(refusal), None);
        }
        if !accepts_json(request.headers()) {
            let refusal = Refusal::new(StatusCode::NOT_ACCEPTABLE, "only application/json is served");
            return refused(Some(refusal), None);
        }
        let path = request.uri().path();
        let standing = world.limiter.count(request.method(), path, now);
        let exceeded = standing.is_some_and(|standing| standing.exceeded);
        let refusal = exceeded.then(|| Refusal::new(StatusCode::TOO_MANY_REQUESTS, "rate limit exceeded"));
        refused(refusal, standing)
    })
}

fn has_key(headers: &HeaderMap, key: &str) -> bool {
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.split_once(' '));
    given.is_some_and(|(scheme, given)| scheme.eq_ignore_ascii_case("bearer") && given == key)
}

fn accepts_json(headers: &HeaderMap) -> bool {
    let Some(accept) = headers.get(ACCEPT) else {
        return true;
    };
    let Ok(accept) = accept.to_str() else {
        return false;
    };
    let types = accept.split(',').map(|one| one.split(';').next().unwrap_or_default().trim());
    types.into_iter().any(|one| matches!(one, "*/*" | "application/*" | "application/json"))
}

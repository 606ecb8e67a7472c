//! Single pairs: raw values, their metadata, writing and deleting.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Path, Query as Queried, Request, State as Shared};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::super::Cloudflare;
use super::super::envelope::{Answer, Failure, read_json, success};
use super::super::page::Query;
use super::{Pair, check, expiration};

type Place = Path<(String, String, String)>;

/// `GET .../values/{key}`: the bytes themselves, not the envelope; the expiry in
/// the header `expiration` (API reference, read key-value pair).
pub(in super::super) async fn get(
    Shared(twin): Shared<Cloudflare>,
    Path((account, id, key)): Place,
) -> Answer {
    let now = twin.clock.wall();
    twin.in_namespace(&account, &id, |namespace| {
        let pair = namespace.live(&key, now).ok_or_else(no_key)?;
        let mut answer = Response::new(Body::from(pair.value.clone()));
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        if let Some(expiration) = pair.expiration {
            headers.insert("expiration", HeaderValue::from(expiration));
        }
        Ok(answer)
    })
}

/// `GET .../metadata/{key}`; `null` when there is none.
pub(in super::super) async fn metadata(
    Shared(twin): Shared<Cloudflare>,
    Path((account, id, key)): Place,
) -> Answer {
    let now = twin.clock.wall();
    twin.in_namespace(&account, &id, |namespace| {
        let pair = namespace.live(&key, now).ok_or_else(no_key)?;
        Ok(success(pair.metadata.clone().unwrap_or_default()))
    })
}

/// `PUT .../values/{key}`: raw bytes, or a form of `value` and `metadata`.
///
/// An expiry or metadata that is not given again is gone (API reference, write
/// key-value pair). One write a second to the same key, 429 beyond (Cloudflare
/// docs, kv/platform/limits); the body of that 429 is unverified.
pub(in super::super) async fn put(
    Shared(twin): Shared<Cloudflare>,
    Path((account, id, key)): Place,
    Queried(query): Queried<Query>,
    request: Request,
) -> Answer {
    let (value, metadata) = read(request).await?;
    check(&key, &value, metadata.as_ref())?;
    let (now, wall) = (twin.clock.now(), twin.clock.wall());
    let number = |name: &str| query.get(name).and_then(|text| text.parse().ok());
    let expiration = expiration(number("expiration"), number("expiration_ttl"), wall)?;
    twin.in_namespace(&account, &id, |namespace| {
        let last = namespace.pairs.get(&key).map(|pair| pair.written);
        if last.is_some_and(|last| now < last + Duration::from_secs(1)) {
            let message = "too many writes to the same key";
            return Err(Failure::new(StatusCode::TOO_MANY_REQUESTS, 10048, message));
        }
        namespace.pairs.insert(key, Pair { value, metadata, expiration, written: now });
        Ok(success(json!({})))
    })
}

/// `DELETE .../values/{key}`; succeeds when there is none (unverified).
pub(in super::super) async fn delete(
    Shared(twin): Shared<Cloudflare>,
    Path((account, id, key)): Place,
) -> Answer {
    twin.in_namespace(&account, &id, |namespace| {
        namespace.pairs.remove(&key);
        Ok(success(json!({})))
    })
}

async fn read(request: Request) -> Result<(axum::body::Bytes, Option<Value>), Failure> {
    let unreadable = || Failure::bad_request(10001, "could not read the request body");
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let is_form = content_type
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("multipart/form-data"));
    if !is_form {
        let body = request.into_body().collect().await.map_err(|_| unreadable())?;
        return Ok((body.to_bytes(), None));
    }
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| unreadable())?;
    let (mut value, mut metadata) = (None, None);
    while let Some(part) = form.next_field().await.map_err(|_| unreadable())? {
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(|_| unreadable())?;
        match name.as_str() {
            "value" => value = Some(bytes),
            "metadata" => metadata = Some(read_json(&bytes)?),
            _ => {}
        }
    }
    Ok((value.ok_or_else(unreadable)?, metadata))
}

/// 10009, as many clients quote it.
fn no_key() -> Failure {
    Failure::not_found(10009, "get: 'key not found'")
}

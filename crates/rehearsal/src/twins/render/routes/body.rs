//! Request bodies: JSON, checked field by field.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::answer::Refusal;

/// A body that is JSON. It has to be there: the client of a deploy without wishes
/// sends `{}`.
#[derive(Debug)]
pub(super) struct Body(pub(super) Value);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
        if !kind.trim().eq_ignore_ascii_case("application/json") {
            return Err(Refusal::bad_request("content type must be application/json"));
        }
        let bytes =
            Bytes::from_request(request, state).await.map_err(|_| Refusal::bad_request("unreadable body"))?;
        serde_json::from_slice(&bytes).map(Self).map_err(|_| Refusal::bad_request("body is not JSON"))
    }
}

impl Body {
    pub(super) fn object(&self) -> Result<&Map<String, Value>, Refusal> {
        self.0.as_object().ok_or_else(|| Refusal::bad_request("body must be an object"))
    }
}

/// A text field; `None` when it is not there.
pub(super) fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Refusal> {
    match fields.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::bad_request(format!("{name} must be a string"))),
    }
}

/// A text field that has to be there.
pub(super) fn required<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refusal> {
    text(fields, name)?
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Refusal::bad_request(format!("{name} is required")))
}

/// An object field; `None` when it is not there.
pub(super) fn object<'a>(
    fields: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a Map<String, Value>>, Refusal> {
    match fields.get(name) {
        None => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(Refusal::bad_request(format!("{name} must be an object"))),
    }
}

/// A word out of a set; `None` when it is not there.
pub(super) fn word<T>(
    fields: &Map<String, Value>,
    name: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Refusal> {
    let Some(word) = text(fields, name)? else {
        return Ok(None);
    };
    read(word).map(Some).ok_or_else(|| Refusal::bad_request(format!("invalid {name}")))
}

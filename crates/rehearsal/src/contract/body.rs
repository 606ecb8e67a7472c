//! Judges one body by its media type: JSON, a form with JSON parts, or raw bytes.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart};
use axum::http::{HeaderMap, Request, header};
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value};

use super::redact;
use super::schema::Schema;
use super::violation::Finding;

/// The media types that a body may have, and their schemas.
#[derive(Debug)]
pub(super) struct Content(Vec<(String, Schema)>);

impl Content {
    pub(super) fn new(media: Vec<(String, Schema)>) -> Self {
        Self(media)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn schemas(&self) -> impl Iterator<Item = &Schema> {
        self.0.iter().map(|(_, schema)| schema)
    }
}

/// Judges `bytes`, which are not empty.
pub(super) async fn judge(
    content: &Content,
    headers: &HeaderMap,
    bytes: &Bytes,
    place: &str,
) -> Vec<Finding> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.unwrap_or_default().split(';').next().unwrap_or_default();
    let media_type = media_type.trim().to_ascii_lowercase();
    let documented = content.0.iter().find(|(name, _)| media_matches(name, &media_type));
    let Some((name, schema)) = documented else {
        let known: Vec<&str> = content.0.iter().map(|(name, _)| name.as_str()).collect();
        let given = if media_type.is_empty() { "no content type" } else { &media_type };
        let what = format!("{given} is not a documented content type ({})", known.join(", "));
        return vec![Finding::new(place, what)];
    };
    let value = if name.contains("json") {
        serde_json::from_slice(bytes).map_err(|error| format!("is not JSON: {error}"))
    } else if name.starts_with("multipart/") {
        form(schema, headers, bytes).await
    } else {
        // Raw bytes: there is nothing to judge in them.
        return Vec::new();
    };
    match value {
        Ok(value) => validate(schema, &value, place),
        Err(what) => vec![Finding::new(place, what)],
    }
}

fn media_matches(documented: &str, given: &str) -> bool {
    let documented = documented.split(';').next().unwrap_or_default().trim();
    match documented.strip_suffix('*') {
        Some(prefix) => given.starts_with(prefix),
        None => documented.eq_ignore_ascii_case(given),
    }
}

/// A form as one JSON object: parts whose schema takes text are text, the others
/// are read as JSON.
async fn form(schema: &Schema, headers: &HeaderMap, bytes: &Bytes) -> Result<Value, String> {
    let mut request = Request::new(Body::from(bytes.clone()));
    *request.headers_mut() = headers.clone();
    let unreadable = |error: &dyn std::error::Error| format!("is not a form: {error}");
    let mut parts = Multipart::from_request(request, &()).await.map_err(|error| unreadable(&error))?;
    let mut form = Map::new();
    while let Some(part) = parts.next_field().await.map_err(|error| unreadable(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(|error| unreadable(&error))?;
        let value = if schema.property(&name).is_some_and(takes_text) {
            Value::String(String::from_utf8_lossy(&bytes).into_owned())
        } else {
            serde_json::from_slice(&bytes).map_err(|error| format!("part {name} is not JSON: {error}"))?
        };
        form.insert(name, value);
    }
    Ok(Value::Object(form))
}

fn takes_text(schema: &Value) -> bool {
    let alternatives = schema.get("anyOf").and_then(Value::as_array);
    schema.get("type").is_some_and(|kind| kind == "string")
        || alternatives.is_some_and(|schemas| schemas.iter().any(takes_text))
}

/// Judges a JSON value; at most a handful of findings.
pub(super) fn validate(schema: &Schema, value: &Value, place: &str) -> Vec<Finding> {
    const MOST: usize = 5;
    let validator = match schema.validator() {
        Ok(validator) => validator,
        Err(what) => return vec![Finding::new(place, format!("its schema does not compile: {what}"))],
    };
    let errors = validator.iter_errors(value).take(MOST);
    errors.map(|error| finding(&error, place)).collect()
}

fn finding(error: &ValidationError<'_>, place: &str) -> Finding {
    let closest = closest_alternative(error).map(|inner| {
        let at = inner.instance_path().to_string();
        format!(" (nearest alternative, at {at:?}: {})", inner.masked())
    });
    let pointer = error.instance_path().to_string();
    let field = pointer.rsplit('/').find(|segment| segment.parse::<usize>().is_err());
    Finding {
        place: place.to_owned(),
        what: format!("{}{}", error.masked(), closest.unwrap_or_default()),
        excerpt: redact::excerpt(error.instance(), field.unwrap_or_default()),
        pointer,
    }
}

/// Of the alternatives that all failed, the first error of the one that came
/// nearest: "not valid under any of the schemas" alone helps nobody. One that
/// wants another type altogether (null, mostly) is the farthest.
fn closest_alternative<'a>(error: &'a ValidationError<'_>) -> Option<&'a ValidationError<'static>> {
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) =
        error.kind()
    else {
        return None;
    };
    let distance = |errors: &&Vec<ValidationError<'static>>| {
        let wants_another = |inner: &ValidationError<'_>| {
            let is_type = matches!(inner.kind(), ValidationErrorKind::Type { .. });
            is_type && inner.instance_path() == error.instance_path()
        };
        (errors.iter().any(wants_another), errors.len())
    };
    let first = context.iter().filter(|errors| !errors.is_empty()).min_by_key(distance)?.first()?;
    Some(closest_alternative(first).unwrap_or(first))
}

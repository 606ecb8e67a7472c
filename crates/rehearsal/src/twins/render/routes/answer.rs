//! Refusals in the shape of `error` in Render's API reference.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A request that is answered with an error.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// Worded as a recorded one, `{"message":"not found: srv-…"}`.
    pub(super) fn not_found(id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("not found: {id}"))
    }
}

impl IntoResponse for Refusal {
    /// `id` is optional and was not in the recorded error, so it is left out.
    fn into_response(self) -> Response {
        (self.status, Json(json!({"message": self.message}))).into_response()
    }
}

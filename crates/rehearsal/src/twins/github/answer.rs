//! Answers: a body, or a refusal in GitHub's form.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// What a handler ends in.
pub(super) type Answer = Result<Response, Refusal>;

/// A refusal: `basic-error`, or with `errors` a `validation-error`, of GitHub's
/// OpenAPI document.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    message: String,
    errors: Vec<Value>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), errors: Vec::new() }
    }

    /// 404, which GitHub also says to those who may not know of a thing.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    /// 422 with a message of its own.
    pub(super) fn unprocessable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    /// 422 for one field of a body.
    pub(super) fn invalid(resource: &str, message: &str) -> Self {
        let error = json!({"resource": resource, "code": "custom", "message": message});
        Self { errors: vec![error], ..Self::unprocessable("Validation Failed") }
    }
}

impl IntoResponse for Refusal {
    /// `status` repeats the code as text, as answers of the API do.
    fn into_response(self) -> Response {
        let mut body = json!({
            "message": self.message,
            "documentation_url": "https://docs.github.com/rest",
            "status": self.status.as_u16().to_string(),
        });
        if !self.errors.is_empty() {
            body["errors"] = Value::from(self.errors);
        }
        (self.status, Json(body)).into_response()
    }
}

/// 200 with this body.
pub(super) fn found(body: Value) -> Answer {
    Ok(Json(body).into_response())
}

/// A request body as JSON; GitHub's own words for anything else.
pub(super) fn read_json(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "Problems parsing JSON"))
}

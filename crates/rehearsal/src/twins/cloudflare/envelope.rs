//! The envelope around every answer but a KV value.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// What a handler ends in: a whole answer, or a failure.
pub(super) type Answer = Result<Response, Failure>;

/// A failure in Cloudflare's form: `success` false, `result` null, at least one
/// error (vendor's client library; envelopes quoted in its issue 161).
#[derive(Clone, Debug)]
pub(super) struct Failure {
    status: StatusCode,
    code: u32,
    message: String,
    /// The cause, in `error_chain`: an invalid record is 1004 with 9021, say.
    cause: Option<(u32, String)>,
}

impl Failure {
    /// A failure with this HTTP status and vendor's code.
    pub(super) fn new(status: StatusCode, code: u32, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), cause: None }
    }

    /// 400 with this vendor's code.
    pub(super) fn bad_request(code: u32, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 404 with this vendor's code.
    pub(super) fn not_found(code: u32, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    /// Names what lies behind it.
    pub(super) fn because(mut self, code: u32, message: impl Into<String>) -> Self {
        self.cause = Some((code, message.into()));
        self
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some((code, message)) = self.cause {
            error["error_chain"] = json!([{ "code": code, "message": message }]);
        }
        let body = json!({ "result": null, "success": false, "errors": [error], "messages": [] });
        (self.status, Json(body)).into_response()
    }
}

/// A success with this result.
pub(super) fn success(result: Value) -> Response {
    Json(envelope(result)).into_response()
}

/// A success with this result and one message.
pub(super) fn success_saying(result: Value, message: Value) -> Response {
    let mut body = envelope(result);
    body["messages"] = json!([message]);
    Json(body).into_response()
}

/// A success with a list and a `result_info`.
pub(super) fn listing(result: Vec<Value>, info: Value) -> Response {
    let mut body = envelope(Value::Array(result));
    body["result_info"] = info;
    Json(body).into_response()
}

fn envelope(result: Value) -> Value {
    json!({ "result": result, "success": true, "errors": [], "messages": [] })
}

/// A request body as JSON.
///
/// That a malformed body is answered 400 with 6007 is unverified.
pub(super) fn read_json(body: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(body).map_err(|_| Failure::bad_request(6007, "Malformed JSON in request body"))
}

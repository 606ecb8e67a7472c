//! The API's routes.

mod actions;
mod branches;
mod projects;
mod query;

use axum::Router;
use axum::extract::{OriginalUri, Request};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Map, Value};

use super::Supabase;
use super::guard::guard;
use super::refusal::Refusal;

/// Every path of the API reference that the toolkit needs.
pub(super) fn router(twin: Supabase) -> Router {
    let api = Router::new()
        .route("/projects/{project}", get(projects::retrieve))
        .route("/projects/{project}/health", get(projects::health))
        .route("/projects/{project}/config/database/pooler", get(projects::poolers))
        .route("/projects/{project}/branches", get(branches::list).post(branches::create))
        .route("/projects/{project}/branches/{name}", get(branches::by_name))
        .route("/branches/{branch}", get(branches::retrieve).patch(branches::update).delete(branches::delete))
        .route("/branches/{branch}/merge", post(branches::merge))
        .route("/projects/{project}/actions", get(actions::list))
        .route("/projects/{project}/actions/{run}", get(actions::retrieve))
        .route("/projects/{project}/actions/{run}/logs", get(actions::logs))
        .route("/projects/{project}/database/query", post(query::run))
        .route("/projects/{project}/database/query/read-only", post(query::read))
        .route("/projects/{project}/database/migrations", get(query::migrations))
        .method_not_allowed_fallback(unknown)
        .layer(from_fn_with_state(twin.clone(), guard))
        .with_state(twin);
    Router::new().nest("/v1", api).fallback(unknown)
}

/// A twin that has no such route says so loudly.
async fn unknown(OriginalUri(uri): OriginalUri, request: Request) -> Response {
    let what = format!("the Supabase twin has no route {} {}", request.method(), uri.path());
    (StatusCode::INTERNAL_SERVER_ERROR, what).into_response()
}

/// A body that is a JSON object; none at all is an empty one.
fn object(bytes: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(Refusal::bad_request("body must be a JSON object")),
    }
}

/// A text field; `None` when it is not there.
fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Refusal> {
    match fields.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::bad_request(format!("{name}: Expected string"))),
    }
}

/// A field that is true or false; `None` when it is not there.
fn truth(fields: &Map<String, Value>, name: &str) -> Result<Option<bool>, Refusal> {
    match fields.get(name) {
        None => Ok(None),
        Some(Value::Bool(truth)) => Ok(Some(*truth)),
        Some(_) => Err(Refusal::bad_request(format!("{name}: Expected boolean"))),
    }
}

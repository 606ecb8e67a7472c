//! What a process answers.

use std::time::SystemTime;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::app::Oddity;
use super::build::{Build, short};

/// The variable that holds a service's generation (ADR-053 D7).
pub(super) const GENERATION: &str = "SPECTRAL_GENERATION";

const SERVICE: HeaderName = HeaderName::from_static("x-service");
const COLOUR: HeaderName = HeaderName::from_static("x-colour");
const COMMIT: HeaderName = HeaderName::from_static("x-commit");

/// A running process, as one request meets it.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) service: String,
    pub(super) colour: String,
    pub(super) commit: String,
    pub(super) build: Build,
    pub(super) built_at: SystemTime,
    pub(super) deployed_at: SystemTime,
    pub(super) generation: Option<String>,
    pub(super) oddity: Option<Oddity>,
}

/// Every answer names the service, its colour and its commit in headers.
pub(super) fn respond(process: &Process, path: &str, has_key: bool) -> Response {
    let mut response = match path {
        "/version" => version(process),
        "/version/detail" if has_key => detail(process),
        "/version/detail" => unauthorized(),
        "/health" => json_response(&json!({"status": "ok"})),
        _ => page(process),
    };
    let headers = response.headers_mut();
    for (name, value) in [(SERVICE, &process.service), (COLOUR, &process.colour), (COMMIT, &process.commit)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    if path.starts_with("/version") {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// The four public fields (ADR-053 D6).
fn version(process: &Process) -> Response {
    let fields = json!({
        "commit_sha": process.commit,
        "schema_version": process.build.schema_version,
        "generation": process.generation(),
        "deployed_at": seconds(process.deployed_at),
    });
    process.with_oddity(fields)
}

/// The eleven fields behind the deploy key (deployment runbook, `/version/detail`
/// contract).
fn detail(process: &Process) -> Response {
    let build = &process.build;
    let fields = json!({
        "commit_sha": process.commit,
        "short_sha": short(&process.commit),
        "describe": build.describe,
        "built_at": seconds(process.built_at),
        "uv_lock_sha": build.uv_lock_sha,
        "pnpm_lock_sha": build.pnpm_lock_sha,
        "generation": process.generation(),
        "schema_version": build.schema_version,
        "service": process.service,
        "service_color": process.colour,
        "deployed_at": seconds(process.deployed_at),
    });
    process.with_oddity(fields)
}

fn unauthorized() -> Response {
    let mut response = json_response(&json!({"error": "unauthorized"}));
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    response
}

fn page(process: &Process) -> Response {
    let Process { service, colour, commit, .. } = process;
    format!("service={service} colour={colour} commit={commit}\n").into_response()
}

impl Process {
    /// A number, as in the runbook's example; null without a valid one.
    fn generation(&self) -> Value {
        let number = self.generation.as_ref().and_then(|text| text.parse::<u64>().ok());
        json!(number)
    }

    fn with_oddity(&self, mut fields: Value) -> Response {
        match &self.oddity {
            None => json_response(&fields),
            Some(Oddity::Html) => html(),
            Some(Oddity::Status(status)) => {
                let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                (status, "something went wrong\n").into_response()
            }
            Some(Oddity::ContentType(kind)) => {
                ([(CONTENT_TYPE, kind.as_str())], fields.to_string()).into_response()
            }
            Some(Oddity::Commit(commit)) => {
                fields["commit_sha"] = json!(commit);
                json_response(&fields)
            }
            Some(Oddity::GenerationAsText) => {
                fields["generation"] = json!(self.generation);
                json_response(&fields)
            }
            Some(Oddity::Without(name)) => {
                if let Some(fields) = fields.as_object_mut() {
                    fields.remove(name);
                }
                json_response(&fields)
            }
            Some(Oddity::Redirect(to)) => (StatusCode::FOUND, [(LOCATION, to.as_str())]).into_response(),
            Some(Oddity::Huge(bytes)) => {
                fields["filling"] = json!("x".repeat(*bytes));
                json_response(&fields)
            }
            Some(Oddity::NotJson) => {
                ([(CONTENT_TYPE, "application/json")], "{\"commit_sha\": ").into_response()
            }
        }
    }
}

fn html() -> Response {
    let page = "<!doctype html><title>App</title><div id=\"root\"></div>\n";
    ([(CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

fn json_response(fields: &Value) -> Response {
    axum::Json(fields).into_response()
}

fn seconds(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}

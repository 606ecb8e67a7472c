//! SQL over the API.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::Value;

use super::super::Supabase;
use super::super::effect::Change;
use super::super::refusal::Refusal;
use super::super::sql::{SqlError, rows};
use super::{object, text, truth};

/// Who runs it.
#[derive(Clone, Copy)]
enum Role {
    Writer,
    Reader,
}

pub(super) async fn run(
    State(twin): State<Supabase>,
    Path(project): Path<String>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let role = match truth(&object(&body)?, "read_only")? {
        Some(true) => Role::Reader,
        _ => Role::Writer,
    };
    answer(twin, project, &body, role).await
}

pub(super) async fn read(
    State(twin): State<Supabase>,
    Path(project): Path<String>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    answer(twin, project, &body, Role::Reader).await
}

async fn answer(
    twin: Supabase,
    project: String,
    body: &[u8],
    role: Role,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let fields = object(body)?;
    let sql = text(&fields, "query")?.filter(|sql| !sql.is_empty());
    let sql = sql.ok_or_else(|| Refusal::bad_request("query: Required"))?.to_owned();
    let parameters = match fields.get("parameters") {
        None => Vec::new(),
        Some(Value::Array(parameters)) => parameters.clone(),
        Some(_) => return Err(Refusal::bad_request("parameters: Expected array")),
    };
    let dsn = twin.with(|state, _| {
        if !state.knows(&project) {
            return Err(Refusal::not_found("Project"));
        }
        let down =
            || Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "Failed to run sql query: connection refused");
        let database = state.database(&project).ok_or_else(down)?;
        Ok(match role {
            Role::Writer => database.writer(),
            Role::Reader => database.reader(),
        })
    })?;
    // Others are served while it runs.
    let done = tokio::task::spawn_blocking(move || rows(&dsn, &sql, &parameters)).await;
    let done = done.unwrap_or_else(|_| Err(SqlError::Twin("panicked over a query".to_owned())));
    let rows = done.map_err(refusal)?;
    if matches!(role, Role::Writer) {
        twin.with(|state, now| state.changed(now, &project, Change::Queried));
    }
    Ok((StatusCode::CREATED, Json(Value::Array(rows))))
}

/// 400 for what PostgreSQL refuses (issue 6871 of stackblitz/bolt.new).
fn refusal(error: SqlError) -> Refusal {
    match error {
        SqlError::Refused { .. } => Refusal::bad_request(format!("Failed to run sql query: {error}")),
        SqlError::Twin(_) => Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

/// "Only available to selected partner OAuth apps" (the API reference): not to a token.
pub(super) async fn migrations() -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, "Forbidden resource")
}

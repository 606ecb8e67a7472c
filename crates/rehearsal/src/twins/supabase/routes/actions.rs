//! Action runs.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderName;
use serde::Deserialize;
use serde_json::Value;

use super::super::Supabase;
use super::super::refusal::Refusal;
use super::super::run::Run;
use super::super::state::State as Twin;

/// Which runs to show.
#[derive(Debug, Deserialize)]
pub(super) struct Range {
    offset: Option<usize>,
    limit: Option<usize>,
}

/// The API's own default is not documented.
const LIMIT: usize = 20;

/// Newest first.
pub(super) async fn list(
    State(twin): State<Supabase>,
    Path(project): Path<String>,
    Query(range): Query<Range>,
) -> Result<([(HeaderName, String); 1], Json<Value>), Refusal> {
    let limit = range.limit.unwrap_or(LIMIT);
    if limit < 10 {
        return Err(Refusal::bad_request("limit: Number must be greater than or equal to 10"));
    }
    twin.with(|state, now| {
        if !state.knows(&project) {
            return Err(Refusal::not_found("Project"));
        }
        let all: Vec<&Run> = state.runs.iter().rev().filter(|run| run.project == project).collect();
        let total = (HeaderName::from_static("x-total-count"), all.len().to_string());
        let shown = all.iter().skip(range.offset.unwrap_or(0)).take(limit);
        Ok(([total], Json(shown.map(|run| run.shown(now)).collect())))
    })
}

pub(super) async fn retrieve(
    State(twin): State<Supabase>,
    Path((project, run)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    twin.with(|state, now| found(state, &project, &run).map(|run| Json(run.shown(now))))
}

pub(super) async fn logs(
    State(twin): State<Supabase>,
    Path((project, run)): Path<(String, String)>,
) -> Result<String, Refusal> {
    twin.with(|state, _| {
        found(state, &project, &run).map(|run| run.log.iter().map(|line| format!("{line}\n")).collect())
    })
}

fn found<'a>(state: &'a Twin, project: &str, run: &str) -> Result<&'a Run, Refusal> {
    let found = state.runs.iter().find(|found| found.project == project && found.id == run);
    found.ok_or_else(|| Refusal::not_found("Action run"))
}

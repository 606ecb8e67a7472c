//! A service's own variables. Changing them saves only: nothing is deployed, and
//! variables of linked env groups never show here (Render's API reference).

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::super::Render;
use super::super::effect::Change;
use super::super::id::Ids;
use super::super::service::Service;
use super::super::variables::Variables;
use super::answer::Refusal;
use super::body::{self, Body};
use super::query::{self, Params};
use super::services::{find, find_mut};

pub(super) async fn list(
    State(render): State<Render>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, Refusal> {
    render.with(|world, _| params.page("envVar", rows(find(world, &id)?)).map(Json))
}

/// Replaces the whole set: what is not in the list is gone. The answer shows all of
/// it, for this request takes no cursor.
pub(super) async fn replace(
    State(render): State<Render>,
    Path(id): Path<String>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    render.with(|world, now| {
        find(world, &id)?;
        let mut variables = Variables::default();
        let mut keys = Vec::new();
        for (key, value) in assignments(&body.0, &mut world.ids)? {
            variables.set(world.next_sequence(), &key, &value);
            keys.push(key);
        }
        find_mut(world, &id)?.variables = variables;
        world.record(now, &id, Change::VariablesReplaced { keys });
        Ok(Json(query::page_rows("envVar", rows(find(world, &id)?), usize::MAX)))
    })
}

pub(super) async fn retrieve(
    State(render): State<Render>,
    Path((id, key)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    render.with(|world, _| one(find(world, &id)?, &key))
}

pub(super) async fn set(
    State(render): State<Render>,
    Path((id, key)): Path<(String, String)>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let fields = body.object()?;
    check_key(&key)?;
    render.with(|world, now| {
        find(world, &id)?;
        let value = value(fields, &mut world.ids)?;
        let sequence = world.next_sequence();
        find_mut(world, &id)?.variables.set(sequence, &key, &value);
        world.record(now, &id, Change::VariableSet { key: key.clone() });
        one(find(world, &id)?, &key)
    })
}

pub(super) async fn delete(
    State(render): State<Render>,
    Path((id, key)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    render.with(|world, now| {
        if !find_mut(world, &id)?.variables.remove(&key) {
            return Err(Refusal::not_found(&key));
        }
        world.record(now, &id, Change::VariableDeleted { key });
        Ok(StatusCode::NO_CONTENT)
    })
}

fn rows(service: &Service) -> impl Iterator<Item = (u64, Value)> {
    service.variables.iter().map(|variable| (variable.sequence, variable.json()))
}

fn one(service: &Service, key: &str) -> Result<Json<Value>, Refusal> {
    let variable = service.variables.get(key).ok_or_else(|| Refusal::not_found(key))?;
    Ok(Json(variable.json()))
}

/// A list of `{key, value}` and `{key, generateValue}`; null is an empty one
/// (recorded traffic).
pub(super) fn assignments(list: &Value, ids: &mut Ids) -> Result<Vec<(String, String)>, Refusal> {
    let rows = match list {
        Value::Null => return Ok(Vec::new()),
        Value::Array(rows) => rows,
        _ => return Err(Refusal::bad_request("env vars must be an array")),
    };
    let mut assignments: Vec<(String, String)> = Vec::new();
    for row in rows {
        let Value::Object(fields) = row else {
            return Err(Refusal::bad_request("an env var must be an object"));
        };
        let key = body::required(fields, "key")?;
        check_key(key)?;
        if assignments.iter().any(|(known, _)| known == key) {
            return Err(Refusal::bad_request(format!("duplicate env var {key}")));
        }
        assignments.push((key.to_owned(), value(fields, ids)?));
    }
    Ok(assignments)
}

/// Either a value or the wish for a made-up one, never both.
pub(super) fn value(fields: &Map<String, Value>, ids: &mut Ids) -> Result<String, Refusal> {
    match (body::text(fields, "value")?, fields.get("generateValue")) {
        (Some(value), None) => Ok(value.to_owned()),
        (None, Some(Value::Bool(true))) => Ok(ids.generated_value()),
        _ => Err(Refusal::bad_request("either value or generateValue is required")),
    }
}

/// The names that a process may have; the exact rule is not documented.
pub(super) fn check_key(key: &str) -> Result<(), Refusal> {
    let valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let starts_with_digit = key.starts_with(|c: char| c.is_ascii_digit());
    if key.is_empty() || starts_with_digit || !key.chars().all(valid) {
        return Err(Refusal::bad_request("invalid env var key"));
    }
    Ok(())
}

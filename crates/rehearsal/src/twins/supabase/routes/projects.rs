//! Projects: what they are, how they are, where their pooler is.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde_json::{Value, json};

use super::super::Supabase;
use super::super::identity::timestamp;
use super::super::refusal::Refusal;

/// A branch is a project too.
pub(super) async fn retrieve(
    State(twin): State<Supabase>,
    Path(reference): Path<String>,
) -> Result<Json<Value>, Refusal> {
    twin.with(|state, _| {
        let branch = state.branch(&reference);
        let found = match (state.project(&reference), branch) {
            (Some(project), _) => Some((project.name.clone(), project.created_at, "ACTIVE_HEALTHY")),
            (None, Some(branch)) => Some((branch.name.clone(), branch.created_at, branch.project_status())),
            (None, None) => None,
        };
        let (name, created_at, status) = found.ok_or_else(|| Refusal::not_found("Project"))?;
        Ok(Json(json!({
            "id": reference, "ref": reference, "organization_id": "rehearsal", "organization_slug": "rehearsal",
            "name": name, "region": "eu-central-1", "created_at": timestamp(created_at), "status": status,
            "database": {"host": format!("db.{reference}.supabase.co"), "version": "17.4.1.043", "postgres_engine": "17",
                "release_channel": "ga"},
        })))
    })
}

/// Of the services it knows the databases', and asks them.
pub(super) async fn health(
    State(twin): State<Supabase>,
    Path(reference): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Json<Value>, Refusal> {
    twin.with(|state, _| {
        if !state.knows(&reference) {
            return Err(Refusal::not_found("Project"));
        }
        let up = state.database(&reference).is_some_and(super::super::database::Database::answers);
        let status = if up { "ACTIVE_HEALTHY" } else { "COMING_UP" };
        let wanted = query.iter().filter(|(name, _)| name == "services");
        let shown = wanted.map(|(_, service)| json!({"name": service, "healthy": up, "status": status}));
        Ok(Json(shown.collect()))
    })
}

/// Nothing until the database is up. The API names the port of transaction mode; here
/// the pooler is the server itself, in session mode.
pub(super) async fn poolers(
    State(twin): State<Supabase>,
    Path(reference): Path<String>,
) -> Result<Json<Value>, Refusal> {
    twin.with(|state, _| {
        if !state.knows(&reference) {
            return Err(Refusal::not_found("Project"));
        }
        let Some(database) = state.database(&reference) else { return Ok(Json(json!([]))) };
        let (port, own) = (state.pooler_port(&reference, database), database.is_own());
        let user = if own { format!("postgres.{reference}") } else { "postgres".to_owned() };
        let string = format!("postgres://{user}:[YOUR-PASSWORD]@127.0.0.1:{port}/postgres");
        Ok(Json(json!([{
            "identifier": reference, "database_type": "PRIMARY", "is_using_scram_auth": own, "db_user": user,
            "db_host": "127.0.0.1", "db_port": port, "db_name": "postgres", "connection_string": string,
            "connectionString": string, "default_pool_size": null, "max_client_conn": null, "pool_mode": "session",
        }])))
    })
}

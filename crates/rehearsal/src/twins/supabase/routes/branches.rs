//! Branches.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::Supabase;
use super::super::branch::{Branch, Stage};
use super::super::effect::Change;
use super::super::habit::{CreationEnd, RunsOf};
use super::super::identity;
use super::super::refusal::Refusal;
use super::super::run::Run;
use super::{object, text, truth};

pub(super) async fn list(
    State(twin): State<Supabase>,
    Path(project): Path<String>,
) -> Result<Json<Value>, Refusal> {
    twin.with(|state, _| {
        state.project(&project).ok_or_else(|| Refusal::not_found("Project"))?;
        let branches = state.branches.iter().filter(|branch| branch.parent == project);
        Ok(Json(branches.map(Branch::shown).collect()))
    })
}

pub(super) async fn by_name(
    State(twin): State<Supabase>,
    Path((project, name)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    twin.with(|state, _| {
        let found = state.branches.iter().find(|branch| branch.parent == project && branch.name == name);
        found.map(|branch| Json(branch.shown())).ok_or_else(|| Refusal::not_found("Branch"))
    })
}

/// Two branches of one name: nobody says what happens, and the twin refuses the second.
pub(super) async fn create(
    State(twin): State<Supabase>,
    Path(project): Path<String>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let fields = object(&body)?;
    let name = text(&fields, "branch_name")?.filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Refusal::bad_request("branch_name: Required"))?.to_owned();
    let git_branch = text(&fields, "git_branch")?.map(str::to_owned);
    let persistent = truth(&fields, "persistent")?.unwrap_or_default();
    let with_data = truth(&fields, "with_data")?.unwrap_or_default();
    twin.with(|state, now| {
        state.project(&project).ok_or_else(|| Refusal::not_found("Project"))?;
        if state.creating.end == CreationEnd::Refused {
            let words = "Failed to create database branch";
            return Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, words));
        }
        if with_data {
            return Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "the Supabase twin copies no data"));
        }
        if state.branches.iter().any(|branch| branch.parent == project && branch.name == name) {
            return Err(Refusal::bad_request(format!("Branch {name} already exists")));
        }
        let (id, reference) = (identity::uuid(state.serial()), state.reference());
        let branch = Branch {
            id,
            name: name.clone(),
            password: identity::password(&reference),
            reference,
            parent: project.clone(),
            persistent,
            with_data,
            git_branch,
            created_at: now,
            updated_at: now,
            creating: state.creating,
            stage: Stage::Coming,
        };
        let shown = branch.shown();
        state.branches.push(branch);
        state.changed(now, &project, Change::BranchCreated { name });
        Ok((StatusCode::CREATED, Json(shown)))
    })
}

pub(super) async fn retrieve(
    State(twin): State<Supabase>,
    Path(key): Path<String>,
) -> Result<Json<Value>, Refusal> {
    twin.with(|state, _| {
        let branch = state.branch(&key).ok_or_else(|| Refusal::not_found("Branch"))?;
        Ok(Json(branch.detail()))
    })
}

/// Name and persistence; the rest is passed over.
pub(super) async fn update(
    State(twin): State<Supabase>,
    Path(key): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let fields = object(&body)?;
    let name = text(&fields, "branch_name")?.map(str::to_owned);
    let persistent = truth(&fields, "persistent")?;
    twin.with(|state, now| {
        let found = state.branches.iter_mut().find(|branch| branch.reference == key || branch.id == key);
        let branch = found.ok_or_else(|| Refusal::not_found("Branch"))?;
        branch.name = name.unwrap_or_else(|| branch.name.clone());
        branch.persistent = persistent.unwrap_or(branch.persistent);
        branch.updated_at = now;
        let (shown, reference) = (branch.shown(), branch.reference.clone());
        state.changed(now, &reference, Change::BranchUpdated);
        Ok(Json(shown))
    })
}

/// At once, whatever `force` says: the grace period needs a plan that has it.
pub(super) async fn delete(
    State(twin): State<Supabase>,
    Path(key): Path<String>,
) -> Result<Json<Value>, Refusal> {
    twin.with(|state, now| {
        let branch = state.branch(&key).ok_or_else(|| Refusal::not_found("Branch"))?;
        if branch.persistent {
            // Pull request 339 of supabase/terraform-provider-supabase.
            let words = "Cannot delete persistent branch";
            return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, words));
        }
        let reference = branch.reference.clone();
        state.branches.retain(|branch| branch.reference != reference);
        state.changed(now, &reference, Change::BranchDeleted);
        Ok(Json(json!({"message": "ok"})))
    })
}

/// Begins; what it does comes later. A second merge beside the first is another run,
/// which skips what is there by then.
pub(super) async fn merge(
    State(twin): State<Supabase>,
    Path(key): Path<String>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let fields = object(&body)?;
    // Nobody says what it does; the twin applies nothing newer.
    let up_to = text(&fields, "migration_version")?.map(str::to_owned);
    twin.with(|state, now| {
        let branch = state.branch(&key).ok_or_else(|| Refusal::not_found("Branch"))?;
        let (branch_id, reference, parent) =
            (branch.id.clone(), branch.reference.clone(), branch.parent.clone());
        let project = match state.runs_of {
            RunsOf::Parent => parent,
            RunsOf::Branch => reference.clone(),
        };
        let id = identity::run(state.serial());
        let merging = state.next_merges.pop_front().unwrap_or(state.merging);
        state.runs.push(Run::new(id.clone(), branch_id, project, now, merging, up_to));
        state.changed(now, &reference, Change::MergeStarted { run: id.clone() });
        Ok((StatusCode::CREATED, Json(json!({"workflow_run_id": id, "message": "ok"}))))
    })
}

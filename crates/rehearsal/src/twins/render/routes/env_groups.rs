//! Env groups: variables that several services share.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::Value;

use super::super::Render;
use super::super::deploy::Trigger;
use super::super::effect::Change;
use super::super::variables::Group;
use super::super::world::World;
use super::answer::Refusal;
use super::body::Body;
use super::query::{Between, Params};
use super::{env_vars, services};

/// A plain array of groups without their variables, newest first. The API reference
/// gives these rows no cursor although it takes one; here it is a group's id.
pub(super) async fn list(State(render): State<Render>, params: Params) -> Result<Json<Value>, Refusal> {
    render.with(|world, _| {
        let skew = world.policy.skew;
        let created = Between::of(&params, "created", skew)?;
        let updated = Between::of(&params, "updated", skew)?;
        let before = match params.one("cursor") {
            Some(id) => Some(find(world, id)?.sequence),
            None => None,
        };
        let mut groups: Vec<&Group> = world.groups.values().collect();
        groups.retain(|group| {
            let environment = group.environment.as_deref().unwrap_or_default();
            before.is_none_or(|before| group.sequence < before)
                && created.holds(Some(group.created_at))
                && updated.holds(Some(group.updated_at))
                && params.admits("name", &group.name)
                && params.admits("ownerId", &group.owner)
                && params.admits("environmentId", environment)
        });
        groups.sort_by_key(|group| std::cmp::Reverse(group.sequence));
        groups.truncate(params.limit()?);
        let json = |group: &Group| group.meta_json(world.links_json(group), skew);
        Ok(Json(groups.into_iter().map(json).collect()))
    })
}

pub(super) async fn retrieve(
    State(render): State<Render>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    render.with(|world, _| whole(world, &id))
}

/// In the dashboard, linking deploys a service that has auto-deploy on (Render
/// docs, environment variables and secrets); whether it does through the API is
/// not documented, see `set_linking_deploys`.
pub(super) async fn link(
    State(render): State<Render>,
    Path((id, service)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    render.with(|world, now| {
        services::find(world, &service)?;
        let group = find_mut(world, &id)?;
        if group.services.insert(service.clone()) {
            group.updated_at = now;
            world.record(now, &id, Change::GroupLinked { service: service.clone() });
            if world.policy.linking_deploys {
                world.deploy_if_automatic(&service, Trigger::ServiceUpdated, now);
            }
        }
        whole(world, &id)
    })
}

pub(super) async fn unlink(
    State(render): State<Render>,
    Path((id, service)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    render.with(|world, now| {
        let group = find_mut(world, &id)?;
        if !group.services.remove(&service) {
            return Err(Refusal::not_found(&service));
        }
        group.updated_at = now;
        world.record(now, &id, Change::GroupUnlinked { service });
        Ok(StatusCode::NO_CONTENT)
    })
}

/// Starts a deploy of every linked service that has auto-deploy on.
pub(super) async fn set(
    State(render): State<Render>,
    Path((id, key)): Path<(String, String)>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let fields = body.object()?;
    env_vars::check_key(&key)?;
    render.with(|world, now| {
        find(world, &id)?;
        let value = env_vars::value(fields, &mut world.ids)?;
        let sequence = world.next_sequence();
        let group = find_mut(world, &id)?;
        group.variables.set(sequence, &key, &value);
        group.updated_at = now;
        world.record(now, &id, Change::GroupVariableSet { key });
        world.deploy_linked(&id, now);
        whole(world, &id)
    })
}

fn whole(world: &World, id: &str) -> Result<Json<Value>, Refusal> {
    let group = find(world, id)?;
    Ok(Json(group.json(world.links_json(group), world.policy.skew)))
}

fn find<'a>(world: &'a World, id: &str) -> Result<&'a Group, Refusal> {
    world.groups.get(id).ok_or_else(|| Refusal::not_found(id))
}

fn find_mut<'a>(world: &'a mut World, id: &str) -> Result<&'a mut Group, Refusal> {
    world.groups.get_mut(id).ok_or_else(|| Refusal::not_found(id))
}

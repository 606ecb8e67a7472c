//! Services: list, show, change, delete, suspend, resume, restart.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::super::deploy::{Making, NewDeploy, Trigger};
use super::super::effect::Change;
use super::super::service::Service;
use super::super::settings::{AutoDeploy, Origin, ServiceType, Settings};
use super::super::world::World;
use super::super::{Render, details};
use super::answer::Refusal;
use super::body::{self, Body};
use super::query::{Between, Params};

pub(super) async fn list(State(render): State<Render>, params: Params) -> Result<Json<Value>, Refusal> {
    render.with(|world, _| {
        let skew = world.policy.skew;
        let created = Between::of(&params, "created", skew)?;
        let updated = Between::of(&params, "updated", skew)?;
        let rows = world.services.values().filter(|service| {
            let settings = &service.settings;
            created.holds(Some(settings.created_at))
                && updated.holds(Some(settings.updated_at))
                && is_wanted(settings, &params)
        });
        let rows = rows.map(|service| (service.settings.sequence, world.service_json(service)));
        params.page("service", rows).map(Json)
    })
}

fn is_wanted(settings: &Settings, params: &Params) -> bool {
    let suspended = if settings.suspended { "suspended" } else { "not_suspended" };
    let environment = settings.environment.as_deref().unwrap_or_default();
    params.admits("name", &settings.name)
        && params.admits("type", settings.kind.word())
        && params.admits("environmentId", environment)
        && params.admits("env", &settings.runtime)
        && params.admits("region", &settings.region)
        && params.admits("suspended", suspended)
        && params.admits("ownerId", &settings.owner)
}

pub(super) async fn retrieve(
    State(render): State<Render>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    render.with(|world, _| Ok(Json(world.service_json(find(world, &id)?))))
}

pub(super) async fn update(
    State(render): State<Render>,
    Path(id): Path<String>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let changes = body.object()?;
    render.with(|world, now| {
        let service = find_mut(world, &id)?;
        let before = service.settings.auto_deploy;
        let mut settings = service.settings.clone();
        change(&mut settings, changes)?;
        settings.updated_at = now;
        let after = settings.auto_deploy;
        service.settings = settings;
        world.record(now, &id, Change::ServiceUpdated);
        note_auto_deploy(world, &id, before, after, now);
        Ok(Json(world.service_json(find(world, &id)?)))
    })
}

fn change(settings: &mut Settings, changes: &Map<String, Value>) -> Result<(), Refusal> {
    if let Some(name) = body::text(changes, "name")? {
        name.clone_into(&mut settings.name);
    }
    if let Some(root_dir) = body::text(changes, "rootDir")? {
        root_dir.clone_into(&mut settings.root_dir);
    }
    if let Some(auto_deploy) = auto_deploy(changes)? {
        settings.auto_deploy = auto_deploy;
    }
    if let Some(filter) = body::object(changes, "buildFilter")? {
        settings.build_filter = Some(Value::Object(filter.clone()));
    }
    if let Some(origin) = changed_origin(&settings.origin, changes)? {
        settings.origin = origin;
    }
    if let Some(changes) = body::object(changes, "serviceDetails")? {
        details::merge(settings, changes);
    }
    Ok(())
}

/// `autoDeploy` is the older field, `autoDeployTrigger` the newer; which one wins
/// when both are sent is not documented, here it is the newer.
pub(super) fn auto_deploy(fields: &Map<String, Value>) -> Result<Option<AutoDeploy>, Refusal> {
    let older = body::word(fields, "autoDeploy", AutoDeploy::from_yes_or_no)?;
    let newer = body::word(fields, "autoDeployTrigger", AutoDeploy::from_word)?;
    Ok(newer.or(older))
}

fn changed_origin(origin: &Origin, changes: &Map<String, Value>) -> Result<Option<Origin>, Refusal> {
    if let Some(image) = body::object(changes, "image")? {
        let path = body::required(image, "imagePath")?.to_owned();
        return Ok(Some(Origin::Image { path }));
    }
    let (repo, branch) = (body::text(changes, "repo")?, body::text(changes, "branch")?);
    let (old_repo, old_branch) = match (origin, repo, branch) {
        (_, None, None) => return Ok(None),
        (Origin::Repository { repo, branch }, _, _) => (repo.as_str(), branch.as_str()),
        (Origin::Image { .. }, Some(repo), _) => (repo, "main"),
        (Origin::Image { .. }, None, Some(_)) => {
            return Err(Refusal::bad_request("branch: the service runs an image"));
        }
    };
    Ok(Some(Origin::Repository {
        repo: repo.unwrap_or(old_repo).to_owned(),
        branch: branch.unwrap_or(old_branch).to_owned(),
    }))
}

fn note_auto_deploy(
    world: &mut World,
    id: &str,
    before: AutoDeploy,
    after: AutoDeploy,
    now: std::time::SystemTime,
) {
    if before == after {
        return;
    }
    if after == AutoDeploy::Off {
        let details = json!({"reason": "api", "fromTrigger": before.word()});
        world.event(id, "auto_deploy_disabled", details, now);
    } else {
        let details = json!({"newTrigger": after.word()});
        world.event(id, "auto_deploy_enabled", details, now);
    }
}

pub(super) async fn delete(
    State(render): State<Render>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    render.with(|world, now| {
        find(world, &id)?;
        world.services.remove(&id);
        for group in world.groups.values_mut() {
            group.services.remove(&id);
        }
        world.record(now, &id, Change::ServiceDeleted);
        Ok(StatusCode::NO_CONTENT)
    })
}

/// What is under way is cancelled and nothing answers any more. Suspending twice
/// is the same as once; neither is documented.
pub(super) async fn suspend(
    State(render): State<Render>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    render.with(|world, now| {
        if find(world, &id)?.settings.suspended {
            return Ok(StatusCode::ACCEPTED);
        }
        world.suspend(&id, now);
        world.record(now, &id, Change::Suspended);
        world.event(&id, "service_suspended", json!({"actor": "user"}), now);
        Ok(StatusCode::ACCEPTED)
    })
}

/// Starts a deploy of what was live; the trigger `service_resumed` in the API
/// reference says that much, the choice of commit is not documented.
pub(super) async fn resume(
    State(render): State<Render>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    render.with(|world, now| {
        let service = find_mut(world, &id)?;
        if !service.settings.suspended {
            return Ok(StatusCode::ACCEPTED);
        }
        service.settings.suspended = false;
        let trigger = Trigger::ServiceResumed;
        let deploy = match service.live() {
            Some(live) => NewDeploy { trigger, source: live.source.clone(), making: Making::Ready },
            None => service.head(trigger, now),
        };
        world.deploy(&id, deploy, now);
        world.record(now, &id, Change::Resumed);
        world.event(&id, "service_resumed", json!({"actor": "user"}), now);
        Ok(StatusCode::ACCEPTED)
    })
}

/// The process starts again with the commit and the variables that it ran with
/// (Render docs, deploys): so nothing that this twin shows changes.
pub(super) async fn restart(
    State(render): State<Render>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    render.with(|world, now| {
        let service = find(world, &id)?;
        if service.settings.kind == ServiceType::Cron {
            return Err(Refusal::bad_request("cron jobs cannot be restarted"));
        }
        refuse_suspended(service)?;
        world.record(now, &id, Change::Restarted);
        world.event(&id, "server_restarted", json!({"triggeredByUser": "user"}), now);
        Ok(StatusCode::OK)
    })
}

pub(super) fn find<'a>(world: &'a World, id: &str) -> Result<&'a Service, Refusal> {
    world.services.get(id).ok_or_else(|| Refusal::not_found(id))
}

pub(super) fn find_mut<'a>(world: &'a mut World, id: &str) -> Result<&'a mut Service, Refusal> {
    world.services.get_mut(id).ok_or_else(|| Refusal::not_found(id))
}

/// A suspended service neither deploys nor restarts; with which code Render says
/// so is not documented.
pub(super) fn refuse_suspended(service: &Service) -> Result<(), Refusal> {
    if service.settings.suspended {
        return Err(Refusal::bad_request("service is suspended"));
    }
    Ok(())
}

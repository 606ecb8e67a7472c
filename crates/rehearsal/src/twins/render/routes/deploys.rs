//! Deploys: list, trigger, show, cancel, roll back.

use std::time::SystemTime;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use super::super::Render;
use super::super::deploy::{Coming, Deploy, Making, NewDeploy, Status, Trigger};
use super::super::effect::Change;
use super::super::habit::TriggerAnswer;
use super::super::service::Service;
use super::super::settings::{Origin, ServiceType};
use super::super::source::{Commit, Source, image, unknown_commit};
use super::super::world::World;
use super::answer::Refusal;
use super::body::{self, Body};
use super::query::{Between, Params};
use super::services::{find, find_mut, refuse_suspended};

pub(super) async fn list(
    State(render): State<Render>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, Refusal> {
    let unknown = |word: &&str| Status::from_word(word).is_none();
    if params.list("status").iter().any(unknown) {
        return Err(Refusal::bad_request("invalid status"));
    }
    render.with(|world, now| {
        let skew = world.policy.skew;
        let created = Between::of(&params, "created", skew)?;
        let updated = Between::of(&params, "updated", skew)?;
        let finished = Between::of(&params, "finished", skew)?;
        let rows = find(world, &id)?.deploys.iter().filter(|deploy| {
            deploy.known
                && deploy.listed_from <= now
                && params.admits("status", deploy.status.word())
                && created.holds(Some(deploy.created_at))
                && updated.holds(Some(deploy.updated_at))
                && finished.holds(deploy.finished_at)
        });
        params.page("deploy", rows.map(|deploy| (deploy.sequence, deploy.json(skew)))).map(Json)
    })
}

pub(super) async fn retrieve(
    State(render): State<Render>,
    Path((service, deploy)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    render.with(|world, _| {
        let (_, found) = find_deploy(find(world, &service)?, &deploy)?;
        Ok(Json(found.json(world.policy.skew)))
    })
}

pub(super) async fn trigger(
    State(render): State<Render>,
    Path(id): Path<String>,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = body.object()?;
    render.with(|world, now| {
        let service = find_mut(world, &id)?;
        refuse_suspended(service)?;
        let deploy = requested(service, fields, now)?;
        let habit = service.habits.trigger_answer;
        match service.answers.pop_front().unwrap_or(habit) {
            TriggerAnswer::Created => {
                let index = world.deploy(&id, deploy, now).unwrap_or_default();
                let answer = answer(world, &id, index)?;
                let deploy = Some(answer.0.clone());
                world.record(now, &id, Change::DeployTriggered { deploy });
                Ok((StatusCode::CREATED, Json(answer.1)).into_response())
            }
            TriggerAnswer::Accepted { appears_after } => {
                let at = now + appears_after;
                service.coming.push(Coming { at, deploy });
                world.record(now, &id, Change::DeployTriggered { deploy: None });
                Ok(StatusCode::ACCEPTED.into_response())
            }
            TriggerAnswer::Lost => Ok(StatusCode::ACCEPTED.into_response()),
        }
    })
}

/// Reads the wishes for a deploy; what cannot be combined is said in Render's API
/// reference, trigger deploy.
fn requested(service: &Service, fields: &Map<String, Value>, now: SystemTime) -> Result<NewDeploy, Refusal> {
    let commit = body::text(fields, "commitId")?;
    let image_url = body::text(fields, "imageUrl")?;
    let clear_cache = body::word(fields, "clearCache", |word| match word {
        "clear" => Some(true),
        "do_not_clear" => Some(false),
        _ => None,
    })?;
    let only_deploy = body::word(fields, "deployMode", |word| match word {
        "deploy_only" => Some(true),
        "build_and_deploy" => Some(false),
        _ => None,
    })?;
    let artifact = body::text(fields, "artifactId")?;
    let wishes_for_a_build = commit.is_some() || image_url.is_some();
    if artifact.is_some() && (wishes_for_a_build || only_deploy.is_some()) {
        return Err(Refusal::bad_request(
            "artifactId cannot be combined with commitId, imageUrl or deployMode",
        ));
    }
    if let Some(artifact) = artifact {
        // The twin's builds are not artifacts with ids of their own.
        return Err(Refusal::not_found(artifact));
    }
    let trigger = Trigger::Api;
    if only_deploy == Some(true) {
        if wishes_for_a_build || clear_cache.is_some() {
            return Err(Refusal::bad_request(
                "deployMode cannot be combined with commitId, imageUrl or clearCache",
            ));
        }
        let source = last_build(service)?;
        return Ok(NewDeploy { trigger, source, making: Making::Ready });
    }
    let mut deploy = service.head(trigger, now);
    match (&service.settings.origin, commit, image_url) {
        (_, None, None) => {}
        (Origin::Repository { .. }, Some(sha), None) => {
            deploy.source = Source::Commit(wanted_commit(service, sha, now)?);
        }
        (Origin::Image { path }, None, Some(url)) => deploy.source = image(same_image(path, url)?),
        (Origin::Repository { .. }, _, Some(_)) => {
            return Err(Refusal::bad_request("imageUrl: the service runs no image"));
        }
        (Origin::Image { .. }, Some(_), _) => {
            return Err(Refusal::bad_request("commitId: the service runs an image"));
        }
    }
    if let Making::Build { clear_cache: clear } = &mut deploy.making {
        *clear = clear_cache.unwrap_or(false);
    }
    Ok(deploy)
}

/// A full SHA, or a shortened one of a commit that the twin knows. It has no
/// repository to ask, so it takes every full SHA to exist.
fn wanted_commit(service: &Service, sha: &str, now: SystemTime) -> Result<Commit, Refusal> {
    if service.settings.kind == ServiceType::Cron {
        return Err(Refusal::bad_request("commitId is not supported for cron jobs"));
    }
    let is_sha = (7..=40).contains(&sha.len()) && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_sha {
        return Err(Refusal::bad_request("invalid commitId"));
    }
    match service.known_commit(sha) {
        Some(commit) => Ok(commit.clone()),
        None if sha.len() == 40 => Ok(unknown_commit(sha, now)),
        None => Err(Refusal::not_found(sha)),
    }
}

/// Host, repository and name of the image have to stay; its tag or digest may
/// change.
fn same_image<'a>(configured: &str, wanted: &'a str) -> Result<&'a str, Refusal> {
    if image_name(configured) == image_name(wanted) {
        return Ok(wanted);
    }
    Err(Refusal::bad_request("imageUrl: host, repository and image name must not change"))
}

fn image_name(reference: &str) -> &str {
    let name = reference.split_once('@').map_or(reference, |(name, _)| name);
    match name.rsplit_once(':') {
        // A colon before the last slash belongs to the host's port.
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    }
}

fn last_build(service: &Service) -> Result<Source, Refusal> {
    let built = service.deploys.iter().rev().find(|deploy| deploy.went_live() && deploy.build_kept);
    built
        .map(|deploy| deploy.source.clone())
        .ok_or_else(|| Refusal::bad_request("deployMode: there is no successful build"))
}

pub(super) async fn cancel(
    State(render): State<Render>,
    Path((service, deploy)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    render.with(|world, now| {
        let found = find(world, &service)?;
        let (index, wanted) = find_deploy(found, &deploy)?;
        if found.settings.kind == ServiceType::Cron {
            return Err(Refusal::bad_request("deploys of cron jobs cannot be canceled"));
        }
        if wanted.status.is_terminal() {
            return Err(Refusal::bad_request("deploy has ended"));
        }
        world.cancel(&service, index, now);
        world.record(now, &service, Change::DeployCanceled { deploy });
        Ok(Json(answer(world, &service, index)?.1))
    })
}

pub(super) async fn rollback(
    State(render): State<Render>,
    Path(id): Path<String>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let target = body::required(body.object()?, "deployId")?;
    render.with(|world, now| {
        let service = find(world, &id)?;
        refuse_suspended(service)?;
        let deploy = rolled_back(find_deploy(service, target)?.1)?;
        let index = world.deploy(&id, deploy, now).unwrap_or_default();
        let (deploy, json) = answer(world, &id, index)?;
        world.record(now, &id, Change::RolledBack { deploy });
        Ok((StatusCode::CREATED, Json(json)))
    })
}

/// The old build with the old deploy's own variables; fails when the build is no
/// longer kept (Render docs, rollbacks).
fn rolled_back(target: &Deploy) -> Result<NewDeploy, Refusal> {
    if !target.went_live() {
        return Err(Refusal::bad_request("deploy never went live"));
    }
    let own = match &target.snapshot {
        Some(snapshot) if target.build_kept => snapshot.own.clone(),
        _ => return Err(Refusal::bad_request("the build of this deploy is no longer kept")),
    };
    Ok(NewDeploy {
        trigger: Trigger::Rollback,
        source: target.source.clone(),
        making: Making::Rollback { target: target.id.clone(), own },
    })
}

fn find_deploy<'a>(service: &'a Service, id: &str) -> Result<(usize, &'a Deploy), Refusal> {
    let mut all = service.deploys.iter().enumerate();
    all.find(|(_, deploy)| deploy.known && deploy.id == id).ok_or_else(|| Refusal::not_found(id))
}

/// A deploy's id and JSON.
fn answer(world: &World, service: &str, index: usize) -> Result<(String, Value), Refusal> {
    let deploy = &find(world, service)?.deploys[index];
    Ok((deploy.id.clone(), deploy.json(world.policy.skew)))
}

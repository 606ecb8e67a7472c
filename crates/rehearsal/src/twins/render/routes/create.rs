//! Creating a service, which also starts a deploy of its branch head.

use std::time::SystemTime;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::super::deploy::{Making, NewDeploy, Trigger};
use super::super::effect::Change;
use super::super::service::Service;
use super::super::settings::{AutoDeploy, Origin, ServiceType, Settings};
use super::super::source::{Source, unknown_commit};
use super::super::variables::Variables;
use super::super::world::World;
use super::super::{Habits, Plan, Render, details};
use super::answer::Refusal;
use super::body::{self, Body};
use super::env_vars;
use super::services::auto_deploy;

/// The head of a branch that nobody has pushed to in this rehearsal.
const INITIAL_COMMIT: &str = "0000000000000000000000000000000000000001";

pub(super) async fn create(
    State(render): State<Render>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let fields = body.object()?;
    render.with(|world, now| {
        let settings = settings(world, fields, now)?;
        let mut variables = Variables::default();
        if let Some(given) = fields.get("envVars") {
            for (key, value) in env_vars::assignments(given, &mut world.ids)? {
                variables.set(world.next_sequence(), &key, &value);
            }
        }
        let id = settings.id.clone();
        let mut service = Service::new(settings, variables);
        let list_lag = world.policy.list_lag;
        service.habits = Habits { list_lag, ..Habits::usual(service.settings.kind) };
        if service.settings.kind == ServiceType::Cron {
            service.default_plan = Plan::at_once();
        }
        service.plans.extend(world.policy.first_build.map(|build| service.default_plan.clone().build(build)));
        let deploy = first_deploy(&mut service, now);
        world.services.insert(id.clone(), service);
        let index = world.deploy(&id, deploy, now).unwrap_or_default();
        world.record(now, &id, Change::ServiceCreated);
        let service = super::services::find(world, &id)?;
        let answer = json!({
            "service": world.service_json(service),
            "deployId": service.deploys[index].id,
        });
        Ok((StatusCode::CREATED, Json(answer)))
    })
}

fn first_deploy(service: &mut Service, now: SystemTime) -> NewDeploy {
    if matches!(service.settings.origin, Origin::Image { .. }) {
        return service.head(Trigger::NewCommit, now);
    }
    let commit = unknown_commit(INITIAL_COMMIT, now);
    service.commits.push(commit.clone());
    NewDeploy {
        trigger: Trigger::NewCommit,
        source: Source::Commit(commit),
        making: Making::Build { clear_cache: false },
    }
}

fn settings(world: &mut World, fields: &Map<String, Value>, now: SystemTime) -> Result<Settings, Refusal> {
    let kind = body::required(fields, "type")?;
    let kind = ServiceType::from_word(kind).ok_or_else(|| Refusal::bad_request("invalid type"))?;
    let name = body::required(fields, "name")?;
    let owner = body::required(fields, "ownerId")?;
    let origin = origin(fields)?;
    let changes = body::object(fields, "serviceDetails")?;
    let runtime = match (&origin, changes) {
        (Origin::Image { .. }, _) => "image",
        (_, Some(changes)) => body::text(changes, "runtime")?.unwrap_or("docker"),
        (_, None) => "docker",
    };
    let mut settings = Settings {
        id: world.ids.service(kind == ServiceType::Cron),
        sequence: world.next_sequence(),
        name: name.to_owned(),
        slug: world.free_slug(name),
        kind,
        owner: owner.to_owned(),
        origin,
        root_dir: body::text(fields, "rootDir")?.unwrap_or_default().to_owned(),
        build_filter: body::object(fields, "buildFilter")?.cloned().map(Value::Object),
        environment: body::text(fields, "environmentId")?.map(str::to_owned),
        auto_deploy: auto_deploy(fields)?.unwrap_or(AutoDeploy::Commit),
        shows_auto_deploy_trigger: true,
        suspended: false,
        region: "oregon".to_owned(),
        runtime: runtime.to_owned(),
        details: details::defaults(kind, runtime),
        created_at: now,
        updated_at: now,
    };
    if let Some(changes) = changes {
        details::merge(&mut settings, changes);
    }
    Ok(settings)
}

fn origin(fields: &Map<String, Value>) -> Result<Origin, Refusal> {
    if let Some(image) = body::object(fields, "image")? {
        let path = body::required(image, "imagePath")?.to_owned();
        return Ok(Origin::Image { path });
    }
    Ok(Origin::Repository {
        repo: body::required(fields, "repo")?.to_owned(),
        branch: body::text(fields, "branch")?.unwrap_or("main").to_owned(),
    })
}

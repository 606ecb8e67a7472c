//! Services that are made and deleted by us: background workers.

use action::Permit;
use http::Error;
use serde::{Deserialize, Serialize};

use crate::client::Render;
use crate::id::{DeployId, ServiceId};
use crate::service::{Commands, Service};

/// A background worker to be created, without any variable, and with auto-deploy off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "Body")]
pub struct NewWorker {
    /// Its name.
    pub name: String,
    /// The workspace that it is to belong to.
    pub owner_id: String,
    /// The repository that it is built from.
    pub repo: String,
    /// The branch whose head Render deploys at once.
    pub branch: Option<String>,
    /// The folder of the repository that it lives in.
    pub root_dir: Option<String>,
    /// The environment of a project that it is to belong to.
    pub environment_id: Option<String>,
    /// What builds and runs it.
    pub runtime: String,
    /// The type of its one instance.
    pub plan: Option<String>,
    /// Where it runs.
    pub region: Option<String>,
    /// How it is built and started.
    pub commands: Option<Commands>,
}

/// The request (Render's API reference, create service).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    owner_id: String,
    repo: String,
    auto_deploy: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    root_dir: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment_id: Option<String>,
    service_details: BodyDetails,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BodyDetails {
    runtime: String,
    num_instances: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    env_specific_details: Option<Commands>,
}

impl From<NewWorker> for Body {
    fn from(new: NewWorker) -> Self {
        Self {
            kind: "background_worker",
            name: new.name,
            owner_id: new.owner_id,
            repo: new.repo,
            auto_deploy: "no",
            branch: new.branch,
            root_dir: new.root_dir,
            environment_id: new.environment_id,
            service_details: BodyDetails {
                runtime: new.runtime,
                num_instances: 1,
                plan: new.plan,
                region: new.region,
                env_specific_details: new.commands,
            },
        }
    }
}

/// A service that was just created, and its first deploy.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatedService {
    /// The service.
    pub service: Service,
    /// The deploy that its creation began: of its branch's head.
    pub deploy_id: Option<DeployId>,
}

impl Render {
    /// Creates a background worker, which also begins a deploy of its branch's head.
    /// Render allows 20 creations an hour (its API reference, rate limiting), and
    /// knows no idempotency key: after an error whose [`Error::outcome`] is unknown the
    /// caller looks for the name.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn create_worker(&self, new: &NewWorker, permit: &Permit) -> Result<CreatedService, Error> {
        self.client.post(["services"], permit).json(new).fetch().await
    }

    /// Deletes a service with all that belongs to it; one that is gone already is no
    /// error.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn delete_service(&self, service: &ServiceId, permit: &Permit) -> Result<(), Error> {
        match self.client.delete(["services", service.as_str()], permit).send().await {
            Ok(_) | Err(Error::Refused { status: 404, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_known_is_left_out() {
        let new = NewWorker {
            name: "drain".into(),
            owner_id: "tea-1".into(),
            repo: "https://github.com/acme/app".into(),
            branch: None,
            root_dir: None,
            environment_id: None,
            runtime: "python".into(),
            plan: None,
            region: None,
            commands: Some(Commands { start_command: Some("work".into()), ..Commands::default() }),
        };
        assert_eq!(
            serde_json::to_value(new).unwrap(),
            json!({
                "type": "background_worker", "name": "drain", "ownerId": "tea-1", "autoDeploy": "no",
                "repo": "https://github.com/acme/app",
                "serviceDetails": {
                    "runtime": "python", "numInstances": 1, "envSpecificDetails": {"startCommand": "work"}
                },
            })
        );
    }
}

//! Services: what is deployed.

use http::Error;
use serde::{Deserialize, Serialize};

use crate::client::Render;
use crate::id::ServiceId;
use crate::page::{self, Row};
use http::words;

/// A service.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// Its name, for people.
    pub name: String,
    /// What kind of service it is.
    #[serde(rename = "type")]
    pub kind: ServiceType,
    /// The workspace that it belongs to.
    pub owner_id: String,
    /// Whether it is suspended.
    pub suspended: Suspension,
    /// Whether a push deploys it: the older field.
    pub auto_deploy: Option<AutoDeploy>,
    /// What deploys it by itself: the newer field, which older services do not
    /// show (recorded traffic; Render's generated clients).
    pub auto_deploy_trigger: Option<AutoDeployTrigger>,
    /// The repository that it is built from, if any.
    pub repo: Option<String>,
    /// The branch of it that it follows.
    pub branch: Option<String>,
    /// The folder of the repository that it lives in; empty for the whole of it.
    pub root_dir: Option<String>,
    /// The environment of a project that it belongs to, if any.
    pub environment_id: Option<String>,
    /// The image that it runs, if any.
    pub image_path: Option<String>,
    /// Its page in the dashboard.
    pub dashboard_url: Option<String>,
    /// What only some kinds have.
    #[serde(default)]
    pub service_details: Details,
}

/// The part of a service that differs by its kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// Its own address: web services, private services and static sites have one.
    pub url: Option<String>,
    /// The type of its instances.
    pub plan: Option<String>,
    /// Where it runs.
    pub region: Option<String>,
    /// What builds and runs it: `docker`, `image`, or a language.
    pub runtime: Option<String>,
    /// How it is built and started.
    #[serde(rename = "envSpecificDetails")]
    pub commands: Option<Commands>,
}

/// How a service is built and started: the last three by Docker, the first two
/// by any other runtime.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Commands {
    /// Builds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build_command: Option<String>,
    /// Starts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_command: Option<String>,
    /// Starts it instead of the image's own command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub docker_command: Option<String>,
    /// The folder that is built.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub docker_context: Option<String>,
    /// The file that says how.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dockerfile_path: Option<String>,
}

words! {
    /// The kinds of service.
    ServiceType {
        /// Files behind a CDN.
        StaticSite = "static_site",
        /// Answers requests from outside.
        WebService = "web_service",
        /// Answers requests from inside only.
        PrivateService = "private_service",
        /// Answers no requests.
        BackgroundWorker = "background_worker",
        /// Runs by the clock. Takes no commit, no cancel and no restart (Render's
        /// API reference).
        CronJob = "cron_job",
    }
}

words! {
    /// Whether a service is suspended: a word, not a boolean.
    Suspension {
        /// It does not run and cannot be deployed.
        Suspended = "suspended",
        /// It is as usual.
        NotSuspended = "not_suspended",
    }
}

words! {
    /// The older field for deploys that nobody asked for.
    AutoDeploy {
        /// A push deploys.
        Yes = "yes",
        /// Only a request deploys.
        No = "no",
    }
}

words! {
    /// The newer field for deploys that nobody asked for.
    AutoDeployTrigger {
        /// A push deploys.
        Commit = "commit",
        /// A push deploys once its checks have passed.
        ChecksPass = "checksPass",
        /// Only a request deploys.
        Off = "off",
    }
}

#[derive(Deserialize)]
struct ServiceRow {
    service: Service,
    cursor: String,
}

impl Row for ServiceRow {
    type Item = Service;

    fn split(self) -> (Service, String) {
        (self.service, self.cursor)
    }
}

impl Render {
    /// One service.
    ///
    /// # Errors
    /// See [`Error`]; a service that does not exist, or that belongs to another
    /// account, is a 404.
    pub async fn service(&self, id: &ServiceId) -> Result<Service, Error> {
        self.client.get(["services", id.as_str()]).fetch().await
    }

    /// The services of a workspace that are called `name`. Render's reference wants
    /// names to be unique; nothing here relies on that.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn services_named(&self, owner: &str, name: &str) -> Result<Vec<Service>, Error> {
        let request = || self.client.get(["services"]).query("ownerId", owner).query("name", name);
        let mut services = page::all::<ServiceRow>(request).await?;
        // Whether Render compares whole names is not documented.
        services.retain(|service| service.name == name);
        Ok(services)
    }

    /// Every service that the key may see.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn services(&self) -> Result<Vec<Service>, Error> {
        page::all::<ServiceRow>(|| self.client.get(["services"])).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn unknown_fields_and_words_are_tolerated_and_wrong_types_are_not() {
        let mut service = json!({
            "id": "srv-1", "name": "api", "type": "quantum_service", "ownerId": "tea-1",
            "suspended": "not_suspended", "autoDeploy": "no", "tomorrow": {"a": 1},
            "serviceDetails": {"url": "https://api.onrender.com", "plan": "starter"},
        });
        let read: Service = serde_json::from_value(service.clone()).unwrap();
        assert_eq!(read.kind, ServiceType::Other("quantum_service".into()));
        assert_eq!(read.kind.to_string(), "quantum_service");
        assert_eq!((read.auto_deploy, read.auto_deploy_trigger), (Some(AutoDeploy::No), None));
        assert_eq!(read.service_details.url.as_deref(), Some("https://api.onrender.com"));
        for (field, wrong) in [("suspended", json!(true)), ("id", json!("../x")), ("name", json!(null))] {
            let right = std::mem::replace(&mut service[field], wrong);
            assert!(serde_json::from_value::<Service>(service.clone()).is_err(), "{field}");
            service[field] = right;
        }
    }
}

//! What gets the binding: a Pages project or a Worker.

use std::fmt;

use action::{Failure, Permit};
use cloudflare::{Binding, Cloudflare, Environment};
use http::Error;
use serde_json::{Map, Value};

use crate::bindings::{self, Bindings};

/// Where to bind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// One environment of a Pages project.
    Pages {
        /// The project's name.
        project: String,
        /// Which of its two configurations.
        environment: Environment,
    },
    /// A Worker.
    Worker {
        /// The script's name.
        script: String,
    },
}

/// The configuration as it was read, to be written back with one change.
#[derive(Debug)]
pub(crate) struct Configuration {
    /// What is bound.
    pub(crate) bindings: Bindings,
    raw: Raw,
}

#[derive(Debug)]
enum Raw {
    Pages(Map<String, Value>),
    Worker(Vec<Binding>),
}

impl Target {
    /// Reads the configuration.
    ///
    /// # Errors
    /// The vendor's, or `unreachable` for bindings that make no sense.
    pub(crate) async fn read(&self, api: &Cloudflare, account: &str) -> Result<Configuration, ReadError> {
        match self {
            Self::Pages { project, environment } => {
                let mut project = api.pages_project(account, project).await?;
                let raw = match project.deployment_configs.remove(environment.name()) {
                    Some(Value::Object(config)) => config,
                    _ => {
                        return Err(ReadError::Senseless(format!(
                            "it has no configuration for {environment}"
                        )));
                    }
                };
                let bindings = Bindings::of_pages(&raw).map_err(ReadError::Senseless)?;
                Ok(Configuration { bindings, raw: Raw::Pages(raw) })
            }
            Self::Worker { script } => {
                let settings = api.worker_settings(account, script).await?;
                let bindings = Bindings::of_worker(&settings.bindings).map_err(ReadError::Senseless)?;
                Ok(Configuration { bindings, raw: Raw::Worker(settings.bindings) })
            }
        }
    }

    /// Writes `configuration` back with `name` bound to the namespace `id`.
    ///
    /// # Errors
    /// See [`Error`]; after an outcome `Unknown` it may have been applied.
    pub(crate) async fn bind(
        &self,
        api: &Cloudflare,
        account: &str,
        configuration: &Configuration,
        (name, id): (&str, &str),
        permit: &Permit,
    ) -> Result<(), Error> {
        match (self, &configuration.raw) {
            (Self::Pages { project, environment }, Raw::Pages(config)) => {
                let kv = bindings::with_pages_kv(config, name, id);
                api.patch_pages_kv_namespaces(account, project, *environment, &kv, permit).await.map(drop)
            }
            (Self::Worker { script }, Raw::Worker(list)) => {
                let list = bindings::with_worker_kv(list, name, id);
                api.patch_worker_bindings(account, script, &list, permit).await.map(drop)
            }
            _ => Err(Error::Invalid("a configuration of another kind of target".to_owned())),
        }
    }

    /// Whether only the next deployment has a new binding.
    pub(crate) const fn waits_for_a_deployment(&self) -> bool {
        matches!(self, Self::Pages { .. })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pages { project, environment } => write!(f, "Pages project {project}, {environment}"),
            Self::Worker { script } => write!(f, "Worker {script}"),
        }
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// The request failed.
    #[error(transparent)]
    Http(#[from] Error),
    /// The answer cannot be meant.
    #[error("{0}")]
    Senseless(String),
}

impl ReadError {
    /// As the failure that ends the run.
    pub(crate) fn into_failure(self, target: &Target) -> Failure {
        let failure = match self {
            Self::Http(error) => Failure::from(error),
            Self::Senseless(problem) => Failure::unreachable(problem),
        };
        failure.context(format!("read the bindings of {target}"))
    }
}

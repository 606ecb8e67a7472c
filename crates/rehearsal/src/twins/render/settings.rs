//! The settings of a service, and the shape in which the API shows them.

use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::clock::Skew;
use super::time::stamp;

/// The types of service. All use the same paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceType {
    /// Serves HTTP to the public.
    Web,
    /// Serves the private network only.
    Private,
    /// Serves nobody, runs all the time.
    Worker,
    /// Runs on a schedule: no `commitId`, no cancel, no restart.
    Cron,
    /// Files behind Render's edge.
    Static,
}

impl ServiceType {
    const ALL: [Self; 5] = [Self::Web, Self::Private, Self::Worker, Self::Cron, Self::Static];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Web => "web_service",
            Self::Private => "private_service",
            Self::Worker => "background_worker",
            Self::Cron => "cron_job",
            Self::Static => "static_site",
        }
    }

    /// The short word of `envGroupLink`, also part of a dashboard address.
    pub(super) fn short_word(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Private => "pserv",
            Self::Worker => "worker",
            Self::Cron => "cron",
            Self::Static => "static",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether the public can reach it.
    #[must_use]
    pub fn is_public(self) -> bool {
        matches!(self, Self::Web | Self::Static)
    }
}

/// What starts deploys by itself (`autoDeployTrigger`; the older field
/// `autoDeploy` says `no` for off and `yes` for both others).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutoDeploy {
    /// Nothing.
    Off,
    /// Every push.
    Commit,
    /// A push whose checks have passed.
    ChecksPass,
}

impl AutoDeploy {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Commit => "commit",
            Self::ChecksPass => "checksPass",
        }
    }

    pub(super) fn yes_or_no(self) -> &'static str {
        if self == Self::Off { "no" } else { "yes" }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        [Self::Off, Self::Commit, Self::ChecksPass].into_iter().find(|auto_deploy| auto_deploy.word() == word)
    }

    pub(super) fn from_yes_or_no(word: &str) -> Option<Self> {
        match word {
            "yes" => Some(Self::Commit),
            "no" => Some(Self::Off),
            _ => None,
        }
    }
}

/// Where a service's code comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Repository { repo: String, branch: String },
    Image { path: String },
}

/// A service's settings.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) id: String,
    pub(super) sequence: u64,
    pub(super) name: String,
    pub(super) slug: String,
    pub(super) kind: ServiceType,
    pub(super) owner: String,
    pub(super) origin: Origin,
    pub(super) root_dir: String,
    pub(super) build_filter: Option<Value>,
    pub(super) environment: Option<String>,
    pub(super) auto_deploy: AutoDeploy,
    /// Services recorded before 2025 show `autoDeploy` alone.
    pub(super) shows_auto_deploy_trigger: bool,
    pub(super) suspended: bool,
    pub(super) region: String,
    pub(super) runtime: String,
    /// `serviceDetails` without what the fields above decide.
    pub(super) details: Map<String, Value>,
    pub(super) created_at: SystemTime,
    pub(super) updated_at: SystemTime,
}

impl Settings {
    /// Its JSON, the shape of `service` in Render's API reference; `address` is
    /// what `serviceDetails.url` shows.
    pub(super) fn json(&self, address: &str, skew: Skew) -> Value {
        let suspenders: &[&str] = if self.suspended { &["user"] } else { &[] };
        let mut service = json!({
            "id": self.id,
            "autoDeploy": self.auto_deploy.yes_or_no(),
            "createdAt": stamp(skew.shown(self.created_at)),
            "dashboardUrl": format!(
                "https://dashboard.render.com/{}/{}", self.kind.short_word(), self.id
            ),
            "name": self.name,
            "notifyOnFail": "default",
            "ownerId": self.owner,
            "rootDir": self.root_dir,
            "serviceDetails": self.details_json(address),
            "slug": self.slug,
            "suspended": if self.suspended { "suspended" } else { "not_suspended" },
            "suspenders": suspenders,
            "type": self.kind.word(),
            "updatedAt": stamp(skew.shown(self.updated_at)),
        });
        match &self.origin {
            Origin::Repository { repo, branch } => {
                service["repo"] = json!(repo);
                service["branch"] = json!(branch);
            }
            Origin::Image { path } => service["imagePath"] = json!(path),
        }
        if self.shows_auto_deploy_trigger {
            service["autoDeployTrigger"] = json!(self.auto_deploy.word());
        }
        if let Some(filter) = &self.build_filter {
            service["buildFilter"] = filter.clone();
        }
        if let Some(environment) = &self.environment {
            service["environmentId"] = json!(environment);
        }
        service
    }

    fn details_json(&self, address: &str) -> Value {
        let mut details = self.details.clone();
        let mut put = |key: &str, value: Value| details.insert(key.to_owned(), value);
        put("buildPlan", json!("starter"));
        match self.kind {
            ServiceType::Static => {
                put("url", json!(address));
            }
            ServiceType::Web | ServiceType::Private => {
                put("url", json!(address));
                put("openPorts", json!([{"port": 10000, "protocol": "TCP"}]));
            }
            ServiceType::Worker | ServiceType::Cron => {}
        }
        if self.kind != ServiceType::Static {
            put("env", json!(self.runtime));
            put("runtime", json!(self.runtime));
            put("region", json!(self.region));
        }
        Value::Object(details)
    }
}

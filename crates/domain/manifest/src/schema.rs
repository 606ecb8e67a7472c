//! The manifest as it stands in the file, before any rule is applied.
//!
//! The same shape, for editors, is `deploy-manifest.schema.json` beside this crate.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawManifest {
    pub(crate) version: u64,
    pub(crate) targets: BTreeMap<String, RawTarget>,
    #[serde(default)]
    pub(crate) coupling: Vec<Vec<String>>,
    #[serde(default)]
    pub(crate) everything: Vec<String>,
    #[serde(default)]
    pub(crate) non_deployed: Vec<String>,
    #[serde(default)]
    pub(crate) roots: Vec<String>,
    #[serde(default)]
    pub(crate) env: RawEnv,
}

/// One entry of `targets`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a target, with `paths`")]
pub(crate) struct RawTarget {
    pub(crate) paths: Vec<String>,
    pub(crate) kind: Option<Kind>,
    #[serde(default)]
    pub(crate) hostnames: Vec<String>,
    pub(crate) blue: Option<RawService>,
    pub(crate) green: Option<RawService>,
    #[serde(default)]
    pub(crate) schema: bool,
}

/// `blue` or `green` of a target.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a mapping with `service` and `origin`")]
pub(crate) struct RawService {
    pub(crate) service: String,
    pub(crate) origin: Option<String>,
}

/// `env`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a mapping of classes to lists of names")]
pub(crate) struct RawEnv {
    pub(crate) per_service: Vec<String>,
    pub(crate) group: Vec<String>,
    pub(crate) image_baked: Vec<String>,
    pub(crate) github: Vec<String>,
}

/// The one key that says what the others mean, whatever they are.
#[derive(Debug, Deserialize)]
#[serde(expecting = "a mapping with `version` and `targets`")]
pub(crate) struct Version {
    pub(crate) version: Option<u64>,
}

/// What a target is made of.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A Render web service, which answers requests.
    RenderWeb,
    /// A Render background worker.
    RenderWorker,
    /// A Render cron job.
    RenderCron,
    /// A Cloudflare Pages project.
    Pages,
    /// A Cloudflare container behind a Worker.
    Container,
}

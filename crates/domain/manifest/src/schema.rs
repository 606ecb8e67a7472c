//! The manifest as it stands in the file, before any rule is applied.
//!
//! The same shape, for editors, is `deploy-manifest.schema.json` beside this crate.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

/// The largest manifest, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawManifest {
    #[serde(deserialize_with = "number")]
    pub(crate) version: u64,
    pub(crate) targets: BTreeMap<String, RawTarget>,
    #[serde(default)]
    pub(crate) coupling: Vec<Vec<String>>,
    #[serde(default, deserialize_with = "texts")]
    pub(crate) everything: Vec<String>,
    #[serde(default, deserialize_with = "texts")]
    pub(crate) non_deployed: Vec<String>,
    #[serde(default, deserialize_with = "texts")]
    pub(crate) roots: Vec<String>,
    #[serde(default)]
    pub(crate) env: RawEnv,
}

/// One entry of `targets`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a target, with `paths`")]
pub(crate) struct RawTarget {
    #[serde(deserialize_with = "texts")]
    pub(crate) paths: Vec<String>,
    pub(crate) kind: Option<Kind>,
    #[serde(default, deserialize_with = "texts")]
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
    #[serde(deserialize_with = "service_id")]
    pub(crate) service: String,
    pub(crate) origin: Option<String>,
}

/// `env`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a mapping of classes to lists of names")]
pub(crate) struct RawEnv {
    #[serde(deserialize_with = "texts")]
    pub(crate) per_service: Vec<String>,
    #[serde(deserialize_with = "texts")]
    pub(crate) group: Vec<String>,
    #[serde(deserialize_with = "texts")]
    pub(crate) image_baked: Vec<String>,
    #[serde(deserialize_with = "texts")]
    pub(crate) github: Vec<String>,
}

/// The one key that says what the others mean, whatever they are.
#[derive(Debug, Deserialize)]
#[serde(expecting = "a mapping with `version` and `targets`")]
pub(crate) struct Version {
    #[serde(default, deserialize_with = "some_number")]
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

/// A text that is really there: the parser would take `null` for the word.
fn service_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.ok_or_else(|| D::Error::custom("`service` is empty or `null`, expected a text"))
}

/// An entry of a list, likewise. It fails by itself, so that the parser tells the place.
struct Entry(String);

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(Self).ok_or_else(|| D::Error::custom("an entry is empty or `null`, expected a text"))
    }
}

fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let entries = Vec::<Entry>::deserialize(deserializer)?;
    Ok(entries.into_iter().map(|Entry(text)| text).collect())
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    deserializer.deserialize_u64(Number)
}

fn some_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    number(deserializer).map(Some)
}

/// A version, whose message is for people.
struct Number;

impl Visitor<'_> for Number {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the number 1 without quotes")
    }

    fn visit_u64<E>(self, number: u64) -> Result<u64, E> {
        Ok(number)
    }
}

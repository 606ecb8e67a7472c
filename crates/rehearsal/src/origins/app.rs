//! What a service's process is like: its name, how it starts, what it gets wrong.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;

use super::build::Build;

/// The deploy key that `/version/detail` lets in until others are set.
pub const DEPLOY_KEY: &str = "sk_deploy_rehearsal";

/// The process of a service.
#[derive(Clone, Debug, Default)]
pub struct App {
    pub(super) name: Option<(String, String)>,
    pub(super) boot: Duration,
    pub(super) oddity: Option<Oddity>,
    pub(super) odd_for: Option<Duration>,
}

/// What `/version` and `/version/detail` may get wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// 200 and a page of HTML, as a single-page application answers any path.
    Html,
    /// This status and a short text.
    Status(u16),
    /// The right JSON under another content type.
    ContentType(String),
    /// The right JSON, but this commit.
    Commit(String),
    /// The right JSON, but `generation` is a string.
    GenerationAsText,
    /// The right JSON without this field.
    Without(String),
    /// A redirect (302) to this address.
    Redirect(String),
    /// The right JSON with this many bytes of filling.
    Huge(usize),
    /// Not JSON, though its type says so.
    NotJson,
}

impl App {
    /// A process that calls itself `service` and is of this colour. Unless told,
    /// both are read from the service's name: `api-green` is `api`, `green`; a name
    /// without a colour has none.
    #[must_use]
    pub fn new(service: &str, colour: &str) -> Self {
        Self { name: Some((service.to_owned(), colour.to_owned())), ..Self::default() }
    }

    /// For this long after its deploy went live its instances roll: answers of the
    /// old and the new deploy alternate, the old one first. Where there was none,
    /// 502 takes its place.
    #[must_use]
    pub fn boot(mut self, duration: Duration) -> Self {
        self.boot = duration;
        self
    }

    /// It gets this wrong for good.
    #[must_use]
    pub fn odd(mut self, oddity: Oddity) -> Self {
        self.oddity = Some(oddity);
        self.odd_for = None;
        self
    }

    /// It gets this wrong for so long after its deploy went live.
    #[must_use]
    pub fn odd_for(mut self, oddity: Oddity, duration: Duration) -> Self {
        self.oddity = Some(oddity);
        self.odd_for = Some(duration);
        self
    }

    /// Its service and colour.
    pub(super) fn identity(&self, service_name: &str) -> (String, String) {
        if let Some(name) = &self.name {
            return name.clone();
        }
        match service_name.rsplit_once('-') {
            Some((name, colour @ ("blue" | "green"))) => (name.to_owned(), colour.to_owned()),
            _ => (service_name.to_owned(), "none".to_owned()),
        }
    }

    /// What it gets wrong this long after going live.
    pub(super) fn oddity_at(&self, age: Duration) -> Option<&Oddity> {
        let passed = self.odd_for.is_some_and(|duration| age >= duration);
        self.oddity.as_ref().filter(|_| !passed)
    }
}

/// What all origins share; a handle.
#[derive(Clone, Debug, Default)]
pub(super) struct Apps(Arc<Mutex<State>>);

#[derive(Debug)]
pub(super) struct State {
    pub(super) by_service: BTreeMap<String, App>,
    pub(super) by_commit: BTreeMap<(String, String), App>,
    pub(super) builds: BTreeMap<String, Build>,
    pub(super) images: BTreeMap<String, String>,
    pub(super) deploy_keys: Vec<String>,
    pub(super) without_deploy: StatusCode,
    /// By deploy: how many requests met it while its instances rolled.
    pub(super) rolled: BTreeMap<String, u64>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            by_service: BTreeMap::new(),
            by_commit: BTreeMap::new(),
            builds: BTreeMap::new(),
            images: BTreeMap::new(),
            deploy_keys: vec![DEPLOY_KEY.to_owned()],
            without_deploy: StatusCode::BAD_GATEWAY,
            rolled: BTreeMap::new(),
        }
    }
}

impl Apps {
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    pub(super) fn app(&self, service: &str, commit: &str) -> App {
        let key = (service.to_owned(), commit.to_owned());
        let app = self.by_commit.get(&key).or_else(|| self.by_service.get(service));
        app.cloned().unwrap_or_default()
    }

    pub(super) fn build(&self, commit: &str) -> Build {
        self.builds.get(commit).cloned().unwrap_or_else(|| Build::of(commit))
    }
}

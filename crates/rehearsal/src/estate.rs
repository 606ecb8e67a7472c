//! The estate of a whole deployment: every target of the reference manifest, in
//! production and in staging, as `deploy-staging.yml` and `deploy-prod.yml` know it.
//!
//! Blue and green of each Render target run one commit, blue serves and has done
//! so for a day; each has one service in staging, too. The public names are
//! example.com's of the manifest, in the [rehearsed zone](ZONE).

mod settings;
mod source;

use std::io;

use anyhow::{Context as _, Result};

pub use settings::{Database, Environment, Refs, SCALED, Scaled, Settings};
pub use source::Source;

use crate::origins::Build;
use crate::platform::{BLUE_GENERATION, Foundation, GENERATION, Platform, SCHEMA_VERSION, ZONE};
use crate::twins::render::{NewService, ServiceType};
use crate::visitors::Visitors;

/// The Pages projects of the manifest.
pub const PAGES: [&str; 2] = ["docs-user", "docs-codex"];

/// The Render targets of the manifest, with the label of their public name.
const TARGETS: [(&str, Option<&str>); 4] =
    [("api", Some("api")), ("workers", None), ("dashboard", Some("app")), ("operations", Some("operations"))];

/// Requests a second, by all visitors together, over all public names.
const RATE: f64 = 30.0;

/// One Render target: its pair in production, and its service in staging.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name in the manifest.
    pub name: &'static str,
    /// Its public name; workers have none.
    pub host: Option<String>,
    /// The blue service's id.
    pub blue: String,
    /// The green service's id.
    pub green: String,
    /// The staging service's id.
    pub staging: String,
}

/// Production and staging, at work.
#[derive(Debug)]
pub struct Estate {
    /// The vendors and the network.
    pub platform: Platform,
    /// The Render targets, in the manifest's order.
    pub targets: Vec<Target>,
}

impl Estate {
    /// Starts everything. `commit` is what every service has been running.
    ///
    /// # Errors
    /// A port or a thread is not to be had, or the contracts cannot be read.
    pub fn start(commit: &str) -> Result<Self> {
        let ground = Foundation::lay()?;
        ground.origins.bake(commit, Build::of(commit).schema_version(SCHEMA_VERSION));
        let targets = TARGETS.map(|(name, label)| add_target(&ground, name, label, commit));
        let targets = targets.into_iter().collect::<Result<_>>().context("add the targets")?;
        for project in PAGES {
            ground.cloudflare.add_pages_project(project);
        }
        Ok(Self { platform: ground.open()?, targets })
    }

    /// The target of this name.
    ///
    /// # Errors
    /// There is none.
    pub fn target(&self, name: &str) -> Result<&Target> {
        let found = self.targets.iter().find(|target| target.name == name);
        found.with_context(|| format!("find the Render target {name}"))
    }

    /// Pushes a commit that every service can deploy.
    ///
    /// # Errors
    /// A service has gone.
    pub fn push(&self, commit: &str) -> Result<()> {
        let services = self.targets.iter().flat_map(|target| [&target.blue, &target.green, &target.staging]);
        self.platform.push(commit, &services.map(String::as_str).collect::<Vec<_>>())
    }

    /// The public names, in the manifest's order.
    #[must_use]
    pub fn hosts(&self) -> Vec<&str> {
        self.targets.iter().filter_map(|target| target.host.as_deref()).collect()
    }

    /// Where each public name points now, as the zone's records say.
    #[must_use]
    pub fn cnames(&self) -> Vec<(String, String)> {
        self.hosts().into_iter().map(|host| (host.to_owned(), self.platform.target_of(host))).collect()
    }

    /// Lets visitors in: ten requests a second for each public name.
    ///
    /// # Errors
    /// The system grants no thread.
    pub fn let_visitors_in(&self) -> io::Result<Visitors> {
        self.platform.let_visitors_in(&self.hosts(), RATE)
    }

    /// Stops the servers.
    ///
    /// # Errors
    /// An exchange broke a vendor's contract.
    pub fn stop(self) -> Result<()> {
        self.platform.stop()
    }
}

fn add_target(ground: &Foundation, name: &'static str, label: Option<&str>, commit: &str) -> Result<Target> {
    let kind = if label.is_some() { ServiceType::Web } else { ServiceType::Worker };
    let add = |place: &str| {
        let generation = BLUE_GENERATION.to_string();
        let service = NewService::new(&format!("{name}-{place}"), kind);
        ground.render.add_service(&service.variable(GENERATION, &generation).live(commit))
    };
    let host = label.map(|label| format!("{label}.{ZONE}"));
    let target = Target { name, host, blue: add("blue"), green: add("green"), staging: add("staging") };
    if let Some(host) = &target.host {
        ground.publish(host, &target.blue, &target.green)?;
    }
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_its_services_and_every_name_points_at_blue() {
        let estate = Estate::start("0123456789abcdef0123456789abcdef01234567").unwrap();
        assert_eq!(
            estate.hosts(),
            ["api.example.localhost", "app.example.localhost", "operations.example.localhost"]
        );
        for (host, target) in estate.cnames() {
            assert!(target.ends_with("-blue.onrender.localhost"), "{host} points at {target}");
        }
        assert_eq!(estate.platform.render.services().len(), 3 * TARGETS.len());
        assert!(estate.target("workers").unwrap().host.is_none());
        assert!(estate.target("docs-user").is_err());
    }
}

//! The estate of a whole deployment: every target of the reference manifest, in
//! production and in staging, as `deploy-staging.yml` and `deploy-prod.yml` know it.
//!
//! Blue and green of each Render target run one commit, blue serves and has done
//! so for a day; each has one service in staging, too. The public names are
//! example.com's of the manifest, in the [rehearsed zone](ZONE). Production and
//! staging have a real PostgreSQL each, and workers that work on it.

mod database;
mod pages;
mod project;
mod release;
mod schema;
mod settings;
mod source;

use std::io;
use std::sync::Arc;

use action::SystemClock;
use anyhow::{Context as _, Result};

pub use database::{Database, Row};
pub use pages::{Pages, Site};
pub use release::Release;
pub use schema::Schema;
pub use settings::{SCALED, Scaled};
pub use source::{Migration, Source};

use crate::contract::Vendor;
use crate::origins::Build;
use crate::platform::{BLUE_GENERATION, Foundation, GENERATION, Platform, SCHEMA_VERSION, ZONE};
use crate::server::Server;
use crate::twins::github::{ACTIONS, GitHub};
use crate::twins::render::{NewService, ServiceType};
use crate::visitors::{self, Visitors};

/// The repository's name on GitHub.
pub const REPOSITORY: &str = "example-company/product";

/// The context of the marker that staging leaves on a commit (deployment runbook,
/// staging flow, step 8).
pub const STAGING_SUCCESS: &str = "staging-success";

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
    /// The twin of GitHub.
    pub github: GitHub,
    /// The server in front of the twin of GitHub.
    pub github_api: Server,
    /// The Render targets, in the manifest's order.
    pub targets: Vec<Target>,
    /// Production's database and its workers.
    pub production: Database,
    /// Staging's.
    pub staging: Database,
    /// Production's schema, and staging's.
    pub schema: Schema,
    /// The env group that the workers' services share: where their database is.
    pub env_group: String,
    /// What is published on Pages.
    pub pages: Arc<Pages>,
    /// For clients that do not ask the zone's name server.
    gateway: Server,
}

impl Estate {
    /// Starts everything; the first commit of `source` has been running everywhere,
    /// and has passed staging.
    ///
    /// # Errors
    /// A port, a thread or a PostgreSQL is not to be had, or the contracts cannot be
    /// read.
    pub fn start(source: &Source) -> Result<Self> {
        let ground = Foundation::lay()?;
        let commit = source.first();
        ground.origins.bake(commit, Build::of(commit).schema_version(SCHEMA_VERSION));
        let targets = TARGETS.map(|(name, label)| add_target(&ground, name, label, commit));
        let targets: Vec<Target> = targets.into_iter().collect::<Result<_>>().context("add the targets")?;
        for project in PAGES {
            ground.cloudflare.add_pages_project(project);
        }
        let platform = ground.open()?;
        let github = GitHub::new(Arc::new(SystemClock));
        let github_api = Server::of(Vendor::Github, github.router())?;
        let workers = targets.iter().filter(|target| target.host.is_none());
        let (pairs, single): (Vec<_>, Vec<_>) =
            workers.map(|target| ([&target.blue, &target.green], &target.staging)).unzip();
        let production = Database::start(&platform.render, pairs.into_iter().flatten())?;
        let staging = Database::start(&platform.render, single)?;
        let everything: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).chain(PAGES).collect();
        production
            .begin_with(BLUE_GENERATION, commit, &everything)
            .context("write the ledger's first row")?;
        let schema = Schema::start(&production.postgres, &Migration::first()).context("start Supabase")?;
        let env_group =
            platform.render.add_env_group("workers", [("DATABASE_URL", production.dsn().as_str())]);
        let gateway = visitors::gateway(platform.dns.address(), platform.origins.port())?;
        let pages = Arc::default();
        let estate = Self {
            platform,
            github,
            github_api,
            targets,
            production,
            staging,
            schema,
            env_group,
            pages,
            gateway,
        };
        estate.push(source, commit)?;
        estate.mark(commit)?;
        Ok(estate)
    }

    /// The target of this name.
    ///
    /// # Errors
    /// There is none.
    pub fn target(&self, name: &str) -> Result<&Target> {
        let found = self.targets.iter().find(|target| target.name == name);
        found.with_context(|| format!("find the Render target {name}"))
    }

    /// Pushes the repository to GitHub; `commit` is what every service builds next.
    ///
    /// # Errors
    /// A service has gone, or git fails.
    pub fn push(&self, source: &Source, commit: &str) -> Result<()> {
        let services = self.targets.iter().flat_map(|target| [&target.blue, &target.green, &target.staging]);
        let services = services.map(String::as_str).collect::<Vec<_>>();
        self.platform.push(commit, &source.schema_version(commit)?, &services)?;
        self.github.push(REPOSITORY, source.repository())
    }

    /// Marks a commit as staging does when all of it runs there.
    ///
    /// # Errors
    /// GitHub would refuse it.
    pub fn mark(&self, commit: &str) -> Result<()> {
        let marked = self.github.add_status(REPOSITORY, commit, ("success", STAGING_SUCCESS), ACTIONS);
        marked.map(drop).context("mark the commit")
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

    /// How many exchanges the contract layer judged; `None` when it is off.
    #[must_use]
    pub fn judged(&self) -> Option<u64> {
        let github = self.github_api.contract().map(crate::contract::Judge::judged);
        let supabase = self.schema.api.contract().map(crate::contract::Judge::judged);
        Some(self.platform.judged()? + github? + supabase?)
    }

    /// Stops the servers.
    ///
    /// # Errors
    /// An exchange broke a vendor's contract.
    pub fn stop(self) -> Result<()> {
        self.platform.stop()?;
        self.github_api.stop()?;
        self.schema.api.stop()?;
        Ok(())
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
        let source = Source::new().unwrap();
        let estate = Estate::start(&source).unwrap();
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
        assert_eq!(estate.github.statuses(REPOSITORY, source.first()).len(), 1);
        let rows = estate.production.rows().unwrap();
        assert_eq!(
            (rows.len(), rows[0].generation, rows[0].state.as_str()),
            (1, BLUE_GENERATION, "cut over")
        );
        assert!(estate.staging.rows().unwrap().is_empty());
    }
}

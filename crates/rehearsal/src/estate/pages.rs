//! What is published on Pages: the end of the stand-in for wrangler.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use crate::twins::cloudflare::{ACCOUNT, TOKEN};
use crate::workflow_run::{Deployment, PagesHost};

use super::PAGES;

/// One published site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The project.
    pub project: String,
    /// The branch: `main` is production's (Cloudflare docs, Pages, branch deployment controls).
    pub branch: String,
    /// The commit that it was built from.
    pub commit: String,
    /// Its `index.html`.
    pub index: String,
}

/// Takes deployments of the manifest's projects, and remembers them.
#[derive(Debug, Default)]
pub struct Pages(Mutex<Vec<Site>>);

impl Pages {
    /// What was published so far, in order.
    #[must_use]
    pub fn sites(&self) -> Vec<Site> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl PagesHost for Pages {
    async fn publish(&self, deployment: Deployment) -> Result<String, String> {
        if deployment.token != TOKEN || deployment.account != ACCOUNT {
            return Err("Authentication error [code: 10000]".to_owned());
        }
        if !PAGES.contains(&deployment.project.as_str()) {
            return Err(format!("Project not found: {} [code: 8000007]", deployment.project));
        }
        let index = std::fs::read_to_string(deployment.directory.join("index.html"))
            .map_err(|error| format!("read index.html: {error}"))?;
        let Deployment { project, branch, commit, .. } = deployment;
        let address = match branch.as_str() {
            "main" => format!("https://{project}.pages.dev"),
            _ => format!("https://{branch}.{project}.pages.dev"),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Site { project, branch, commit, index });
        Ok(address)
    }
}

//! Pages projects (Cloudflare API reference, "Pages projects").

use std::fmt;

use action::Permit;
use http::Error;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::Cloudflare;

/// Which of a project's two configurations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// The deployments of the production branch.
    Production,
    /// All others.
    Preview,
}

impl Environment {
    /// The key in `deployment_configs`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Preview => "preview",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A project, as far as its configuration goes.
#[derive(Clone, PartialEq, Deserialize)]
pub struct PagesProject {
    /// Its name, which is also its address in the API.
    pub name: String,
    /// For each environment everything that its deployments get, as it came.
    pub deployment_configs: Map<String, Value>,
}

impl fmt::Debug for PagesProject {
    /// Without the configuration, which holds variables' values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PagesProject").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Cloudflare {
    /// Reads a project. The token needs "Cloudflare Pages: Read".
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn pages_project(&self, account: &str, project: &str) -> Result<PagesProject, Error> {
        // Variables stand in it with their values.
        self.result(self.client.get(["accounts", account, "pages", "projects", project]).private()).await
    }

    /// Sets the KV bindings of one environment, keyed by binding name, each as
    /// `{"namespace_id": ...}`. The request names nothing else, and everything else
    /// keeps its value. It changes the configuration only; the next deployment
    /// uses it. The token needs "Cloudflare Pages: Edit".
    ///
    /// Returns the project as it is afterwards.
    ///
    /// # Errors
    /// See [`Error`]; after an outcome `Unknown` it may have been applied.
    pub async fn patch_pages_kv_namespaces(
        &self,
        account: &str,
        project: &str,
        environment: Environment,
        kv_namespaces: &Map<String, Value>,
        permit: &Permit,
    ) -> Result<PagesProject, Error> {
        let patch = json!({
            "deployment_configs": {environment.name(): {"kv_namespaces": kv_namespaces}},
        });
        let request = self.client.patch(["accounts", account, "pages", "projects", project], permit);
        self.result(request.json(&patch).private()).await
    }
}

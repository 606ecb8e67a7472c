//! Workflow runs: listed, and begun.

use std::collections::BTreeMap;

use action::Permit;
use http::Error;
use http_body_util::BodyExt as _;
use octocrab::Octocrab;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::client::{GitHub, PAGE};
use crate::error;
use crate::sha::Sha;

/// A run of a workflow (GitHub's OpenAPI document, `workflow-run`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Run {
    /// Its id.
    pub id: u64,
    /// The workflow's name, if it has one.
    pub name: Option<String>,
    /// The workflow's file.
    pub path: String,
    /// What began it.
    pub event: String,
    /// Where it stands: `queued`, `in_progress`, `completed`, ...
    pub status: Option<String>,
    /// How it ended; nothing before that.
    pub conclusion: Option<String>,
    /// The branch or tag that it ran for.
    pub head_branch: Option<String>,
    /// The commit that it ran for.
    pub head_sha: Sha,
    /// Its page.
    pub html_url: String,
}

/// Which runs to list; what is not given does not count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RunFilter {
    /// Of this branch or tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Begun by this event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// That stand there, or ended so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Of this commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head_sha: Option<String>,
}

#[derive(Serialize)]
struct RunQuery<'f> {
    #[serde(flatten)]
    filter: &'f RunFilter,
    per_page: u8,
}

/// What became of a request to run a workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dispatched {
    /// 200: this is the run.
    Run {
        /// Its id.
        id: u64,
        /// Its page.
        html_url: String,
    },
    /// 204 without a body, as servers answer that do not know how to name it: there
    /// will be a run.
    Accepted,
}

#[derive(Deserialize)]
struct Details {
    workflow_run_id: u64,
    html_url: String,
}

impl GitHub {
    /// The runs of a workflow, by its file's name such as `deploy.yml`, the newest
    /// first. GitHub lists at most 1,000 of a filtered list (its REST docs, workflow
    /// runs). Needs `actions: read`.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn runs(&self, workflow: &str, filter: &RunFilter) -> Result<Vec<Run>, Error> {
        let route = self.route(["actions", "workflows", workflow, "runs"]);
        self.read_pages(&route, &RunQuery { filter, per_page: PAGE }, |_| false).await
    }

    /// Begins a run of a workflow on a branch or tag, with at most 25 inputs. GitHub
    /// knows no idempotency key, so after an unknown [`Error::outcome`] the caller
    /// looks at [`GitHub::runs`] and never asks again. Needs `actions: write`.
    ///
    /// # Errors
    /// See [`Error`]; 422 when the workflow cannot be dispatched, lacks an input, or
    /// the ref does not exist.
    pub async fn dispatch(
        &self,
        workflow: &str,
        reference: &str,
        inputs: &BTreeMap<String, String>,
        permit: &Permit,
    ) -> Result<Dispatched, Error> {
        let route = self.route(["actions", "workflows", workflow, "dispatches"]);
        let body = json!({"ref": reference, "inputs": inputs, "return_run_details": true});
        let request = format!("POST {route}");
        // Raw, because octocrab reads an answer without a body as a broken one.
        let send = async |octocrab: &Octocrab| {
            let answer = octocrab._post(route.as_str(), Some(&body)).await?;
            Ok(answer.into_body().collect().await?.to_bytes())
        };
        let answer = self.write(permit, &request, send).await?;
        if answer.is_empty() {
            return Ok(Dispatched::Accepted);
        }
        let details: Details = serde_json::from_slice(&answer)
            .map_err(|problem| error::unreadable(request.clone(), &problem.to_string()))?;
        Ok(Dispatched::Run { id: details.workflow_run_id, html_url: details.html_url })
    }
}

//! Workflow runs, and dispatches that begin them.

use std::collections::BTreeMap;
use std::time::SystemTime;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde_json::{Value, json};

use super::answer::{Answer, Refusal, found, read_json};
use super::page::Page;
use super::{ACTIONS, GitHub, Repository, profile, timestamp};

/// The inputs that a dispatch may have (GitHub's OpenAPI document).
const INPUTS: usize = 25;

/// A workflow to be seeded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewWorkflow {
    /// The file's name in `.github/workflows`.
    pub file: String,
    /// The workflow's name.
    pub name: String,
    /// The inputs of its `workflow_dispatch`; `None` when it has no such trigger.
    pub inputs: Option<Vec<String>>,
}

/// A workflow, as it is kept.
#[derive(Clone, Debug)]
pub(super) struct Workflow {
    pub(super) id: u64,
    pub(super) seed: NewWorkflow,
}

/// A run to be seeded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewRun {
    /// The workflow's file, which must be known.
    pub workflow: String,
    /// What began it.
    pub event: String,
    /// The branch or tag.
    pub branch: String,
    /// The commit.
    pub sha: String,
    /// Where it stands: `queued`, `in_progress`, `completed`, ...
    pub status: String,
    /// How it ended.
    pub conclusion: Option<String>,
}

/// A run, as it is kept.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) id: u64,
    pub(super) number: usize,
    pub(super) workflow: u64,
    pub(super) seed: NewRun,
    pub(super) created_at: SystemTime,
}

/// A dispatch that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// The run that it began.
    pub run_id: u64,
    /// The workflow's file.
    pub workflow: String,
    /// The branch or tag, as it was given.
    pub reference: String,
    /// The inputs, as they were given.
    pub inputs: BTreeMap<String, String>,
}

/// `GET /repos/{owner}/{repo}/actions/runs`
pub(super) async fn list(
    State(twin): State<GitHub>,
    Path((owner, name)): Path<(String, String)>,
    page: Page,
) -> Answer {
    twin.within((&owner, &name), |repository, _| Ok(listed(repository, None, &page)))
}

/// `GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs`
pub(super) async fn of_workflow(
    State(twin): State<GitHub>,
    Path((owner, name, workflow)): Path<(String, String, String)>,
    page: Page,
) -> Answer {
    twin.within((&owner, &name), |repository, _| {
        let id = find(repository, &workflow)?.id;
        Ok(listed(repository, Some(id), &page))
    })
}

/// The newest first; a filtered list ends after 1,000 (GitHub's REST docs, workflow
/// runs).
fn listed(repository: &Repository, workflow: Option<u64>, page: &Page) -> axum::response::Response {
    let is = |name: &str, value: &str| page.parameter(name).is_none_or(|wanted| wanted == value);
    let fits = |run: &&Run| {
        let seed = &run.seed;
        let stands = is("status", &seed.status)
            || seed.conclusion.as_ref().is_some_and(|conclusion| is("status", conclusion));
        workflow.is_none_or(|id| run.workflow == id)
            && is("branch", &seed.branch)
            && is("event", &seed.event)
            && is("head_sha", &seed.sha)
            && stands
    };
    let shown: Vec<Value> = repository
        .runs
        .iter()
        .rev()
        .filter(fits)
        .take(1_000)
        .map(|run| show(repository, run, page))
        .collect();
    page.listed_as("workflow_runs", &shown)
}

/// `POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches`
pub(super) async fn dispatch(
    State(twin): State<GitHub>,
    Path((owner, name, workflow)): Path<(String, String, String)>,
    page: Page,
    body: Bytes,
) -> Answer {
    let body = read_json(&body)?;
    let now = twin.clock.wall();
    twin.within((&owner, &name), |repository, last_id| {
        let seed = find(repository, &workflow)?.seed.clone();
        let reference = body["ref"].as_str().unwrap_or_default().to_owned();
        let commit = repository.history.resolve(&reference);
        // The words of these refusals are quoted in issues of clients; unverified.
        let commit =
            commit.ok_or_else(|| Refusal::unprocessable(format!("No ref found for: {reference}")))?;
        let sha = commit.sha.clone();
        let inputs = inputs(&seed, &body)?;
        let short = ["refs/heads/", "refs/tags/", "heads/", "tags/"];
        let branch = short.iter().find_map(|prefix| reference.strip_prefix(prefix)).unwrap_or(&reference);
        let run = NewRun {
            workflow: seed.file.clone(),
            event: "workflow_dispatch".to_owned(),
            branch: branch.to_owned(),
            sha,
            status: "queued".to_owned(),
            conclusion: None,
        };
        let run_id = begin(repository, last_id, run, now).ok_or_else(Refusal::not_found)?;
        repository.dispatches.push(Dispatch { run_id, workflow: seed.file, reference, inputs });
        if body["return_run_details"] != true {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        found(json!({
            "workflow_run_id": run_id,
            "run_url": format!("{}/repos/{}/actions/runs/{run_id}", page.root(), repository.full_name),
            "html_url": format!("{}/actions/runs/{run_id}", profile::page(&repository.full_name)),
        }))
    })
}

fn inputs(workflow: &NewWorkflow, body: &Value) -> Result<BTreeMap<String, String>, Refusal> {
    let Some(known) = &workflow.inputs else {
        return Err(Refusal::unprocessable("Workflow does not have 'workflow_dispatch' trigger"));
    };
    let given = body["inputs"].as_object().cloned().unwrap_or_default();
    if given.len() > INPUTS {
        return Err(Refusal::unprocessable(format!("you may only define up to {INPUTS} `inputs`")));
    }
    let unknown: Vec<&String> = given.keys().filter(|name| !known.contains(name)).collect();
    if !unknown.is_empty() {
        return Err(Refusal::unprocessable(format!("Unexpected inputs provided: {unknown:?}")));
    }
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Ok(given.iter().map(|(name, value)| (name.clone(), text(value))).collect())
}

/// By the file's name or the id.
fn find<'r>(repository: &'r Repository, workflow: &str) -> Result<&'r Workflow, Refusal> {
    let mut all = repository.workflows.iter();
    all.find(|one| one.seed.file == workflow || one.id.to_string() == workflow).ok_or_else(Refusal::not_found)
}

/// Adds a run; `None` when its workflow is not known.
pub(super) fn begin(
    repository: &mut Repository,
    last_id: &mut u64,
    seed: NewRun,
    now: SystemTime,
) -> Option<u64> {
    let workflow = find(repository, &seed.workflow).ok()?.id;
    *last_id += 1;
    let number = repository.runs.iter().filter(|run| run.workflow == workflow).count() + 1;
    repository.runs.push(Run { id: *last_id, number, workflow, seed, created_at: now });
    Some(*last_id)
}

/// `workflow-run` of GitHub's OpenAPI document.
fn show(repository: &Repository, run: &Run, page: &Page) -> Value {
    let workflow = repository.workflows.iter().find(|workflow| workflow.id == run.workflow);
    let name = workflow.map(|workflow| workflow.seed.name.as_str());
    let api = format!("{}/repos/{}", page.root(), repository.full_name);
    let url = format!("{api}/actions/runs/{}", run.id);
    let time = timestamp(run.created_at);
    let shown = profile::repository(page.root(), &repository.full_name);
    let actor = profile::account(page.root(), ACTIONS);
    let head = repository.history.commits.get(&run.seed.sha).map(|commit| {
        let person = json!({"name": commit.author, "email": commit.email});
        json!({"id": commit.sha, "tree_id": commit.tree, "message": commit.message,
            "timestamp": timestamp(commit.time), "author": person, "committer": person})
    });
    json!({
        "id": run.id, "name": name, "node_id": profile::node_id("WFR", run.id),
        "check_suite_id": run.id + 1, "check_suite_node_id": profile::node_id("CS", run.id + 1),
        "head_branch": run.seed.branch, "head_sha": run.seed.sha,
        "path": format!(".github/workflows/{}", run.seed.workflow), "run_number": run.number,
        "run_attempt": 1, "referenced_workflows": [], "event": run.seed.event, "status": run.seed.status,
        "conclusion": run.seed.conclusion, "workflow_id": run.workflow, "url": url,
        "html_url": format!("{}/actions/runs/{}", profile::page(&repository.full_name), run.id),
        "pull_requests": [], "created_at": time, "updated_at": time, "run_started_at": time,
        "actor": actor, "triggering_actor": actor, "jobs_url": format!("{url}/jobs"),
        "logs_url": format!("{url}/logs"), "check_suite_url": format!("{api}/check-suites/{}", run.id + 1),
        "artifacts_url": format!("{url}/artifacts"), "cancel_url": format!("{url}/cancel"),
        "rerun_url": format!("{url}/rerun"), "previous_attempt_url": null,
        "workflow_url": format!("{api}/actions/workflows/{}", run.workflow), "head_commit": head,
        "repository": shown, "head_repository": shown, "display_title": run.seed.event,
    })
}

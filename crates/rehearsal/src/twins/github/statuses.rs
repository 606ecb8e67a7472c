//! Commit statuses.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse as _;
use serde_json::{Value, json};
use std::time::SystemTime;

use super::answer::{Answer, Refusal, found, read_json};
use super::guard::Identity;
use super::page::Page;
use super::{GitHub, Repository, profile, timestamp};

/// Of one commit and context (GitHub's REST docs, commit statuses).
const MOST: usize = 1_000;

/// One status, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Its id; a newer one has a greater one.
    pub id: u64,
    /// The commit.
    pub sha: String,
    /// `error`, `failure`, `pending` or `success`.
    pub state: String,
    /// The label; letter case does not count.
    pub context: String,
    /// A few words for people.
    pub description: Option<String>,
    /// Where to read more.
    pub target_url: Option<String>,
    /// The account that said it; `None` once that is gone.
    pub creator: Option<String>,
    /// When.
    pub created_at: SystemTime,
}

impl Status {
    fn show(&self, page: &Page, full_name: &str) -> Value {
        let mut shown = self.show_simply(page, full_name);
        shown["creator"] =
            self.creator.as_ref().map_or(Value::Null, |login| profile::account(page.root(), login));
        shown
    }

    /// `simple-commit-status`: without the creator.
    fn show_simply(&self, page: &Page, full_name: &str) -> Value {
        let time = timestamp(self.created_at);
        json!({
            "url": format!("{}/repos/{full_name}/statuses/{}", page.root(), self.sha),
            "avatar_url": format!("https://avatars.example.com/in/{}", self.id),
            "id": self.id, "node_id": profile::node_id("SC", self.id), "state": self.state,
            "description": self.description, "target_url": self.target_url, "context": self.context,
            "created_at": time, "updated_at": time,
        })
    }
}

/// `POST /repos/{owner}/{repo}/statuses/{sha}`
pub(super) async fn create(
    State(twin): State<GitHub>,
    Path((owner, name, sha)): Path<(String, String, String)>,
    Extension(Identity(login)): Extension<Identity>,
    page: Page,
    body: Bytes,
) -> Answer {
    let body = read_json(&body)?;
    let now = twin.clock.wall();
    twin.within((&owner, &name), |repository, last_id| {
        let status = read(&body, &sha, login)?;
        let status = add(repository, last_id, Status { created_at: now, ..status })?;
        let shown = status.show(&page, &repository.full_name);
        let mut headers = HeaderMap::new();
        if let Some(Ok(location)) = shown["url"].as_str().map(HeaderValue::from_str) {
            headers.insert(header::LOCATION, location);
        }
        Ok((StatusCode::CREATED, headers, Json(shown)).into_response())
    })
}

fn read(body: &Value, sha: &str, login: String) -> Result<Status, Refusal> {
    let text = |field: &str| body[field].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let state =
        text("state").filter(|state| matches!(state.as_str(), "error" | "failure" | "pending" | "success"));
    // Its exact words are unverified.
    let state = state.ok_or_else(|| Refusal::invalid("Status", "State is not included in the list"))?;
    // Stated for deployment statuses; taken for commit statuses too.
    if text("description").is_some_and(|text| text.chars().count() > 140) {
        return Err(Refusal::invalid("Status", "description is too long (maximum is 140 characters)"));
    }
    Ok(Status {
        id: 0,
        sha: sha.to_owned(),
        state,
        context: text("context").unwrap_or_else(|| "default".to_owned()),
        description: text("description"),
        target_url: text("target_url"),
        creator: Some(login),
        created_at: SystemTime::UNIX_EPOCH,
    })
}

/// Adds a status as the API would.
pub(super) fn add(repository: &mut Repository, last_id: &mut u64, status: Status) -> Result<Status, Refusal> {
    if !repository.history.commits.contains_key(&status.sha) {
        // Quoted in rust-lang/homu issue 141.
        return Err(Refusal::unprocessable(format!("No commit found for SHA: {}", status.sha)));
    }
    let alike = |other: &&Status| other.sha == status.sha && same(&other.context, &status.context);
    if repository.statuses.iter().filter(alike).count() >= MOST {
        let message = "This SHA and context has reached the maximum number of statuses.";
        return Err(Refusal::invalid("Status", message));
    }
    *last_id += 1;
    let status = Status { id: *last_id, ..status };
    repository.statuses.push(status.clone());
    Ok(status)
}

/// `GET /repos/{owner}/{repo}/commits/{ref}/statuses`: the newest first.
pub(super) fn list(repository: &Repository, reference: &str, page: &Page) -> Answer {
    let sha = resolve(repository, reference)?;
    let of_commit = repository.statuses.iter().rev().filter(|status| status.sha == sha);
    let shown: Vec<Value> = of_commit.map(|status| status.show(page, &repository.full_name)).collect();
    Ok(page.list(&shown))
}

/// `GET /repos/{owner}/{repo}/commits/{ref}/status`: the newest of each context, and
/// what they come to (GitHub's REST docs, combined status).
pub(super) fn combined(repository: &Repository, reference: &str, page: &Page) -> Answer {
    let sha = resolve(repository, reference)?;
    let mut latest: Vec<&Status> = Vec::new();
    for status in repository.statuses.iter().rev().filter(|status| status.sha == sha) {
        if !latest.iter().any(|newer| same(&newer.context, &status.context)) {
            latest.push(status);
        }
    }
    let is = |state: &str| latest.iter().any(|status| status.state == state);
    let state = match () {
        () if is("error") || is("failure") => "failure",
        () if latest.is_empty() || is("pending") => "pending",
        () => "success",
    };
    let url = format!("{}/repos/{}/commits/{sha}", page.root(), repository.full_name);
    let shown: Vec<Value> = latest.iter().map(|one| one.show_simply(page, &repository.full_name)).collect();
    found(json!({
        "state": state, "sha": sha, "total_count": latest.len(), "statuses": page.rows(&shown, 30),
        "repository": profile::repository(page.root(), &repository.full_name),
        "commit_url": url, "url": format!("{url}/status"),
    }))
}

/// That the answer is this one for a reference that is not there is unverified.
fn resolve(repository: &Repository, reference: &str) -> Result<String, Refusal> {
    let commit = repository.history.resolve(reference).ok_or_else(Refusal::not_found)?;
    Ok(commit.sha.clone())
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

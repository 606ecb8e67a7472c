//! Refs and annotated tags.

use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::answer::{Answer, Refusal, found};
use super::page::Page;
use super::{GitHub, Repository, profile, timestamp};

/// `GET /repos/{owner}/{repo}/git/ref/{ref}`: exactly this name.
pub(super) async fn get(
    State(twin): State<GitHub>,
    Path((owner, name, reference)): Path<(String, String, String)>,
    page: Page,
) -> Answer {
    let reference = format!("refs/{reference}");
    twin.within((&owner, &name), |repository, _| {
        let sha = repository.history.references.get(&reference).ok_or_else(Refusal::not_found)?;
        found(show(repository, &reference, sha, &page))
    })
}

/// `GET /repos/{owner}/{repo}/git/matching-refs/{ref}`: every name that begins so.
pub(super) async fn matching(
    State(twin): State<GitHub>,
    Path((owner, name, prefix)): Path<(String, String, String)>,
    page: Page,
) -> Answer {
    let prefix = format!("refs/{prefix}");
    twin.within((&owner, &name), |repository, _| {
        let all = repository.history.references.iter();
        let matching = all.filter(|(reference, _)| reference.starts_with(&prefix));
        let shown: Vec<Value> =
            matching.map(|(reference, sha)| show(repository, reference, sha, &page)).collect();
        found(Value::from(shown))
    })
}

/// `GET /repos/{owner}/{repo}/git/tags/{tag_sha}`
pub(super) async fn tag(
    State(twin): State<GitHub>,
    Path((owner, name, sha)): Path<(String, String, String)>,
    page: Page,
) -> Answer {
    twin.within((&owner, &name), |repository, _| {
        let tag = repository.history.tags.get(&sha).ok_or_else(Refusal::not_found)?;
        let git = format!("{}/repos/{}/git", page.root(), repository.full_name);
        found(json!({
            "node_id": profile::node_id("TA", &tag.sha), "tag": tag.name, "sha": tag.sha,
            "url": format!("{git}/tags/{}", tag.sha), "message": tag.message,
            "tagger": {"name": "Rehearsal", "email": "rehearsal@example.com", "date": timestamp(tag.time)},
            "object": {"type": tag.kind, "sha": tag.target, "url": format!("{git}/{}s/{}", tag.kind, tag.target)},
        }))
    })
}

fn show(repository: &Repository, reference: &str, sha: &str, page: &Page) -> Value {
    let git = format!("{}/repos/{}/git", page.root(), repository.full_name);
    let kind = repository.history.kind(sha).unwrap_or("tree");
    json!({
        "ref": reference, "node_id": profile::node_id("REF", reference), "url": format!("{git}/{reference}"),
        "object": {"type": kind, "sha": sha, "url": format!("{git}/{kind}s/{sha}")},
    })
}

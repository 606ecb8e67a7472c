//! Commits and comparisons.

use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::answer::{Answer, Refusal, found};
use super::history::Commit;
use super::page::Page;
use super::{GitHub, Repository, profile, statuses, timestamp};

/// Commits of a comparison unless asked for fewer (GitHub's REST docs, compare two
/// commits).
const COMPARED: usize = 250;

/// `GET /repos/{owner}/{repo}/commits/{ref}` and what lies below it; a reference may
/// hold slashes, so the last word tells.
pub(super) async fn below(
    State(twin): State<GitHub>,
    Path((owner, name, rest)): Path<(String, String, String)>,
    page: Page,
) -> Answer {
    twin.within((&owner, &name), |repository, _| match rest.rsplit_once('/') {
        Some((reference, "statuses")) => statuses::list(repository, reference, &page),
        Some((reference, "status")) => statuses::combined(repository, reference, &page),
        _ => get(repository, &rest, &page),
    })
}

fn get(repository: &Repository, reference: &str, page: &Page) -> Answer {
    let commit = repository.history.resolve(reference);
    // Quoted in many issues of clients; for a SHA and for a name alike.
    let commit =
        commit.ok_or_else(|| Refusal::unprocessable(format!("No commit found for SHA: {reference}")))?;
    found(show(commit, page, &repository.full_name))
}

/// `GET /repos/{owner}/{repo}/compare/{base}...{head}`
pub(super) async fn compare(
    State(twin): State<GitHub>,
    Path((owner, name, basehead)): Path<(String, String, String)>,
    page: Page,
) -> Answer {
    twin.within((&owner, &name), |repository, _| {
        let history = &repository.history;
        let both = basehead.split_once("...");
        let both = both.and_then(|(base, head)| Some((history.resolve(base)?, history.resolve(head)?)));
        let (base, head) = both.ok_or_else(Refusal::not_found)?;
        let comparison = history.compare(&base.sha, &head.sha);
        // 404 with such words, as clients quote it; unverified.
        let comparison = comparison.ok_or_else(Refusal::not_found)?;
        let status = match (comparison.ahead.len(), comparison.behind_by) {
            (0, 0) => "identical",
            (_, 0) => "ahead",
            (0, _) => "behind",
            _ => "diverged",
        };
        let shown = |sha: &str| {
            let commit = history.commits.get(sha);
            commit.map_or(Value::Null, |commit| show(commit, &page, &repository.full_name))
        };
        let ahead: Vec<Value> = comparison.ahead.iter().map(|sha| shown(sha)).collect();
        let url = format!("{}/repos/{}/compare/{basehead}", page.root(), repository.full_name);
        let html = format!("{}/compare/{basehead}", profile::page(&repository.full_name));
        found(json!({
            "url": url, "html_url": html, "permalink_url": html, "diff_url": format!("{html}.diff"),
            "patch_url": format!("{html}.patch"), "base_commit": shown(&base.sha),
            "merge_base_commit": shown(&comparison.merge_base), "status": status,
            "ahead_by": ahead.len(), "behind_by": comparison.behind_by, "total_commits": ahead.len(),
            "commits": page.rows(&ahead, COMPARED), "files": [],
        }))
    })
}

/// `commit` of GitHub's OpenAPI document, by nobody who has an account.
fn show(commit: &Commit, page: &Page, full_name: &str) -> Value {
    let url = |sha: &str| format!("{}/repos/{full_name}/commits/{sha}", page.root());
    let html = |sha: &str| format!("{}/commit/{sha}", profile::page(full_name));
    let git = format!("{}/repos/{full_name}/git", page.root());
    let person = json!({"name": commit.author, "email": commit.email, "date": timestamp(commit.time)});
    let parent = |sha: &String| json!({"sha": sha, "url": url(sha), "html_url": html(sha)});
    json!({
        "url": url(&commit.sha), "sha": commit.sha, "node_id": profile::node_id("C", &commit.sha),
        "html_url": html(&commit.sha), "comments_url": format!("{}/comments", url(&commit.sha)),
        "commit": {
            "url": format!("{git}/commits/{}", commit.sha), "author": person, "committer": person,
            "message": commit.message, "comment_count": 0,
            "tree": {"sha": commit.tree, "url": format!("{git}/trees/{}", commit.tree)},
        },
        "author": null, "committer": null, "parents": commit.parents.iter().map(parent).collect::<Vec<_>>(),
    })
}

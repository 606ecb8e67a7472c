//! Accounts and repositories as answers show them.

use serde_json::{Map, Value, json};

use super::ACTIONS;

/// The id of [`ACTIONS`] (as every answer that names it shows).
const ACTIONS_ID: u64 = 41_898_282;

/// `simple-user` of GitHub's OpenAPI document.
pub(super) fn account(root: &str, login: &str) -> Value {
    let is_bot = login.ends_with("[bot]");
    // As GitHub's own answers spell it in addresses.
    let spelt = login.replace('[', "%5B").replace(']', "%5D");
    let url = format!("{root}/users/{spelt}");
    let below = |rest: &str| Value::from(format!("{url}/{rest}"));
    let id = if login == ACTIONS {
        ACTIONS_ID
    } else {
        login.bytes().fold(1_000, |id, byte| id * 31 % 1_000_003 + u64::from(byte))
    };
    json!({
        "login": login, "id": id, "node_id": node_id("U", id), "gravatar_id": "",
        "avatar_url": format!("https://avatars.example.com/u/{id}"), "url": url,
        "html_url": format!("https://github.example.com/{spelt}"),
        "followers_url": below("followers"), "following_url": below("following{/other_user}"),
        "gists_url": below("gists{/gist_id}"), "starred_url": below("starred{/owner}{/repo}"),
        "subscriptions_url": below("subscriptions"), "organizations_url": below("orgs"),
        "repos_url": below("repos"), "events_url": below("events{/privacy}"),
        "received_events_url": below("received_events"),
        "type": if is_bot { "Bot" } else { "User" }, "site_admin": false,
    })
}

/// `minimal-repository` of GitHub's OpenAPI document.
pub(super) fn repository(root: &str, full_name: &str) -> Value {
    // Those without a placeholder, and those with one.
    const PLAIN: [&str; 13] = [
        "contributors",
        "deployments",
        "downloads",
        "events",
        "forks",
        "hooks",
        "languages",
        "merges",
        "stargazers",
        "subscribers",
        "subscription",
        "tags",
        "teams",
    ];
    const OTHERS: [(&str, &str); 22] = [
        ("archive", "/{archive_format}{/ref}"),
        ("assignees", "/assignees{/user}"),
        ("blobs", "/git/blobs{/sha}"),
        ("branches", "/branches{/branch}"),
        ("collaborators", "/collaborators{/collaborator}"),
        ("comments", "/comments{/number}"),
        ("commits", "/commits{/sha}"),
        ("compare", "/compare/{base}...{head}"),
        ("contents", "/contents/{+path}"),
        ("git_commits", "/git/commits{/sha}"),
        ("git_refs", "/git/refs{/sha}"),
        ("git_tags", "/git/tags{/sha}"),
        ("issue_comment", "/issues/comments{/number}"),
        ("issue_events", "/issues/events{/number}"),
        ("issues", "/issues{/number}"),
        ("keys", "/keys{/key_id}"),
        ("labels", "/labels{/name}"),
        ("milestones", "/milestones{/number}"),
        ("notifications", "/notifications{?since}"),
        ("pulls", "/pulls{/number}"),
        ("releases", "/releases{/id}"),
        ("statuses", "/statuses/{sha}"),
    ];
    let (owner, name) = full_name.split_once('/').unwrap_or((full_name, ""));
    let url = format!("{root}/repos/{full_name}");
    let mut fields = Map::new();
    for part in PLAIN {
        fields.insert(format!("{part}_url"), Value::from(format!("{url}/{part}")));
    }
    for (part, rest) in OTHERS {
        fields.insert(format!("{part}_url"), Value::from(format!("{url}{rest}")));
    }
    let id = 1_300_192;
    let more = json!({
        "trees_url": format!("{url}/git/trees{{/sha}}"), "id": id, "node_id": node_id("R", id), "name": name,
        "full_name": full_name, "owner": account(root, owner), "private": true, "fork": false,
        "description": null, "url": url, "html_url": page(full_name),
    });
    fields.extend(more.as_object().cloned().unwrap_or_default());
    Value::from(fields)
}

/// The repository's page for people.
pub(super) fn page(full_name: &str) -> String {
    format!("https://github.example.com/{full_name}")
}

/// An id in the form of GraphQL's: opaque, and unlike any other kind's.
pub(super) fn node_id(kind: &str, id: impl std::fmt::Display) -> String {
    format!("{kind}_{id}")
}

//! GitHub's own client, npm `@octokit/rest`, finds the twin to be GitHub.

use std::sync::Arc;

use action::SystemClock;
use rehearsal::contract::Vendor;
use rehearsal::repository::Repository;
use rehearsal::server::Server;
use rehearsal::twins::github::{GitHub, Level, NewEnvironment, NewWorkflow, Policy, TOKEN, Token};
use serde_json::json;

use crate::npm;

const REPOSITORY: &str = "acme/api";

#[test]
fn the_vendors_own_client_works_against_the_twin() {
    let twin = GitHub::new(Arc::new(SystemClock));
    let checkout = Repository::new().unwrap();
    let commit = |text: &str| {
        checkout.write("file", text).unwrap();
        checkout.commit(text).unwrap()
    };
    let root = commit("one");
    let main = commit("two");
    checkout.git(&["tag", "--annotate", "--message", "the first", "v1.0.0"]).unwrap();
    checkout.git(&["tag", "v2.0.0", &root]).unwrap();
    checkout.git(&["checkout", "--quiet", "-b", "side", &root]).unwrap();
    let side = commit("three");
    let tag = checkout.git(&["rev-parse", "v1.0.0"]).unwrap().trim().to_owned();
    twin.push(REPOSITORY, &checkout).unwrap();
    twin.add_status(REPOSITORY, &main, ("success", "ci"), "octocat").unwrap();
    let policy = Policy::Custom(vec![("tag", "v*".to_owned()), ("branch", "main".to_owned())]);
    twin.set_environment(REPOSITORY, NewEnvironment { name: "staging".into(), ..NewEnvironment::default() });
    twin.set_environment(
        REPOSITORY,
        NewEnvironment {
            name: "production".into(),
            wait_timer: Some(5),
            reviewers: vec!["octocat".into()],
            prevent_self_review: true,
            policy,
        },
    );
    twin.add_workflow(
        REPOSITORY,
        NewWorkflow {
            file: "deploy-prod.yml".into(),
            name: "Deploy production".into(),
            inputs: Some(vec!["mode".into()]),
        },
    );
    twin.add_token("ghs_weak", Token::of_a_job(&[("statuses", Level::Read)]));
    let server = Server::of(Vendor::Github, twin.router()).unwrap();

    let seen = npm::run(
        "octokit.mjs",
        &[
            ("API_URL", &server.base_url()),
            ("API_TOKEN", TOKEN),
            ("WEAK_TOKEN", "ghs_weak"),
            ("MAIN", &main),
            ("SIDE", &side),
            ("TAG", &tag),
        ],
    );

    assert_eq!(seen["pending"], 201);
    assert_eq!(
        seen["made"],
        json!(["success", "well", "https://example.com/1", "github-actions[bot]", "Bot"])
    );
    assert_eq!(
        seen["contexts"],
        json!([["staging-success", "success"], ["staging-success", "pending"], ["ci", "success"]]),
        "the newest first, over two pages"
    );
    assert_eq!(seen["combined"], json!(["success", 2, true, REPOSITORY]));
    let nowhere = format!("No commit found for SHA: {}", "f".repeat(40));
    assert_eq!((&seen["unknownCommit"], &seen["noCommit"]), (&json!([422, nowhere]), &json!([422, nowhere])));

    assert_eq!(seen["parents"], json!([root]));
    assert_eq!((&seen["ahead"], &seen["behind"]), (&json!(["ahead", 1, 0, 1]), &json!(["behind", 0, 1, 0])));
    assert_eq!(
        (&seen["diverged"], &seen["identical"]),
        (&json!(["diverged", 1, 1, 1]), &json!(["identical", 0, 0, 0]))
    );

    assert_eq!(seen["ref"], json!(["refs/tags/v1.0.0", "tag", true]));
    assert_eq!(seen["annotated"], json!(["v1.0.0", "commit", main]));
    assert_eq!(seen["noRef"], json!([404, "Not Found"]), "a prefix is no name");
    assert_eq!(seen["matching"], json!(["refs/tags/v1.0.0", "refs/tags/v2.0.0"]));

    assert_eq!(seen["environments"], json!(["staging", "production"]));
    assert_eq!(seen["rules"], json!(["wait_timer", "required_reviewers", "branch_policy"]));
    assert_eq!(seen["reviewer"], "octocat");
    assert_eq!(seen["policies"], json!([["tag", "v*"], ["branch", "main"]]));

    assert_eq!((&seen["begun"], &seen["accepted"]), (&json!(200), &json!(204)));
    assert_eq!(seen["runs"], json!([[false, "queued", true], [true, "queued", true]]));
    assert_eq!(seen["unexpected"][0], 422);
    let dispatches = twin.dispatches(REPOSITORY);
    assert_eq!(dispatches.len(), 2);
    assert_eq!(
        (dispatches[0].reference.as_str(), dispatches[0].inputs["mode"].as_str()),
        ("main", "rollback")
    );

    assert_eq!(seen["weakReads"], 200);
    assert_eq!(seen["weakWrites"], json!([403, "Resource not accessible by integration"]));
    assert_eq!(seen["stranger"], json!([401, "Bad credentials"]));
    assert_eq!(twin.statuses(REPOSITORY, &main).len(), 3);
    server.stop().unwrap();
}

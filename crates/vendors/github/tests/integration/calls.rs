//! Every call, told by the twin as the vendor would.

use std::collections::BTreeMap;

use github::{Dispatched, PolicyKind, RunFilter, Sha};
use rehearsal::twins::github::{NewEnvironment, NewRun, NewWorkflow, Policy};

use crate::world::{REPOSITORY, World};

fn sha(text: &str) -> Sha {
    Sha::parse(text).unwrap()
}

#[tokio::test]
async fn commits_and_how_they_lie_to_each_other() {
    let world = World::new();
    let client = world.client();
    let root = world.commit();
    let left = world.twin.add_commit(REPOSITORY, "left", &[root.as_str()]);
    let right = world.twin.add_commit(REPOSITORY, "right", &[root.as_str()]);
    let merge = world.twin.add_commit(REPOSITORY, "merge", &[&left, &right]);
    world.twin.set_reference(REPOSITORY, "heads/main", &merge);
    let commit = client.commit(&sha(&merge)).await.unwrap().unwrap();
    assert_eq!(commit.first_parent(), Some(&sha(&left)));
    assert_eq!(commit.parents().count(), 2);
    assert_eq!(client.commit(&root).await.unwrap().unwrap().first_parent(), None);
    assert_eq!(client.commit(&sha(&"f".repeat(40))).await.unwrap(), None);

    let told = async |base: &str, head: &str| {
        client
            .compare(base, head)
            .await
            .unwrap()
            .map(|told| (told.ahead_by, told.behind_by, told.contains_base()))
    };
    assert_eq!(told(&right, "main").await, Some((2, 0, true)), "a merged branch is on main");
    assert_eq!(told("main", root.as_str()).await, Some((0, 3, false)));
    assert_eq!(told(&left, &right).await, Some((1, 1, false)));
    assert_eq!(told("main", "nowhere").await, None);
    assert_eq!(told("main", "odd ?#name").await, None, "a name is one segment, whatever it holds");
}

#[tokio::test]
async fn tags_are_peeled_through_tags() {
    let world = World::new();
    let client = world.client();
    let commit = world.commit();
    let inner = world.twin.add_tag(REPOSITORY, "inner", commit.as_str());
    world.twin.add_tag(REPOSITORY, "release/v+1", &inner);
    world.twin.set_reference(REPOSITORY, "tags/light", commit.as_str());
    for name in ["tags/release/v+1", "tags/inner", "tags/light", "heads/main"] {
        let reference = client.reference(name).await.unwrap().unwrap();
        assert_eq!(reference.name, format!("refs/{name}"));
        assert_eq!(client.peel(reference.object).await.unwrap(), Some(commit.clone()), "{name}");
    }
    assert_eq!(client.reference("tags/release").await.unwrap(), None, "a prefix is no name");
    assert_eq!(client.tag(&commit).await.unwrap(), None, "a commit is no tag");
    let tree = world.twin.add_tag(REPOSITORY, "of-a-tree", &"e".repeat(40));
    let tag = client.tag(&sha(&tree)).await.unwrap().unwrap();
    assert_eq!(client.peel(tag.object).await.unwrap(), None, "a tree is no commit");
}

#[tokio::test]
async fn environments_with_their_rules() {
    let world = World::new();
    let client = world.client();
    let patterns: Vec<_> = (0..130).map(|number| ("tag", format!("v{number}.*"))).collect();
    world.twin.set_environment(
        REPOSITORY,
        NewEnvironment {
            name: "production approval".into(),
            reviewers: vec!["octocat".into()],
            prevent_self_review: true,
            policy: Policy::Custom(patterns),
            wait_timer: Some(30),
        },
    );
    let environment = client.environment("production approval").await.unwrap().unwrap();
    let rules: Vec<_> = environment.protection_rules.iter().map(|rule| rule.kind.as_str()).collect();
    assert_eq!(rules, ["wait_timer", "required_reviewers", "branch_policy"]);
    assert_eq!(environment.protection_rules[0].wait_timer, Some(30));
    assert_eq!(environment.protection_rules[1].prevent_self_review, Some(true));
    assert!(environment.deployment_branch_policy.unwrap().custom_branch_policies);
    let policies = client.branch_policies("production approval").await.unwrap();
    assert_eq!((policies.len(), policies[129].name.as_str()), (130, "v129.*"));
    assert!(policies.iter().all(|policy| policy.kind == PolicyKind::Tag));
    assert_eq!(client.environment("staging").await.unwrap(), None);
}

#[tokio::test]
async fn runs_are_listed_and_begun() {
    let world = World::new();
    let client = world.client();
    let commit = world.commit();
    let workflow =
        NewWorkflow { file: "drain.yml".into(), name: "Drain".into(), inputs: Some(vec!["target".into()]) };
    world.twin.add_workflow(REPOSITORY, workflow);
    for number in 0..120 {
        let run = NewRun {
            workflow: "drain.yml".into(),
            event: "push".into(),
            branch: "main".into(),
            sha: commit.to_string(),
            status: "completed".into(),
            conclusion: Some(if number == 7 { "failure" } else { "success" }.into()),
        };
        world.twin.add_run(REPOSITORY, run).unwrap();
    }
    let all = client.runs("drain.yml", &RunFilter::default()).await.unwrap();
    assert_eq!((all.len(), all[0].conclusion.as_deref()), (120, Some("success")));
    let failed = RunFilter { status: Some("failure".into()), ..RunFilter::default() };
    assert_eq!(client.runs("drain.yml", &failed).await.unwrap().len(), 1);

    let inputs = BTreeMap::from([("target".to_owned(), "api".to_owned())]);
    let begun = client.dispatch("drain.yml", "main", &inputs, &world.permit()).await.unwrap();
    let dispatches = world.twin.dispatches(REPOSITORY);
    assert_eq!((dispatches.len(), &dispatches[0].inputs), (1, &inputs));
    assert!(matches!(begun, Dispatched::Run { id, .. } if id == dispatches[0].run_id));
    let queued = RunFilter {
        head_sha: Some(commit.to_string()),
        event: Some("workflow_dispatch".into()),
        ..RunFilter::default()
    };
    assert_eq!(client.runs("drain.yml", &queued).await.unwrap()[0].status.as_deref(), Some("queued"));
}

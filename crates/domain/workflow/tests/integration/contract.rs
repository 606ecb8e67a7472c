//! What the deploy workflows promise besides their gates: triggers, concurrency, environments, permissions, pins,
//! deadlines, the order of the steps that move names, and that actions get and give only what they declare.

mod actions;
mod arguments;
mod deadlines;
mod operations;
mod steps;

use workflow::permissions::Access;
use workflow::workflow::{Action, Job, Patterns, Queue, Uses, Workflow};

use crate::files::workflow;

const PRODUCTION: &str = "deploy-prod.yml";
const STAGING: &str = "deploy-staging.yml";
const DRAIN: &str = "drain-legacy-generation.yml";
const SYNC: &str = "sync-blue.yml";
const ROLLBACK: &str = "rollback.yml";
/// What an operator starts.
const OPERATIONS: [&str; 3] = [DRAIN, SYNC, ROLLBACK];

#[test]
fn a_push_to_main_deploys_staging_and_a_tag_production() {
    let (staging, production) = (workflow(STAGING), workflow(PRODUCTION));
    for file in [&staging, &production] {
        assert!(file.on.dispatch.is_none());
    }
    let written = |patterns: Option<Patterns>| {
        patterns.map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let push = staging.on.push.unwrap();
    assert_eq!((written(push.branches), written(push.tags)), (Some(vec!["main".to_owned()]), None));
    let push = production.on.push.unwrap();
    let tags = vec!["prod-*".to_owned(), "v*.*.*".to_owned()];
    assert_eq!((written(push.branches), written(push.tags)), (None, Some(tags)));
}

#[test]
fn staging_supersedes_and_production_queues() {
    let staging = workflow(STAGING).concurrency.unwrap();
    assert!(staging.group.literal().is_none(), "one group a branch");
    assert_eq!(staging.group.expressions().map(|e| e.source()).collect::<Vec<_>>(), ["github.ref"]);
    assert_eq!((staging.cancel_in_progress, staging.queue), (true, Queue::Single));
    let production = workflow(PRODUCTION).concurrency.unwrap();
    assert_eq!(production.group.literal(), Some("deploy-prod"));
    assert_eq!((production.cancel_in_progress, production.queue), (false, Queue::Max));
}

fn environment(job: &Job) -> Option<&str> {
    job.environment.as_ref().map(|environment| environment.name.literal().unwrap())
}

fn reads_secrets(job: &Job) -> bool {
    let steps = job.steps.iter().flat_map(|step| {
        let with = match &step.action {
            Action::Uses { with, .. } => with.iter().map(|(_, value)| value).collect(),
            Action::Run { run, .. } => vec![run],
        };
        step.env.iter().map(|(_, value)| value).chain(with)
    });
    let own = job.env.iter().chain(&job.outputs).map(|(_, value)| value);
    own.chain(steps).any(|value| value.references().of("secrets").next().is_some())
}

#[test]
fn a_person_approves_first_and_secrets_come_by_environment_only() {
    for (name, expected) in [(PRODUCTION, "production"), (STAGING, "staging")] {
        for job in &workflow(name).jobs {
            let own = environment(job);
            match job.id.as_str() {
                "approval" => {
                    assert_eq!(own, Some("production-approval"));
                    assert!(job.needs.is_empty() && !reads_secrets(job));
                }
                _ => assert!(own.is_none() || own == Some(expected), "{name}: {}", job.id),
            }
            assert!(
                own.is_some() || !reads_secrets(job),
                "{name}: {} reads secrets that it does not get",
                job.id
            );
        }
    }
    let production = workflow(PRODUCTION);
    let first: Vec<&str> =
        production.jobs.iter().filter(|job| job.needs.is_empty()).map(|job| job.id.as_str()).collect();
    assert_eq!(first, ["approval"]);
}

fn granted(file: &Workflow) -> Vec<String> {
    assert!(file.permissions.as_ref().is_some_and(|all| all.0.is_empty()), "nothing by default");
    let of_job = |job: &Job| {
        let granted = file.permissions_of(job).cloned().unwrap_or_default();
        let id = job.id.clone();
        granted
            .0
            .into_iter()
            .filter(|(_, access)| *access != Access::None)
            .map(move |(scope, access)| format!("{id}: {scope} {access:?}"))
    };
    file.jobs.iter().flat_map(of_job).collect()
}

#[test]
fn no_job_may_do_more_than_it_needs() {
    assert_eq!(
        granted(&workflow(PRODUCTION)),
        [
            "marker: contents Read",
            "marker: statuses Read",
            "changes: contents Read",
            "schema-rehearse: contents Read",
            "schema-merge: contents Read",
            "docs-user: contents Read",
            "docs-codex: contents Read",
            "recorded: statuses Write",
        ]
    );
    assert_eq!(
        granted(&workflow(STAGING)),
        [
            "changes: contents Read",
            "changes: statuses Write",
            "docs-user: contents Read",
            "docs-codex: contents Read",
            "marker: statuses Write",
        ]
    );
}

#[test]
fn what_others_wrote_is_pinned_and_gets_no_credentials() {
    let mut external = Vec::new();
    for name in [PRODUCTION, STAGING].into_iter().chain(OPERATIONS) {
        for step in workflow(name).jobs.iter().flat_map(|job| &job.steps) {
            let Action::Uses { uses: uses @ Uses::Repository { repository, .. }, with } = &step.action else {
                continue;
            };
            assert!(uses.is_pinned(), "{uses:?}");
            let persist = with.iter().find(|(key, _)| key == "persist-credentials");
            let persist = persist.and_then(|(_, value)| value.literal());
            assert!(repository != "actions/checkout" || persist == Some("false"), "{name}: {with:?}");
            external.push(repository.clone());
        }
    }
    external.sort();
    external.dedup();
    assert_eq!(external, ["actions/checkout", "cloudflare/wrangler-action"]);
}

//! Branches that lost runners left for good: told once, and left alone.

use std::time::Duration;

use rehearsal::fault::{Answer, What, When};
use rehearsal::in_process::Run;
use serde_json::{Value, json};

use crate::world::{A, B, C, DELETE, LIST, NAME, World, assert, killed_at, run};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// The annotations about what was left.
fn warnings(run: &Run) -> Vec<&str> {
    let said = run.stdout.lines().chain(run.stderr.lines());
    said.filter(|line| line.starts_with("::warning") && line.contains("Supabase bills")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_a_lost_runner_left_is_told_once_and_left_alone() {
    let world = World::new();
    world.quick();
    killed_at(&world, DELETE).await;
    let later = || world.rehearse().variable("GITHUB_RUN_ID", "78");

    // Its job may still be at work.
    world.clock.advance(23 * HOUR);
    let young = run(later()).await;
    assert(&young, "success", "");
    assert_eq!((warnings(&young), world.branches()), (Vec::new(), vec![NAME.to_owned()]));

    world.clock.advance(2 * HOUR);
    let old = run(later()).await;
    assert(&old, "success", "");
    let told = warnings(&old);
    assert_eq!(told.len(), 1, "{told:?}");
    let way = format!("--mode clean-up --project-ref {} --branch {NAME}`", world.production);
    for part in [format!("branch {NAME} was left by a rehearsal"), way] {
        assert!(told[0].contains(&part), "{part}: {told:?}");
    }
    assert_eq!(world.branches(), [NAME]);

    // It is told in the plan and where nothing is pending, too; the way that is named helps.
    assert_eq!(warnings(&run(later().with("dry-run", "true")).await).len(), 1);
    for (stem, sql) in [B, C] {
        world.supabase.migrate(&world.production, stem, &[sql]).unwrap();
    }
    let idle = run(later()).await;
    assert(&idle, "unchanged", "");
    assert_eq!(warnings(&idle).len(), 1);
    assert(&run(later().with("mode", "clean-up").with("branch", NAME)).await, "success", "");
    let clean = run(later()).await;
    assert_eq!((warnings(&clean), world.branches()), (Vec::new(), Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_a_rehearsal_can_have_left_is_told() {
    let world = World::with(&[A], &[A]);
    let branch = |name: &str, more: Value| {
        let mut shown = json!({"id": "00000000-0000-4000-8000-000000000001", "name": name,
            "project_ref": "bbbbbbbbbbbbbbbbbbbb", "parent_project_ref": world.production, "is_default": false,
            "persistent": false, "with_data": false, "status": "FUNCTIONS_DEPLOYED",
            "created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z"});
        shown.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        shown
    };
    let branches = json!([
        branch("greenroom-persistent", json!({"persistent": true})),
        branch("greenroom-default", json!({"is_default": true})),
        branch("greenroom-following", json!({"git_branch": "feature"})),
        branch("greenroom-young", json!({"created_at": "2999-01-01T00:00:00Z"})),
        branch("feature-x", json!({})),
        branch("greenroom-1", json!({})),
        branch("greenroom-2", json!({})),
    ]);
    world.server.faults().on(LIST, When::Always, What::Answer(Answer::json(200, branches.to_string())));
    let done = run(world.rehearse()).await;
    assert(&done, "unchanged", "");
    let told = warnings(&done);
    assert_eq!(told.len(), 1, "{told:?}");
    let wanted = "2 branches were left by rehearsals more than a day ago: greenroom-1, greenroom-2.";
    assert!(told[0].contains(wanted), "{told:?}");
    assert_eq!(world.server.journal().count(DELETE), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_s_own_branch_is_deleted_and_not_told() {
    let world = World::new();
    world.quick();
    killed_at(&world, DELETE).await;
    world.clock.advance(25 * HOUR);
    let done = run(world.rehearse()).await;
    assert(&done, "success", "");
    assert_eq!((warnings(&done), world.branches()), (Vec::new(), Vec::new()));
}

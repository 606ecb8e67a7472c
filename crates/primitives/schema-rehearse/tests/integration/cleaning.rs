//! Branches that were left over: found by their name, and deleted only if they are ours.

use rehearsal::fault::{What, When};
use serde_json::json;

use crate::world::{A, B, DELETE, NAME, World, assert, killed_at, run};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_run_left_is_deleted_first() {
    let world = World::new();
    world.quick();
    killed_at(&world, DELETE).await;
    assert_eq!(world.branches(), [NAME]);
    let done = run(world.rehearse()).await;
    assert(&done, "success", "");
    assert_eq!((world.branches(), world.made()), (Vec::new(), (2, 2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_deleted_even_if_nothing_is_pending_any_more() {
    let world = World::new();
    world.quick();
    killed_at(&world, DELETE).await;
    for (stem, sql) in [B, crate::world::C] {
        world.supabase.migrate(&world.production, stem, &[sql]).unwrap();
    }
    assert(&run(world.rehearse()).await, "success", "");
    assert_eq!((world.branches(), world.made()), (Vec::new(), (1, 1)));
    assert(&run(world.rehearse()).await, "unchanged", "");
}

#[tokio::test(flavor = "multi_thread")]
async fn clean_up_deletes_it_and_nothing_else() {
    let world = World::new();
    world.quick();
    assert(&run(world.clean_up()).await, "unchanged", "");
    killed_at(&world, DELETE).await;
    let planned = run(world.clean_up().with("dry-run", "true")).await;
    assert(&planned, "planned", "");
    assert_eq!(world.branches(), [NAME]);
    assert(&run(world.clean_up().with("branch", "greenroom-78")).await, "unchanged", "");
    assert_eq!(world.branches(), [NAME]);
    assert(&run(world.clean_up()).await, "success", "");
    assert(&run(world.clean_up()).await, "unchanged", "");
    assert_eq!((world.branches(), world.made()), (Vec::new(), (1, 1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_else_s_branch_is_left_alone_whatever_its_name() {
    let world = World::with(&[A], &[A, B]);
    world.supabase.add_persistent_branch(&world.production, NAME).unwrap();
    for invocation in [world.rehearse(), world.clean_up()] {
        let done = run(invocation).await;
        assert(&done, "stale", "is not a rehearsal's: it is persistent");
    }
    assert_eq!((world.branches(), world.server.journal().count(DELETE)), (vec![NAME.to_owned()], 0));
    for bad in ["staging", "main", "greenroom-", "feature/x"] {
        assert(
            &run(world.clean_up().with("branch", bad)).await,
            "invalid",
            "is no name of a branch that may be deleted",
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_follows_the_repository_is_left_alone() {
    let world = World::with(&[A], &[A, B]);
    let branch = json!([{"id": "00000000-0000-4000-8000-000000000001", "name": NAME, "project_ref": "bbbbbbbbbbbbbbbbbbbb",
        "parent_project_ref": world.production, "is_default": false, "persistent": false, "with_data": false,
        "status": "FUNCTIONS_DEPLOYED", "git_branch": "feature", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}]);
    let answer = rehearsal::fault::Answer::json(200, branch.to_string());
    world.server.faults().on("GET /v1/projects/{project}/branches", When::Always, What::Answer(answer));
    for invocation in [world.rehearse(), world.clean_up()] {
        assert(&run(invocation).await, "stale", "it follows a branch of the repository");
    }
    assert_eq!(world.server.journal().count(DELETE), 0);
}

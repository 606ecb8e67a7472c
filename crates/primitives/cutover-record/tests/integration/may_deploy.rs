//! A deploy that comes too late, asked before it is made.

use serde_json::json;

use crate::world::{BLUE, World, run_at};
use crate::zone::Zone;

#[tokio::test]
async fn a_job_of_an_old_run_does_not_deploy_onto_what_serves_by_now() {
    let world = World::new();
    world.ends("success", "may-deploy", 1, &[]).await;
    world.allocate("{dashboard}");
    world.ends("success", "may-deploy", 1, &[]).await;
    world.flip(2, BLUE).await;
    let before = world.row(1);
    let late = world.ends("stale", "may-deploy", 1, &[]).await;
    assert_eq!(late.ending.code(), 6);
    insta::assert_snapshot!(late.error(), @"
    generation 1 comes too late: generation 2 was cut over meanwhile
    hint: push a new tag, and do not run this one again
    ");
    let served = world.ends("stale", "may-deploy", 2, &[]).await;
    insta::assert_snapshot!(served.error(), @"
    generation 2 was cut over before: what it deployed serves, or was replaced since
    hint: push a new tag, and do not run this one again
    ");
    assert_eq!(world.row(1), before);
}

#[tokio::test]
async fn what_stood_by_is_not_deployed_onto_once_the_names_lead_there() {
    let (world, zone) = (World::new(), Zone::on_blue());
    let free = zone.may_deploy(&world, 1).await;
    assert_eq!(free.output("result"), "success", "{}", free.stderr);

    // A rollback moves the names first, and tells the ledger afterwards.
    zone.edit("app.example.com", &json!({"content": "app-green.onrender.com"}));
    let moved = zone.may_deploy(&world, 1).await;
    assert_eq!((moved.ending.code(), moved.output("result")), (6, "stale"), "{}", moved.stderr);
    insta::assert_snapshot!(moved.error(), @"
    the names have moved since this run looked: app.example.com points at app-green.onrender.com, not at app-blue.onrender.com
    hint: what stood by then may serve now, so nothing was deployed
    hint: push a new tag, whose run looks anew, and do not run this one again
    ");

    // The generation's own flip moves the names, and a run of it that is run again goes on.
    world.ends("success", "intent", 1, &[("previous", BLUE)]).await;
    let own = zone.may_deploy(&world, 1).await;
    assert_eq!(own.output("result"), "success", "{}", own.stderr);
}

#[tokio::test]
async fn a_name_without_a_cname_has_moved_too_and_case_and_final_dots_have_not() {
    let (world, zone) = (World::new(), Zone::on_blue());
    zone.edit("api.example.com", &json!({"content": "API-blue.onrender.com"}));
    assert_eq!(zone.may_deploy(&world, 1).await.output("result"), "success");
    zone.edit("api.example.com", &json!({"type": "A", "content": "192.0.2.1"}));
    let gone = zone.may_deploy(&world, 1).await;
    assert_eq!(gone.output("result"), "stale", "{}", gone.stderr);
    assert!(gone.error().contains("api.example.com has no CNAME, and pointed at api-blue.onrender.com"));
}

#[tokio::test]
async fn in_place_the_newest_that_names_a_target_wins() {
    let world = World::new();
    world.ends("success", "may-deploy-in-place", 1, &[]).await;
    world.allocate("{api,docs}");
    let late = world.ends("stale", "may-deploy-in-place", 1, &[]).await;
    insta::assert_snapshot!(late.error(), @"
    generation 1 is not to be deployed any more: generation 2 (run 2) covers api
    hint: do not run this one again: run 2 deploys something newer; if that failed, run that one again, or push anew
    ");
    world.ends("success", "may-deploy-in-place", 1, &[("target", "workers")]).await;
    world.ends("stale", "may-deploy-in-place", 1, &[("target", "docs")]).await;
    world.ends("success", "may-deploy-in-place", 2, &[]).await;
}

#[tokio::test]
async fn a_role_that_only_reads_may_ask() {
    let world = World::new();
    let grants = "create role reader login; grant usage on schema core to reader; grant select on core.deployments to reader";
    world.postgres.execute(grants).unwrap();
    for mode in ["may-deploy", "may-deploy-in-place"] {
        let run = run_at(&world.postgres.dsn_of("reader"), mode, 1, &[]).await;
        assert_eq!(run.output("result"), "success", "{}", run.stderr);
    }
}

//! `mode: tag`: the name, the commit, and what to push.

use crate::world::{Assert as _, World, run};

#[tokio::test]
async fn the_tag_is_named_and_not_pushed() {
    let world = World::new();
    let run = run(world.invoke("tag", "data")).await;
    run.assert("success");
    assert_eq!((run.output("tag"), run.output("commit")), ("v1.4.0-rollback", world.commits[0].as_str()));
    assert_eq!(world.repository.git(&["tag"]).unwrap(), "");
    world.is_untouched();
}

#[tokio::test]
async fn a_name_that_was_used_gets_a_number() {
    let world = World::new();
    let named = async || run(world.invoke("tag", "data")).await.assert("success").output("tag").to_owned();
    // Pushed, and not deployed yet: the same tag, the same commit.
    world.repository.git(&["tag", "v1.4.0-rollback", &world.commits[0]]).unwrap();
    assert_eq!(named().await, "v1.4.0-rollback");
    // Of another commit.
    world.repository.git(&["tag", "--force", "v1.4.0-rollback", &world.commits[1]]).unwrap();
    assert_eq!(named().await, "v1.4.0-rollback.2");
    // Deployed before, and known to nobody's clone.
    world.sql(
        "update core.deployments set cut_over_at = null, intent_at = null, tag = 'v1.4.0-rollback.2' where generation = 1;
         insert into core.deployments (reference, tag, sha, targets, run_id, cut_over_at)
         overriding system value select reference, 'v1.4.0', sha, targets, 9, now() from core.deployments where generation = 1;
         update core.deployments set generation = default where generation = 2",
    );
    let after = run(world.invoke("tag", "data")).await;
    assert_eq!(after.assert("success").output("tag"), "v1.4.0-rollback.3");
}

#[tokio::test]
async fn the_lineage_is_that_of_what_is_deployed_again() {
    let world = World::new();
    world.sql("update core.deployments set tag = 'prod-7' where generation = 1");
    assert_eq!(run(world.invoke("tag", "data")).await.assert("success").output("tag"), "prod-7-rollback");
    world.sql("update core.deployments set tag = null where generation = 1");
    assert_eq!(run(world.invoke("tag", "data")).await.assert("success").output("tag"), "prod-1-rollback");
}

#[tokio::test]
async fn no_tag_where_names_go_back_or_nothing_is_visible() {
    let world = World::new();
    let refused = run(world.invoke("tag", "behaviour")).await;
    refused.refuses("stale", "this is class 2, in which no tag is to be pushed");
    assert!(refused.error().contains("do instead: rollback --mode flip-back"), "{}", refused.error());
    world.set("intent_at = null, cut_over_at = null, previous_cnames = null");
    run(world.invoke("tag", "behaviour")).await.refuses("stale", "this is class 1");
    run(world.invoke("flip-back", "behaviour"))
        .await
        .refuses("stale", "this is class 1, in which the names are not");
    world.is_untouched();
}

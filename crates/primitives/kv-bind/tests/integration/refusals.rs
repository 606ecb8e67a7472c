//! Everything that ends a run before anything is changed.

use rehearsal::fault::{Answer, What, When};
use rehearsal::twins::cloudflare::ACCOUNT;
use serde_json::json;

use crate::world::{EDIT_PROJECT, EDIT_WORKER, Invocation, LIST, PROJECT, READ_PROJECT, SCRIPT, World};

/// Runs what must not change anything, and gives the error.
async fn refused(world: &World, invocation: Invocation<'_>, result: &str) -> String {
    let run = invocation.run().await;
    run.assert(result);
    assert_eq!(world.writes().len(), 0, "{:?}", world.writes());
    run.error()
}

#[tokio::test]
async fn a_name_that_another_kind_of_binding_has() {
    let world = World::new();
    for (name, kind) in [("SECRET", "env_vars"), ("PLAIN", "env_vars"), ("FILES", "r2_buckets")] {
        let run = world.invoke("sessions").with("pages-project", PROJECT).with("binding", name);
        let error = refused(&world, run, "refused").await;
        assert!(error.starts_with(&format!("{name} is bound already, as {kind}")), "{error}");
    }
    for (name, kind) in [("SECRET", "secret_text"), ("FILES", "r2_bucket")] {
        let run = world
            .invoke("content")
            .with("create", "true")
            .with("worker-script", SCRIPT)
            .with("binding", name);
        let error = refused(&world, run, "refused").await;
        assert!(error.starts_with(&format!("{name} is bound already, as {kind}")), "{error}");
    }
}

#[tokio::test]
async fn a_namespace_that_is_not_there_or_there_twice() {
    let world = World::new();
    let error = refused(&world, world.invoke("Sessions").with("pages-project", PROJECT), "refused").await;
    assert!(error.starts_with("the account has no KV namespace called `Sessions`"), "{error}");
    assert!(error.contains("`create: true` creates it"), "{error}");
    let id = "0".repeat(32);
    let error = refused(&world, world.invoke(&id).with("pages-project", PROJECT), "denied").await;
    assert!(error.starts_with(&format!("read the KV namespace {id}")), "{error}");
    assert!(error.contains("code 10013"), "{error}");

    // Cloudflare refuses a second namespace of one title today; older accounts may hold two.
    let second = world.cloudflare.add_namespace("sessions");
    let run = world.invoke("sessions").with("create", "true").with("pages-project", PROJECT);
    let error = refused(&world, run, "refused").await;
    assert!(error.starts_with("the account has 2 KV namespaces called `sessions`: "), "{error}");
    assert!(error.contains(&second) && error.contains("give the id"), "{error}");
}

#[tokio::test]
async fn targets_credentials_and_permissions_that_are_missing() {
    let world = World::new();
    let error = refused(&world, world.invoke("sessions").with("pages-project", "nope"), "denied").await;
    assert!(error.starts_with("read the bindings of Pages project nope, production"), "{error}");
    let error = refused(&world, world.invoke("sessions").with("worker-script", "nope"), "denied").await;
    assert!(error.starts_with("read the bindings of Worker nope"), "{error}");
    let error = refused(&world, world.to_pages().variable("CLOUDFLARE_API_TOKEN", ""), "invalid").await;
    assert!(error.contains("CLOUDFLARE_API_TOKEN"), "{error}");
    let error = refused(&world, world.to_pages().variable("CLOUDFLARE_API_TOKEN", "wrong"), "denied").await;
    assert!(error.starts_with("list the KV namespaces"), "{error}");
    world.cloudflare.forbid(READ_PROJECT);
    refused(&world, world.to_pages(), "denied").await;
}

#[tokio::test]
async fn a_write_that_cloudflare_refuses() {
    for (route, worker) in [(EDIT_PROJECT, false), (EDIT_WORKER, true)] {
        let world = World::new();
        world.cloudflare.forbid(route);
        let invocation = if worker { world.to_worker() } else { world.to_pages() };
        let run = invocation.run().await;
        run.assert("denied");
        assert!(run.error().contains("no binding has been changed"), "{}", run.error());
        // The namespace was created before, and says so.
        assert_eq!(run.output("namespace-id"), world.namespace("content").unwrap());
        assert_eq!((run.output("changed"), run.output("deploy-needed")), ("true", "false"));
    }
    let world = World::new();
    world.cloudflare.forbid("POST /client/v4/accounts/{account}/storage/kv/namespaces");
    let run = world.to_pages().run().await;
    run.assert("denied");
    assert!(run.error().starts_with("create the KV namespace `content`"), "{}", run.error());
    assert_eq!(run.output("changed"), "false");
}

#[tokio::test]
async fn a_configuration_without_the_environment_or_without_bindings() {
    let world = World::new();
    let bare = json!({"success": true, "errors": [], "messages": [], "result": {"name": PROJECT, "deployment_configs": {}}});
    world.faults().on(READ_PROJECT, When::Always, What::Answer(Answer::json(200, bare.to_string())));
    let error = refused(&world, world.to_pages(), "unreachable").await;
    assert!(error.contains("it has no configuration for production"), "{error}");

    // A list that is missing is not an empty list: writing it back would clear all.
    let bare = json!({"success": true, "errors": [], "messages": [], "result": {}});
    let route = EDIT_WORKER.replace("PATCH", "GET");
    world.faults().on(route.as_str(), When::Always, What::Answer(Answer::json(200, bare.to_string())));
    refused(&world, world.to_worker(), "unreachable").await;
    assert_eq!(world.api.journal().count(LIST), 2);
}

#[tokio::test]
async fn inputs_that_cannot_be_meant() {
    let world = World::new();
    for (inputs, told) in [
        (vec![], "input `pages-project`: nothing to bind to"),
        (vec![("pages-project", "a"), ("worker-script", "b")], "one of them"),
        (vec![("worker-script", "b"), ("environment", "preview")], "only a Pages project has one"),
        (vec![("pages-project", "a"), ("environment", "staging")], "invalid value 'staging'"),
        (vec![("pages-project", "a"), ("binding", "not a name")], "no name of a variable"),
        (vec![("pages-project", "a/../b")], "input `pages-project`"),
        (vec![("pages-project", "a"), ("account-id", "x y")], "input `account-id`"),
        (vec![("pages-project", "a"), ("create", "yes")], "expected true or false"),
        (
            vec![("pages-project", "a"), ("create", "true"), ("namespace", ACCOUNT)],
            "cannot be created with an id",
        ),
    ] {
        let mut invocation = world.invoke("content");
        for (input, value) in inputs {
            invocation = invocation.with(input, value);
        }
        let error = refused(&world, invocation, "invalid").await;
        assert!(error.contains(told), "{error}");
    }
    assert_eq!(world.api.journal().entries().len(), 0, "nobody was asked");
}

//! Runs that go well.

use rehearsal::twins::cloudflare::ACCOUNT;
use serde_json::json;

use crate::world::{CREATE, EDIT_PROJECT, EDIT_WORKER, PROJECT, SCRIPT, World};

#[tokio::test]
async fn a_pages_project_gets_a_new_namespace_and_keeps_everything_else() {
    let world = World::new();
    let (before, preview) = (world.pages("production"), world.pages("preview"));
    let run = world.to_pages().run().await;
    run.assert("success");
    let id = world.namespace("content").unwrap();
    assert_eq!(
        (run.output("namespace-id"), run.output("changed"), run.output("deploy-needed")),
        (id.as_str(), "true", "true")
    );
    let mut wanted = before;
    wanted["kv_namespaces"]["CONTENT"] = json!({"namespace_id": id});
    assert_eq!(world.pages("production"), wanted);
    assert_eq!(world.pages("preview"), preview, "the other environment is not touched");

    let writes = world.writes();
    assert_eq!(writes.len(), 2);
    assert_eq!(
        writes[1].json(),
        json!({"deployment_configs": {"production": {"kv_namespaces": {
            "SESSIONS": {"namespace_id": world.sessions}, "CONTENT": {"namespace_id": id}}}}}),
        "nothing but the map is named, and all of it"
    );
    insta::assert_snapshot!(run.summary.replace(&id, "ID"), @r"
    ### KV binding

    | Binding | Of | Was | Is |
    | --- | --- | --- | --- |
    | <code>CONTENT</code> | Pages project docs, production | - | content (ID) |

    The next deployment of the project will have it.
    ");
}

#[tokio::test]
async fn a_worker_gets_a_namespace_and_keeps_everything_else_secrets_too() {
    let world = World::new();
    let before: Vec<_> = ["SESSIONS", "SECRET", "PLAIN", "FILES"].map(|name| world.worker(name)).into();
    let run = world.to_worker().run().await;
    run.assert("success");
    let id = world.namespace("content").unwrap();
    assert_eq!((run.output("changed"), run.output("deploy-needed")), ("true", "false"));
    assert_eq!(
        world.worker("CONTENT"),
        json!({"type": "kv_namespace", "name": "CONTENT", "namespace_id": id})
    );
    let after: Vec<_> = ["SESSIONS", "SECRET", "PLAIN", "FILES"].map(|name| world.worker(name)).into();
    assert_eq!(after, before);
    let sent = String::from_utf8(world.writes()[1].body.to_vec()).unwrap();
    assert!(sent.contains(r#"{"name":"SECRET","type":"inherit"}"#), "{sent}");
}

#[tokio::test]
async fn a_second_run_changes_nothing() {
    let world = World::new();
    for (words, needs_deploy) in [(world.to_pages().words, "true"), (world.to_worker().words, "false")] {
        let again = || {
            let mut invocation = world.to_pages();
            invocation.words.clone_from(&words);
            invocation.run()
        };
        again().await.assert("success");
        world.api.journal().clear();
        let second = again().await;
        second.assert("unchanged");
        assert_eq!(world.writes().len(), 0);
        assert_eq!((second.output("changed"), second.output("deploy-needed")), ("false", needs_deploy));
        assert_eq!(second.stderr.contains("cannot be seen"), needs_deploy == "true", "{}", second.stderr);
        assert_eq!(second.output("namespace-id"), world.namespace("content").unwrap());
    }
    assert_eq!(world.cloudflare.namespaces().len(), 2, "one namespace for both");
}

#[tokio::test]
async fn a_namespace_is_found_by_title_and_by_id_and_rebound() {
    let world = World::new();
    let content = world.cloudflare.add_namespace("content");
    for namespace in ["content", &content, &content.to_uppercase()] {
        let run =
            world.invoke(namespace).with("pages-project", PROJECT).with("environment", "preview").run().await;
        assert_eq!(run.output("namespace-id"), content, "{}", run.error());
    }
    assert_eq!(world.api.journal().count(EDIT_PROJECT), 1);
    assert_eq!(world.pages("production")["kv_namespaces"].as_object().unwrap().len(), 1);
    assert_eq!(world.pages("preview")["kv_namespaces"]["CONTENT"]["namespace_id"], content.as_str());

    let run =
        world.invoke("sessions").with("pages-project", PROJECT).with("environment", "preview").run().await;
    run.assert("success");
    assert_eq!(world.pages("preview")["kv_namespaces"]["CONTENT"]["namespace_id"], world.sessions.as_str());
    assert!(run.summary.contains(&content), "what it was is told: {}", run.summary);

    let run = world.invoke(&content).with("worker-script", SCRIPT).with("binding", "SESSIONS").run().await;
    run.assert("success");
    assert_eq!(world.worker("SESSIONS")["namespace_id"], content.as_str());
}

#[tokio::test]
async fn a_namespace_on_the_last_of_many_pages_is_found() {
    let world = World::new();
    let ids: Vec<String> = (0..250).map(|n| world.cloudflare.add_namespace(&format!("n{n}"))).collect();
    for n in [0, 120, 249] {
        let run =
            world.invoke(&format!("n{n}")).with("pages-project", PROJECT).with("dry-run", "true").run().await;
        run.assert("planned");
        assert_eq!(run.output("namespace-id"), ids[n]);
    }
    world.invoke("n249").with("create", "true").with("pages-project", PROJECT).run().await.assert("success");
    assert_eq!(world.api.journal().count(CREATE), 0, "what exists is not created");
}

#[tokio::test]
async fn a_dry_run_shows_both_changes_and_sends_nothing() {
    let world = World::new();
    for invocation in [world.to_pages(), world.to_worker()] {
        let run = invocation.with("dry-run", "true").run().await;
        run.assert("planned");
        assert_eq!(world.writes().len(), 0);
        for told in ["not there", "created", "CONTENT of", "not bound"] {
            assert!(run.summary.contains(told), "{}", run.summary);
        }
        assert_eq!(run.output("changed"), "false");
    }
    world.to_pages().run().await.assert("success");
    world.to_pages().with("dry-run", "true").run().await.assert("unchanged");
}

#[tokio::test]
async fn a_worker_without_bindings_gets_its_first() {
    let world = World::new();
    world.cloudflare.add_worker("bare", vec![]);
    world.invoke("sessions").with("worker-script", "bare").run().await.assert("success");
    let bindings = world.cloudflare.worker_bindings("bare");
    assert_eq!(
        bindings,
        [json!({"type": "kv_namespace", "name": "CONTENT", "namespace_id": world.sessions})]
    );
    assert_eq!(world.api.journal().count(EDIT_WORKER), 1);
    assert!(world.api.journal().entries().iter().all(|entry| entry.path.contains(ACCOUNT)));
}

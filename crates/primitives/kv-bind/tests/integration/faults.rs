//! Every fault at every call, and death at every call: one namespace, one binding,
//! and a second run that ends as if nothing had been.

use action::Ending;
use rehearsal::fault::{Answer, Garble, What, When};
use serde_json::json;

use crate::world::{CREATE, EDIT_PROJECT, EDIT_WORKER, Invocation, LIST, READ_PROJECT, World};

fn faults() -> Vec<What> {
    let refusal = json!({"success": false, "errors": [{"code": 10000, "message": "Authentication error"}], "messages": [], "result": null});
    vec![
        What::Refuse,
        What::Reset,
        What::status(500),
        What::status(503),
        What::too_many_requests(2),
        What::Answer(Answer::json(401, refusal.to_string())),
        What::Answer(Answer::json(403, refusal.to_string())),
        What::Answer(Answer::json(404, refusal.to_string())),
        What::Answer(Answer::text(403, "blocked")),
        What::Answer(Answer::json(200, r#"{"success":false,"errors":[],"messages":[],"result":null}"#)),
        What::Answer(Answer::json(200, r#"{"success":true,"errors":[],"messages":[],"result":{}}"#)),
        What::Answer(Answer::new(302, "").header("location", "https://elsewhere.example/")),
        What::CutBody,
        What::Garble(Garble::Html),
        What::Garble(Garble::WrongTypes),
        What::Garble(Garble::Truncated),
        What::ApplyThenLose,
        What::Stale,
    ]
}

type Kind = fn(&World) -> Invocation<'_>;
const KINDS: [Kind; 2] = [World::to_pages, World::to_worker];

/// The calls of an undisturbed run, as `METHOD path`, each with which of its kind it is.
async fn calls(kind: Kind) -> Vec<(String, u64)> {
    let world = World::new();
    kind(&world).run().await.assert("success");
    let lines = world.api.journal().lines();
    let nth = |index: usize| lines[..=index].iter().filter(|line| **line == lines[index]).count() as u64;
    lines.iter().enumerate().map(|(index, line)| (line.clone(), nth(index))).collect()
}

/// Everything that the account holds, with ids of its own replaced.
fn state(world: &World) -> String {
    let id = world.namespace("content").unwrap_or_else(|| "none".to_owned());
    let titles: Vec<String> = world.cloudflare.namespaces().into_iter().map(|(_, title)| title).collect();
    let bindings = world.cloudflare.worker_bindings("edge");
    let project = &world.cloudflare.pages_project("docs")["deployment_configs"];
    format!("{titles:?} {bindings:?} {project}").replace(&id, "ID").replace(&world.sessions, "SESSIONS")
}

#[tokio::test]
async fn one_fault_at_any_call_ends_in_order_and_a_second_run_completes() {
    for kind in KINDS {
        let calls = calls(kind).await;
        assert_eq!(calls.len(), 7, "{calls:?}");
        let undisturbed = {
            let world = World::new();
            kind(&world).run().await.assert("success");
            state(&world)
        };
        for (call, nth) in &calls {
            for what in faults() {
                let case = format!("{what} at call {nth} of {call}");
                let world = World::new();
                let rule = world.faults().on(call.as_str(), When::Nth(*nth), what.clone());
                let run = kind(&world).run().await;
                if !matches!(what, What::Stale) {
                    assert_eq!(rule.fired(), 1, "{case}");
                }
                rule.cancel();
                assert_ne!(run.ending, Ending::Bug, "{case}: {}", run.error());
                match run.output("result") {
                    "success" => assert_eq!(state(&world), undisturbed, "{case}"),
                    _ => assert!(run.error().contains("hint: "), "{case}: {}", run.error()),
                }
                assert!(world.api.journal().count(CREATE) <= 1, "{case}");
                let again = kind(&world).run().await;
                assert!(matches!(again.ending, Ending::Done(_)), "{case}, then: {}", again.error());
                assert_eq!(state(&world), undisturbed, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn death_at_any_call_leaves_what_a_second_run_completes() {
    for kind in KINDS {
        for (call, nth) in &calls(kind).await {
            let case = format!("death at call {nth} of {call}");
            let world = World::new();
            let rule = world.faults().on(call.as_str(), When::Nth(*nth), What::Hang);
            kind(&world).run_until_struck(&rule).await;
            rule.cancel();
            let again = kind(&world).run().await;
            assert!(matches!(again.ending, Ending::Done(_)), "{case}: {}", again.error());
            let made = world.api.journal();
            let bound = made.count(EDIT_PROJECT) + made.count(EDIT_WORKER);
            assert_eq!((made.count(CREATE), bound), (1, 1), "{case}: each change once in all");
            // The dead run's job never came to its deployment, so this one has to ask for it.
            let needs_deploy = if made.count(EDIT_PROJECT) == 1 { "true" } else { "false" };
            assert_eq!(again.output("deploy-needed"), needs_deploy, "{case}");
        }
    }
}

#[tokio::test]
async fn a_lost_answer_is_looked_for_and_nothing_is_created_twice() {
    let world = World::new();
    let rule = world.faults().on(CREATE, When::Always, What::ApplyThenLose);
    // The list lags: the new namespace is not in it at first.
    let lag = world.faults().on(LIST, When::Nth(3), What::Stale);
    world.to_pages().run().await.assert("success");
    assert_eq!((rule.fired(), lag.fired(), world.api.journal().count(CREATE)), (1, 1, 1));

    let world = World::new();
    let rule = world.faults().on(CREATE, When::Always, What::Reset);
    let run = world.to_pages().run().await;
    run.assert("unreachable");
    assert_eq!(rule.fired(), 1, "asked for once");
    assert!(run.error().contains("run again: a second run finds it"), "{}", run.error());
}

#[tokio::test]
async fn somebody_else_may_create_it_at_the_same_moment() {
    let world = World::new();
    let taken = json!({"success": false, "messages": [], "result": null, "errors": [
        {"code": 10014, "message": "a namespace with this account ID and title already exists"}]});
    world.faults().on(CREATE, When::Always, What::Answer(Answer::json(400, taken.to_string())));
    // Both looks before the creation missed it.
    let lists = world.faults().on(
        LIST,
        When::First(2),
        What::Answer(Answer::json(200, r#"{"success":true,"errors":[],"messages":[],"result":[]}"#)),
    );
    let id = world.cloudflare.add_namespace("content");
    let run = world.to_pages().run().await;
    run.assert("success");
    assert_eq!((lists.fired(), run.output("namespace-id")), (2, id.as_str()));
}

#[tokio::test]
async fn somebody_else_may_bind_it_at_the_same_moment() {
    let world = World::new();
    let before = json!({"success": true, "errors": [], "messages": [], "result": {
        "name": "docs", "deployment_configs": {"production": {"kv_namespaces": {}}}}});
    world.invoke("sessions").with("pages-project", "docs").run().await.assert("success");
    world.api.journal().clear();
    let answer = What::Answer(Answer::json(200, before.to_string()));
    let rule = world.faults().on(READ_PROJECT, When::First(1), answer);
    let run = world.invoke("sessions").with("pages-project", "docs").run().await;
    run.assert("success");
    assert_eq!((rule.fired(), world.writes().len()), (1, 0));
    assert_eq!((run.output("changed"), run.output("deploy-needed")), ("false", "true"));
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_read_back() {
    for what in [What::ApplyThenLose, What::CutBody] {
        for (kind, route) in KINDS.into_iter().zip([EDIT_PROJECT, EDIT_WORKER]) {
            let world = World::new();
            let rule = world.faults().on(route, When::Always, what.clone());
            kind(&world).run().await.assert("success");
            assert_eq!((rule.fired(), world.api.journal().count(route)), (1, 1));
        }
    }
    let world = World::new();
    let rule = world.faults().on(EDIT_PROJECT, When::Always, What::Reset);
    let run = world.to_pages().run().await;
    run.assert("unreachable");
    assert!(run.error().contains("run again: it binds"), "{}", run.error());
    assert_eq!((rule.fired(), run.output("deploy-needed")), (1, "true"), "perhaps");
    rule.cancel();
    world.to_pages().run().await.assert("success");
}

#[tokio::test]
async fn an_api_that_lags_is_waited_for_and_one_that_forgets_is_told() {
    let world = World::new();
    let rule = world.faults().on(READ_PROJECT, When::Nth(3), What::Stale);
    world.to_pages().run().await.assert("success");
    assert_eq!(rule.fired(), 1);

    let world = World::new();
    world.faults().on(READ_PROJECT, When::From(3), What::Stale);
    let run = world.to_pages().run().await;
    run.assert("failed");
    assert!(run.error().contains("was bound, but that cannot be seen"), "{}", run.error());

    let world = World::new();
    let mut config = world.pages("production");
    config["r2_buckets"] = json!({});
    config["kv_namespaces"] = json!({"CONTENT": {"namespace_id": world.sessions}});
    let lossy = json!({"success": true, "errors": [], "messages": [], "result": {
        "name": "docs", "deployment_configs": {"production": config}}});
    let answer = lossy.to_string().replace(crate::world::VARIABLE, "");
    world.faults().on(READ_PROJECT, When::Nth(3), What::Answer(Answer::json(200, answer)));
    let run = world.invoke("sessions").with("pages-project", "docs").run().await;
    run.assert("failed");
    let told = "Pages project docs, production has lost or changed bindings since CONTENT was bound: FILES (r2_buckets), SESSIONS (KV namespace)";
    assert!(run.error().starts_with(told), "{}", run.error());
}

#[tokio::test]
async fn an_api_that_stumbles_all_the_time_is_ridden_out() {
    for seed in 0..10 {
        for kind in KINDS {
            let world = World::new();
            let chance = When::Chance { probability: 0.3, seed };
            world.faults().on("GET /client/v4/**", chance.clone(), What::status(502));
            world.faults().on("/client/v4/**", chance, What::too_many_requests(1));
            kind(&world).run().await.assert("success");
            assert_eq!(world.api.journal().count(CREATE), 1);
        }
    }
}

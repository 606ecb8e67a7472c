//! Answers that no vendor should give: the right exit code, nothing half done.

use action::Ending;
use rehearsal::fault::{Answer, Garble, What, When};
use serde_json::json;

use crate::world::{LIST, READ_PROJECT, TOKEN, VARIABLE, World};

#[tokio::test]
async fn bodies_that_are_not_cloudflare_s() {
    for route in [LIST, READ_PROJECT] {
        for what in [
            What::Garble(Garble::Html),
            What::Garble(Garble::WrongTypes),
            What::Garble(Garble::Truncated),
            What::Garble(Garble::Bytes("{\"success\":true}".into())),
            What::Garble(Garble::Bytes("[".repeat(100_000).into())),
            What::CutBody,
            What::Answer(Answer::new(204, "")),
        ] {
            let case = format!("{what} at {route}");
            let world = World::new();
            world.faults().on(route, When::Always, what);
            let run = world.to_pages().run().await;
            assert_eq!(run.ending, Ending::Unreachable, "{case}: {}", run.error());
            assert_eq!(world.writes().len(), 0, "{case}");
        }
    }
    let world = World::new();
    world.faults().on(LIST, When::Always, What::Garble(Garble::Huge));
    let run = world.to_pages().run().await;
    assert!(run.error().contains("more than 8388608 bytes"), "{}", run.error());
}

#[tokio::test]
async fn secrets_in_answers_are_not_repeated() {
    for body in [
        json!({"success": false, "errors": [{"code": 1000, "message": format!("bad token {TOKEN}")}], "messages": []}),
        json!({"you sent": TOKEN}),
        json!({"success": true, "result": {"name": 1, "env_vars": {"A": {"value": VARIABLE}}}}),
        json!({"variable": VARIABLE}),
    ] {
        for status in [200, 400] {
            let world = World::new();
            world.faults().on(
                READ_PROJECT,
                When::Always,
                What::Answer(Answer::json(status, body.to_string())),
            );
            // The run itself checks that the canaries are nowhere.
            let run = world.to_pages().run().await;
            assert!(matches!(run.ending, Ending::Unreachable | Ending::Denied), "{}", run.error());
        }
    }
}

#[tokio::test]
async fn names_that_hold_workflow_commands_and_markup() {
    let world = World::new();
    let evil = "\n::set-output name=x::y\r##[error]<script>|`";
    world.cloudflare.set_in_pages_project(
        "docs",
        "/deployment_configs/production/kv_namespaces",
        json!({"CONTENT": {"namespace_id": evil}}),
    );
    let run = world.invoke("sessions").with("pages-project", "docs").run().await;
    run.assert("success");
    for line in run.stderr.split(['\n', '\r']) {
        let line = line.trim_start();
        assert!(line.starts_with("::add-mask::") || !line.starts_with("::"), "{line}");
    }
    assert!(!run.summary.contains("<script>") && !run.summary.contains("\n::"), "{}", run.summary);
}

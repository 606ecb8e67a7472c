//! What goes wrong, and what errors show.

use action::SecretString;
use http::{Error, Outcome};
use rehearsal::fault::{Answer, Garble, What, When};
use rehearsal::twins::render::{API_KEY, NewService};
use render::NewDeploy;
use serde_json::json;

use crate::world::{World, id, sha};

#[test]
fn what_is_not_there_is_renders_own_error() {
    let world = World::new();
    world.with(async |client, _| {
        let error = client.service(&id("srv-none")).await.unwrap_err();
        assert!(matches!(&error, Error::Refused { status: 404, error, .. } if error.message == "not found: srv-none"));
    });
}

#[test]
fn reads_are_repeated_unless_told_otherwise() {
    let world = World::new();
    let service = world.twin.add_service(&NewService::web("api"));
    let rule = world.server.faults().on("GET /v1/services/{id}", When::First(1), What::status(503));
    let name = service.clone();
    world.with(async move |client, _| {
        client.service(&id(&name)).await.unwrap();
    });
    rule.cancel();
    world.server.faults().on("GET /v1/services/{id}", When::First(1), What::status(503));
    world.with(async move |client, _| {
        let error = client.once().service(&id(&service)).await.unwrap_err();
        assert_eq!(error.status(), Some(503));
    });
}

#[test]
fn a_lost_answer_to_a_trigger_is_unclear_and_not_repeated() {
    for what in [What::ApplyThenLose, What::CutBody, What::Garble(Garble::Truncated), What::status(502)] {
        let world = World::new();
        let service = world.twin.add_service(&NewService::web("api"));
        world.server.faults().on("POST /v1/services/{id}/deploys", When::First(1), what);
        let name = service.clone();
        world.with(async move |client, permit| {
            let new = NewDeploy { commit_id: Some(sha('1')), ..NewDeploy::default() };
            let error = client.trigger_deploy(&id(&name), &new, &permit).await.unwrap_err();
            assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
        });
        assert!(world.server.journal().count("POST /v1/services/{id}/deploys") <= 1);
    }
}

#[test]
fn an_answer_about_variables_is_never_quoted() {
    let body = format!(r#"{{"key":"PASSWORD","value":["hunter2", "{API_KEY}"]}}"#);
    for what in [
        What::Garble(Garble::Bytes(body.clone().into())),
        What::Answer(Answer::text(200, body.clone())),
        What::Answer(Answer::text(500, body)),
        What::Answer(Answer::json(400, r#"{"message":"cannot take the value hunter2"}"#)),
    ] {
        let world = World::new();
        let service = world.twin.add_service(&NewService::web("api"));
        world.server.faults().on("/v1/services/{id}/env-vars/**", When::Always, what);
        world.with(async move |client, permit| {
            let (service, value) = (id(&service), SecretString::from("hunter2"));
            for error in [
                client.variables(&service).await.unwrap_err(),
                client.variable(&service, "PASSWORD").await.unwrap_err(),
                client.set_variable(&service, "PASSWORD", &value, &permit).await.unwrap_err(),
            ] {
                let text = format!("{error} {error:?}");
                assert!(!text.contains("hunter2") && !text.contains(API_KEY), "{text}");
            }
        });
    }
}

#[test]
fn a_list_without_an_end_is_named_by_its_address() {
    let world = World::new();
    let group = |number: usize| json!({"id": format!("evg-{number}"), "name": "shared", "serviceLinks": []});
    let variable =
        |number: usize| json!({"envVar": {"key": format!("K{number}"), "value": "x"}, "cursor": "again"});
    for (route, rows) in [
        ("GET /v1/env-groups", (0..100).map(group).collect::<Vec<_>>()),
        ("GET /v1/services/{id}/env-vars", (0..100).map(variable).collect()),
    ] {
        let body = serde_json::to_string(&rows).unwrap();
        world.server.faults().on(route, When::Always, What::Answer(Answer::json(200, body)));
    }
    let base = format!("GET {}/v1", world.server.base_url());
    world.with(async move |client, _| {
        let error = client.env_groups("tea-1").await.unwrap_err().to_string();
        assert!(error.starts_with(&format!("{base}/env-groups: 200, a full page")), "{error}");
        let error = client.variables(&id("srv-1")).await.unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("{base}/services/srv-1/env-vars: 200, it does not end")),
            "{error}"
        );
    });
}

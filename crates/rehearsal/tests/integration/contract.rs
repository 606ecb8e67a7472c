//! The contract layer passes what the document allows and finds what it does not.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use rehearsal::contract::{self, Contracts, Judge, Vendor};
use rehearsal::fault::{What, When};
use rehearsal::server::{Options, Server};
use serde_json::{Value, json};

use crate::call::{Call, call};

/// A document with one of everything, in the dialect of OpenAPI 3.0.
fn document() -> Value {
    let thing = json!({ "$ref": "#/components/schemas/thing" });
    let json_body = |schema: &Value| json!({ "application/json": { "schema": schema } });
    let ok = |schema: &Value| json!({ "description": "ok", "content": json_body(schema) });
    let failure = json!({ "type": "object", "properties": { "message": { "type": "string" } } });
    json!({
        "openapi": "3.0.3",
        "security": [{ "bearer": [] }],
        "components": {
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } },
            "parameters": {
                "limit": { "name": "limit", "in": "query", "schema": { "type": "integer", "maximum": 100 } }
            },
            "schemas": {
                "color": { "type": "string", "enum": ["blue", "green"] },
                "thing": {
                    "type": "object",
                    "required": ["id", "color"],
                    "properties": {
                        "id": { "type": "string" },
                        "color": { "$ref": "#/components/schemas/color" },
                        "note": { "type": "string", "nullable": true },
                        "made": { "type": "string", "format": "date-time" },
                        "secret": { "type": "string", "maxLength": 10 }
                    }
                }
            }
        },
        "paths": {
            "/things": {
                "get": {
                    "parameters": [
                        { "$ref": "#/components/parameters/limit" },
                        { "name": "color", "in": "query", "explode": false,
                          "schema": { "type": "array", "items": { "$ref": "#/components/schemas/color" } } },
                        { "name": "x-version", "in": "header", "required": true, "schema": { "type": "string" } }
                    ],
                    "responses": { "200": ok(&json!({ "type": "array", "items": thing })), "4XX": ok(&failure) }
                },
                "post": {
                    "requestBody": { "required": true, "content": json_body(&thing) },
                    "responses": { "201": ok(&thing), "202": { "description": "accepted, no body" } }
                }
            },
            "/things/{id}": {
                "get": { "responses": { "200": ok(&thing) } },
                "put": {
                    "requestBody": { "content": { "application/octet-stream": {
                        "schema": { "type": "string", "format": "binary" } } } },
                    "responses": { "200": ok(&thing) }
                },
                "patch": {
                    "requestBody": { "content": { "multipart/form-data": { "schema": {
                        "type": "object",
                        "properties": { "thing": thing, "note": { "type": "string" } } } } } },
                    "responses": { "200": ok(&thing) }
                }
            }
        }
    })
}

/// What the twin says, whatever it is asked.
#[derive(Clone)]
struct Says {
    status: u16,
    content_type: &'static str,
    body: String,
}

fn says(status: u16, body: &Value) -> Says {
    Says { status, content_type: "application/json", body: body.to_string() }
}

fn blue() -> Value {
    json!({ "id": "1", "color": "blue" })
}

fn router(says: Says) -> Router {
    let says = Arc::new(says);
    Router::new().fallback(move || async move {
        let mut answer = Response::new(says.body.clone());
        *answer.status_mut() = StatusCode::from_u16(says.status).unwrap();
        if !says.body.is_empty() {
            let content_type = HeaderValue::from_static(says.content_type);
            answer.headers_mut().insert(CONTENT_TYPE, content_type);
        }
        answer
    })
}

fn judge() -> Judge {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("supabase.json"), document().to_string()).unwrap();
    Contracts::load(folder.path()).unwrap().judge(Vendor::Supabase).unwrap()
}

fn serve(says: Says) -> Server {
    let options = Options { contract: Some(judge()), ..Options::default() };
    Server::start("things", router(says), options).unwrap()
}

/// Every violation of one exchange, as it is shown.
fn violations(call: Call, says: Says) -> Vec<String> {
    let server = serve(says);
    let _ = call.bearer("t").send(&server);
    let judge = server.contract().unwrap();
    assert_eq!(judge.judged(), 1);
    judge.take_violations().iter().map(ToString::to_string).collect()
}

fn list(query: &str) -> Call {
    call("GET", &format!("/things{query}")).header("x-version", "1")
}

fn create(body: &Value) -> Call {
    call("POST", "/things").json(body)
}

fn form(parts: &[(&str, &str)]) -> Call {
    let parts = parts.iter().map(|(name, value)| {
        format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    });
    let body: String = parts.chain(["--cut--\r\n".to_owned()]).collect();
    call("PATCH", "/things/1").bytes("multipart/form-data; boundary=cut", body)
}

#[test]
fn what_the_document_allows_passes() {
    let full = json!({ "id": "1", "color": "green", "note": null, "made": "2026-11-20T10:00:00.5Z" });
    let things = json!([blue(), full]);
    let allowed: [(Call, Says); 9] = [
        (list(""), says(200, &things)),
        (list("?limit=100&color=blue,green"), says(200, &json!([]))),
        (list(""), says(404, &json!({ "message": "not found" }))),
        (create(&full), says(201, &blue())),
        (create(&blue()), Says { status: 202, content_type: "", body: String::new() }),
        (call("GET", "/things/a%2Fb"), says(200, &blue())),
        (call("GET", "/things/a/b"), says(200, &blue())),
        (call("PUT", "/things/1").bytes("application/octet-stream", [0, 255]), says(200, &blue())),
        (form(&[("thing", &blue().to_string()), ("note", "not { json")]), says(200, &blue())),
    ];
    for (number, (call, says)) in allowed.into_iter().enumerate() {
        assert_eq!(violations(call, says), Vec::<String>::new(), "case {number}");
    }
}

#[test]
fn what_the_document_does_not_allow_is_found() {
    let ok = || says(200, &json!([]));
    let made = || says(201, &blue());
    let thing = || says(200, &blue());
    let found: [(&str, Call, Says); 22] = [
        (
            "request body: Unevaluated properties",
            create(&json!({ "id": "1", "color": "blue", "nte": "" })),
            made(),
        ),
        ("request body: \"color\" is a required", create(&json!({ "id": "1" })), made()),
        ("request body at /color: ", create(&json!({ "id": "1", "color": "red" })), made()),
        ("request body at /id: ", create(&json!({ "id": 1, "color": "blue" })), made()),
        ("request body at /made: ", create(&json!({ "id": "1", "color": "blue", "made": "noon" })), made()),
        ("request body: missing", call("POST", "/things"), made()),
        ("request body: is not JSON", call("POST", "/things").bytes("application/json", "{"), made()),
        ("request body: text/plain is not", call("POST", "/things").bytes("text/plain", "x"), made()),
        ("request body: no content type", call("PUT", "/things/1").header("x", "y").raw("x"), thing()),
        ("request body: the operation takes none", list("").json(&blue()), ok()),
        ("request body: part thing is not JSON", form(&[("thing", "{")]), thing()),
        ("request body at /thing/color", form(&[("thing", r#"{"id":"1","color":"red"}"#)]), thing()),
        ("query: the parameter \"colour\" is not documented", list("?colour=blue"), ok()),
        ("query: the parameter \"limit\" does not fit", list("?limit=101"), ok()),
        ("query: the parameter \"limit\" is given more than once", list("?limit=1&limit=2"), ok()),
        ("query: the parameter \"color\" is given more than once", list("?color=blue&color=green"), ok()),
        ("headers: the parameter \"x-version\" is missing", call("GET", "/things"), ok()),
        ("DELETE /things: request: the document has no such operation", call("DELETE", "/things"), ok()),
        ("response 418: the status is not documented", create(&blue()), says(418, &json!({}))),
        (
            "response 200 at /0: Unevaluated",
            list(""),
            says(200, &json!([{ "id": "1", "color": "blue", "x": 1 }])),
        ),
        ("response 202: has a body", create(&blue()), says(202, &blue())),
        (
            "response 201: has no body",
            create(&blue()),
            Says { status: 201, content_type: "", body: String::new() },
        ),
    ];
    for (wanted, call, says) in found {
        let violations = violations(call, says);
        assert!(violations.len() == 1 && violations[0].contains(wanted), "{wanted}: {violations:#?}");
    }
    let html = Says { status: 200, content_type: "text/html", body: "<p>".to_owned() };
    assert!(violations(list(""), html)[0].contains("text/html is not a documented content type"));
}

#[test]
fn missing_credentials_are_found() {
    let server = serve(says(200, &blue()));
    call("GET", "/things/1").send(&server);
    let violations = server.contract().unwrap().take_violations();
    assert!(violations[0].to_string().contains("GET /things/{id}: headers: no credentials"));
}

#[test]
fn violations_show_no_secret() {
    let body = json!({ "id": "1", "color": "blue", "secret": "canary-canary", "more": "canary-2" });
    let shown = violations(create(&body), says(201, &blue())).join("\n");
    assert!(shown.contains("/secret") && shown.contains("more"), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn a_server_does_not_end_quietly_over_a_violation() {
    let broken = || {
        let server = serve(says(200, &json!({ "id": 1 })));
        call("GET", "/things/1").bearer("t").send(&server);
        server
    };
    let violations = broken().stop().unwrap_err();
    assert!(violations.to_string().contains("keep the supabase contract"), "{violations}");
    let server = broken();
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(server))).unwrap_err();
    assert!(panic.downcast_ref::<String>().unwrap().contains("GET /things/{id}"));
}

#[test]
fn faults_are_not_judged() {
    let server = serve(says(200, &blue()));
    server.faults().on("/**", When::Always, What::status(599));
    assert_eq!(call("GET", "/things/1").bearer("t").send(&server).status, 599);
    assert_eq!(server.contract().unwrap().judged(), 0);
}

#[test]
fn the_vendors_documents_compile_whole() {
    let Some(contracts) = contract::from_environment().unwrap() else { return };
    assert!(contracts.compile_all().unwrap() > 400);
    assert!(matches!(
        Contracts::load(Path::new("/nowhere")).unwrap_err(),
        contract::ContractError::NoFolder(_)
    ));
}

//! Every kind of bad answer becomes the right kind of error.

use std::time::Duration;

use action::{Ending, Failure};
use http::{Error, Outcome, Retries};

use crate::script::{Act, CANARY, Server, client, client_with, say};

async fn get(act: Act) -> Error {
    let server = Server::start(vec![act]).await;
    let (client, ..) = client_with(&server.address, |builder| builder.retries(Retries::NONE));
    client.get(["thing"]).fetch::<Vec<u8>>().await.unwrap_err()
}

#[tokio::test]
async fn a_documented_error_keeps_the_vendors_words_and_code() {
    let error = get(say(404, "", r#"{"code": 81044, "message": "no such thing"}"#)).await;
    assert_eq!((error.status(), error.code(), error.outcome()), (Some(404), Some(81044), Outcome::Refused));
    assert!(error.to_string().ends_with("/thing: 404, code 81044, no such thing"), "{error}");
    assert_eq!(Failure::from(error).ending(), Ending::Denied);
}

#[tokio::test]
async fn html_in_place_of_an_error_is_quoted_with_its_type() {
    let error = get(say(403, "content-type: text/html\r\n", "<h1>Just a\n moment...</h1>")).await;
    assert!(matches!(error, Error::Undocumented { status: 403, .. }), "{error:?}");
    assert!(error.to_string().contains("text/html: <h1>Just a moment...</h1>"), "{error}");
    let error = get(say(200, "content-type: text/html\r\n", "<html>hello</html>")).await;
    assert!(
        error.to_string().contains("200, text/html (expected value at line 1 column 1): <html>hello</html>"),
        "{error}"
    );
    assert_eq!(Failure::from(error).ending(), Ending::Unreachable);
}

#[tokio::test]
async fn wrong_types_and_empty_bodies_are_undocumented() {
    for body in ["", "{}", "[1, 2", "null", r#"["a"]"#] {
        let error = get(say(200, "content-type: application/json\r\n", body)).await;
        assert!(matches!(error, Error::Undocumented { status: 200, .. }), "{body}: {error:?}");
        assert_eq!(error.outcome(), Outcome::Unknown, "a write may have been applied");
    }
}

#[tokio::test]
async fn an_endless_body_is_given_up() {
    let error = get(Act::Flood).await;
    assert!(error.to_string().contains("more than 1048576 bytes"), "{error}");
}

#[tokio::test]
async fn half_a_body_is_a_lost_connection() {
    let error = get(Act::Say(b"HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\n[1".to_vec())).await;
    assert!(matches!(error, Error::Unreached { perhaps_applied: true, .. }), "{error:?}");
}

#[tokio::test]
async fn silence_times_out() {
    let server = Server::start(vec![Act::Hang]).await;
    let (client, _, permit) =
        client_with(&server.address, |builder| builder.timeout(Duration::from_millis(100)));
    let error = client.post(["thing"], &permit).send().await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(error.to_string().contains("timed out"), "{error}");
    assert_eq!(server.count(), 1, "a lost POST is not repeated");
}

#[tokio::test]
async fn nobody_there_means_not_sent() {
    let (client, clock, permit) = client("http://127.0.0.1:9");
    let error = client.post(["thing"], &permit).send().await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert_eq!(clock.slept().len(), 6, "so it was safe to repeat it");
    assert_eq!(Failure::from(error).ending(), Ending::Unreachable);
}

#[tokio::test]
async fn a_secret_echoed_back_is_not_repeated() {
    for act in [
        say(401, "", &format!(r#"{{"message": "bad token {CANARY}"}}"#)),
        say(401, "content-type: text/html\r\n", &format!("<p>{CANARY}</p>")),
        say(200, "", &format!("{}{CANARY}", "x".repeat(190))),
        say(302, &format!("location: /login?token={CANARY}\r\n"), ""),
        say(200, &format!("content-type: text/{CANARY}\r\n"), "x"),
        say(403, &format!("content-type: text/{CANARY}\r\n"), "x"),
    ] {
        let error = get(act).await;
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn of_an_answer_to_a_private_request_status_and_code_remain() {
    for (act, told) in [
        (say(400, "", r#"{"code": 7, "message": "no value: hunter2"}"#), "/thing: 400, code 7"),
        (say(302, "location: /?value=hunter2\r\n", "hunter2"), "a redirect is not followed"),
        (say(500, "", "hunter2"), "7 bytes that are not shown"),
    ] {
        let server = Server::start(vec![act]).await;
        let (client, ..) = client_with(&server.address, |builder| builder.retries(Retries::NONE));
        let error = client.get(["thing"]).private().send().await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains(told) && !text.contains("hunter2"), "{text}");
    }
}

#[tokio::test]
async fn a_request_has_the_name_that_its_errors_give_it() {
    let server = Server::start(vec![say(404, "", r#"{"message": "x"}"#)]).await;
    let (client, ..) = client_with(&server.address, |builder| builder);
    let request = client.get(["thing"]).query("limit", "1");
    let name = request.name();
    assert_eq!(name, format!("GET {}/thing", server.address));
    assert!(request.send().await.unwrap_err().to_string().starts_with(&format!("{name}: 404")));
}

#[tokio::test]
async fn a_vendors_text_is_quoted_in_part_only() {
    let message = "x".repeat(1_000_000);
    for act in [
        say(400, "", &format!(r#"{{"message": "{message}"}}"#)),
        say(400, "content-type: text/plain\r\n", &message),
        say(302, &format!("location: /{}\r\n", &message[..10_000]), ""),
        say(200, &format!("content-type: text/{}\r\n", &message[..10_000]), "x"),
        say(403, &format!("content-type: text/{}\r\n", &message[..10_000]), "x"),
    ] {
        assert!(get(act).await.to_string().len() < 1_000);
    }
}

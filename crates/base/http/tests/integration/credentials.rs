//! A credential stays with its host.

use http::Error;

use crate::script::{CANARY, Server, client, client_with, say};

#[tokio::test]
async fn a_redirect_elsewhere_is_not_followed() {
    let elsewhere = Server::start(vec![say(200, "", "[]")]).await;
    let location = format!("location: {}/stolen\r\n", elsewhere.address);
    for follow in [false, true] {
        let server = Server::start(vec![say(302, &location, "")]).await;
        let (client, ..) =
            client_with(
                &server.address,
                |builder| if follow { builder.follow_same_origin() } else { builder },
            );
        let error = client.get(["thing"]).send().await.unwrap_err();
        assert!(matches!(error, Error::Undocumented { status: 302, .. }), "{error:?}");
        assert!(error.to_string().contains("a redirect to http"), "{error}");
        assert!(server.requests.lock().unwrap()[0].contains(&format!("authorization: Bearer {CANARY}")));
    }
    assert_eq!(elsewhere.count(), 0);
}

#[tokio::test]
async fn a_redirect_on_the_same_origin_is_followed_when_asked_and_never_for_ever() {
    let server = Server::start(vec![say(302, "location: /b\r\n", ""), say(200, "", "[7]")]).await;
    let (client, ..) = client_with(&server.address, http::Builder::follow_same_origin);
    assert_eq!(client.get(["a"]).fetch::<Vec<u8>>().await, Ok(vec![7]));
    let server = Server::start(vec![say(302, "location: /a\r\n", "")]).await;
    let (client, ..) = client_with(&server.address, http::Builder::follow_same_origin);
    assert!(client.get(["a"]).send().await.is_err());
    assert!(server.count() <= 6, "{}", server.count());
}

#[tokio::test]
async fn a_credential_no_header_can_carry_is_refused_without_showing_it() {
    let (client, ..) = client_with("http://127.0.0.1:9", |builder| {
        builder.bearer(action::SecretString::from("a\nb-canary"))
    });
    let error = client.get(["x"]).send().await.unwrap_err();
    assert!(matches!(error, Error::Invalid(_)));
    assert!(!error.to_string().contains("canary"));
}

#[tokio::test]
async fn debug_output_shows_no_credential() {
    let (client, ..) = client("http://127.0.0.1:9");
    assert!(!format!("{client:?} {:?}", client.get(["x"])).contains(CANARY));
}

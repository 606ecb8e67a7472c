//! What is repeated, and when.

use std::time::Duration;

use crate::script::{Act, Server, client, say};

#[tokio::test]
async fn reads_are_repeated_after_every_passing_fault() {
    let acts = vec![
        say(503, "", "busy"),
        Act::Close,
        say(429, "retry-after: 9\r\n", r#"{"message": "slow down"}"#),
        say(200, "", "[1, garbled"),
        say(200, "", "[5]"),
    ];
    let server = Server::start(acts).await;
    let (client, clock, _) = client(&server.address);
    assert_eq!(client.get(["thing"]).query("a", "b&c").fetch::<Vec<u8>>().await, Ok(vec![5]));
    let pauses: Vec<_> = clock.slept().iter().map(Duration::as_secs_f32).collect();
    assert_eq!(pauses, [0.25, 0.5, 9.0, 2.0]);
    assert!(server.requests.lock().unwrap()[4].starts_with("GET /thing?a=b%26c HTTP/1.1\r\n"));
}

#[tokio::test]
async fn once_is_once() {
    let server = Server::start(vec![say(503, "", ""), say(200, "", "[5]")]).await;
    let (client, clock, _) = client(&server.address);
    assert!(client.once().get(["thing"]).send().await.is_err());
    assert!(clock.slept().is_empty());
}

#[tokio::test]
async fn a_write_is_repeated_only_when_it_was_turned_away() {
    for (first, count) in [
        (say(429, "", r#"{"message": "x"}"#), 2),
        (say(500, "", ""), 1),
        (Act::Close, 1),
        (say(200, "", "?"), 1),
    ] {
        let server = Server::start(vec![first.clone(), say(201, "", "[5]")]).await;
        let (client, _, permit) = client(&server.address);
        let _ = client.post(["thing"], &permit).json(&[1]).fetch::<Vec<u8>>().await;
        let _ = client.patch(["thing"], &permit).json(&[1]).fetch::<Vec<u8>>().await;
        let posts =
            server.requests.lock().unwrap().iter().filter(|request| request.starts_with("POST")).count();
        assert_eq!(posts, count, "{first:?}");
    }
}

#[tokio::test]
async fn setting_a_value_is_repeated_freely() {
    let server = Server::start(vec![Act::Close, say(500, "", ""), say(200, "", "[5]")]).await;
    let (client, _, permit) = client(&server.address);
    assert_eq!(client.put(["thing"], &permit).json(&[1]).fetch::<Vec<u8>>().await, Ok(vec![5]));
    assert_eq!(server.count(), 3);
}

#[tokio::test]
async fn a_post_that_reads_is_repeated_freely_and_any_other_is_never_sent_without_a_permit() {
    let server = Server::start(vec![Act::Close, say(500, "", ""), say(201, "", "[5]")]).await;
    let (client, ..) = client(&server.address);
    let read = client.ask(["v1", "projects", "x", "database", "query", "read-only"]).json(&[1]);
    assert_eq!(read.fetch::<Vec<u8>>().await, Ok(vec![5]));
    assert_eq!(server.count(), 3);
    for path in [&["v1", "projects", "x", "database", "query"][..], &["read-only"], &[]] {
        let refused = client.ask(path.iter().copied()).json(&[1]).send().await.unwrap_err();
        assert!(matches!(&refused, http::Error::Invalid(why) if why.contains("permit")), "{refused}");
    }
    assert_eq!(server.count(), 3);
}

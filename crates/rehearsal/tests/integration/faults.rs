//! A server misbehaves exactly as told, and keeps a true record of it.

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::routing::{get, post};
use axum::{Json, Router};
use rehearsal::fault::{Answer, Faults, Garble, HUGE, What, When};
use rehearsal::server::{Options, Server, unknown_route};
use serde_json::{Value, json};

use crate::call::call;

/// A twin that counts what was posted to it.
struct Counter {
    server: Server,
    posted: Arc<AtomicU64>,
}

impl Counter {
    fn start() -> Self {
        let posted = Arc::new(AtomicU64::new(0));
        let (written, read) = (Arc::clone(&posted), Arc::clone(&posted));
        let count = move || async move {
            Json(json!({ "count": read.load(Ordering::SeqCst), "name": "blue", "list": [1, null] }))
        };
        let add = move |Json(_): Json<Value>| async move {
            Json(json!({ "count": written.fetch_add(1, Ordering::SeqCst) + 1 }))
        };
        let router =
            Router::new().route("/count", get(count)).route("/items", post(add)).fallback(unknown_route);
        let server = Server::start("counter", router, Options::default()).unwrap();
        Self { server, posted }
    }

    fn faults(&self) -> &Faults {
        self.server.faults()
    }

    fn posted(&self) -> u64 {
        self.posted.load(Ordering::SeqCst)
    }

    fn count(&self) -> Value {
        call("GET", "/count").send(&self.server).json()["count"].clone()
    }
}

fn post_item() -> crate::call::Call {
    call("POST", "/items").json(&json!({ "id": 1 }))
}

#[test]
fn refused_connections_close_in_order_and_nothing_is_processed() {
    let twin = Counter::start();
    let rule = twin.faults().on("POST /items", When::Nth(1), What::Refuse);
    assert!(post_item().attempt(&twin.server).unwrap().is_none());
    assert_eq!((twin.posted(), twin.server.journal().count("POST /items")), (0, 0));
    assert_eq!(post_item().send(&twin.server).status, 200);
    assert_eq!((twin.posted(), rule.fired()), (1, 1));
}

#[test]
fn resets_arrive_as_resets() {
    let twin = Counter::start();
    twin.faults().on("GET /count", When::Always, What::Reset);
    for _ in 0..20 {
        let error = call("GET", "/count").attempt(&twin.server).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }
    assert!(twin.server.journal().entries().is_empty());
}

#[test]
fn a_hanging_request_gets_no_byte_and_does_not_hold_up_others_or_the_end() {
    let twin = Counter::start();
    twin.faults().on("POST /items", When::Always, What::Hang);
    let hung = post_item().patience(Duration::from_millis(200)).attempt(&twin.server);
    assert!(matches!(hung.unwrap_err().kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
    assert_eq!(twin.count(), 0);

    let (hung, struck) = (post_item(), twin.faults().strikes().len());
    let address = twin.server.address();
    let waiting = std::thread::spawn(move || hung.attempt_at(address));
    while twin.faults().strikes().len() == struck {
        std::thread::sleep(Duration::from_millis(1));
    }
    twin.server.stop().unwrap();
    assert!(waiting.join().unwrap().unwrap().is_none(), "the end of the server ends it");
}

#[test]
fn chosen_answers_replace_the_twins() {
    let twin = Counter::start();
    twin.faults().on("POST /items", When::Nth(1), What::too_many_requests(7));
    twin.faults().on("POST /items", When::Nth(2), What::status(503));
    let odd = Answer::new(418, "short and stout").header("x-odd", "yes").header("bad\n", "left out");
    twin.faults().on("POST /items", When::Nth(3), What::Answer(odd));

    let limited = post_item().send(&twin.server);
    assert_eq!((limited.status, limited.header("retry-after")), (429, Some("7")));
    assert_eq!(post_item().send(&twin.server).status, 503);
    let odd = post_item().send(&twin.server);
    assert_eq!((odd.status, odd.header("x-odd"), odd.text().as_str()), (418, Some("yes"), "short and stout"));
    assert_eq!(twin.posted(), 0);
    assert_eq!(post_item().send(&twin.server).json()["count"], 1);
}

#[test]
fn a_cut_body_promises_more_than_it_sends() {
    let twin = Counter::start();
    let whole = call("GET", "/count").send(&twin.server).body;
    twin.faults().on("/**", When::Always, What::CutBody);
    let cut = call("GET", "/count").send(&twin.server);
    assert_eq!(cut.header("content-length").unwrap(), whole.len().to_string());
    assert_eq!(cut.body, whole[..whole.len() / 2]);
    // The twin has processed it all the same.
    post_item().send(&twin.server);
    assert_eq!(twin.posted(), 1);
}

#[test]
fn garbled_answers() {
    let twin = Counter::start();
    let whole = call("GET", "/count").send(&twin.server).body;
    let garble = |garble| {
        twin.faults().clear();
        twin.faults().on("GET /count", When::Always, What::Garble(garble));
        call("GET", "/count").send(&twin.server)
    };

    let html = garble(Garble::Html);
    assert!(html.status == 200 && html.header("content-type").unwrap().starts_with("text/html"));
    let turned = garble(Garble::WrongTypes).json();
    assert_eq!(turned, json!({ "count": "0", "name": 4, "list": { "0": "1", "1": true } }));
    let truncated = garble(Garble::Truncated);
    assert_eq!(truncated.body, whole[..whole.len() / 2]);
    assert_eq!(truncated.header("content-length").unwrap(), truncated.body.len().to_string());
    assert_eq!(garble(Garble::Bytes("\0{".into())).body, b"\0{");
    let huge = garble(Garble::Huge);
    assert!(huge.header("content-type").unwrap().contains("json"));
    assert_eq!(huge.body.len(), HUGE);
}

#[test]
fn an_applied_request_can_lose_its_answer() {
    let twin = Counter::start();
    twin.faults().on("POST /items", When::Nth(1), What::ApplyThenLose);
    assert!(post_item().attempt(&twin.server).unwrap().is_none());
    assert_eq!((twin.posted(), twin.server.journal().count("POST /items")), (1, 1));
}

#[test]
fn stale_answers_repeat_the_previous_identical_get() {
    let twin = Counter::start();
    let rule = twin.faults().on("GET /count", When::First(3), What::Stale);
    assert_eq!(twin.count(), 0, "nothing to repeat yet");
    post_item().send(&twin.server);
    assert_eq!(twin.count(), 0);
    assert_eq!(call("GET", "/count?other").send(&twin.server).json()["count"], 1, "another query");
    assert_eq!(twin.count(), 1, "the rule's three calls are over");
    assert_eq!(rule.fired(), 1);
}

#[test]
fn rules_count_their_own_calls_and_the_first_that_is_due_strikes() {
    let twin = Counter::start();
    let second = twin.faults().on("GET /count", When::Every(2), What::status(502));
    let always = twin.faults().on("/**", When::From(2), What::status(503));
    let statuses: Vec<u16> = (0..4).map(|_| call("GET", "/count").send(&twin.server).status).collect();
    assert_eq!(statuses, [200, 502, 503, 502]);
    second.cancel();
    assert_eq!(call("GET", "/count").send(&twin.server).status, 503);
    twin.faults().clear();
    assert_eq!(call("GET", "/count").send(&twin.server).status, 200);
    assert_eq!((second.fired(), always.fired()), (2, 2));
}

#[test]
fn a_fault_that_missed_is_named() {
    let twin = Counter::start();
    twin.faults().on("GET /count", When::Nth(1), What::Refuse);
    twin.faults().on("DELETE /count", When::Always, What::Reset);
    let _ = call("GET", "/count").attempt(&twin.server);
    assert_eq!(twin.faults().unfired(), ["reset on DELETE /count"]);
    let strikes = twin.faults().strikes();
    assert_eq!(strikes.len(), 1);
    assert_eq!((strikes[0].path.as_str(), strikes[0].what.as_str()), ("/count", "refuse"));
}

#[test]
fn the_journal_tells_requests_in_order_without_credentials() {
    let (one, two) = (Counter::start(), Counter::start());
    call("GET", "/count?page=2").bearer("canary-1").send(&one.server);
    one.faults().on("POST /items", When::Nth(1), What::status(500));
    post_item().send(&one.server);
    post_item().bearer("canary-1").send(&two.server);
    post_item().header("x-note", "canary-2").send(&one.server);
    assert_eq!(call("GET", "/absent").send(&one.server).status, 500);

    let entries = one.server.journal().entries();
    assert_eq!(one.server.journal().lines(), ["GET /count", "POST /items", "GET /absent"]);
    assert_eq!(entries[0].query.as_deref(), Some("page=2"));
    assert_eq!(entries[1].json()["id"], 1);
    assert_eq!(entries[2].status.unwrap(), 500);
    assert_eq!(one.server.journal().writes().len(), 1);
    assert!(entries[0].authorized && !entries[1].authorized);
    assert!(!format!("{entries:?}").contains("canary-1"));
    assert!(entries[1].contains("canary-2") && !entries[0].contains("canary-1"));

    let (strike, elsewhere) = (one.faults().strikes()[0].order, two.server.journal().entries()[0].order);
    assert!(entries[0].order < strike && strike < elsewhere && elsewhere < entries[1].order);
    one.server.journal().clear();
    assert!(one.server.journal().entries().is_empty());
}

#[test]
fn an_unknown_route_answers_500_and_names_itself() {
    let twin = Counter::start();
    let reply = call("PATCH", "/v1/nowhere?x=1").send(&twin.server);
    assert_eq!(reply.status, 500);
    assert!(reply.text().contains("PATCH /v1/nowhere"), "{}", reply.text());
}

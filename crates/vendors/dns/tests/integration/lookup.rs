//! What a lookup makes of what comes back.

use std::time::Duration;

use dns::{CnameAnswer, Error, NameServer, Rcode, lookup_cname};
use tokio::net::UdpSocket;

use crate::responder::{Over, Responder, cname, reply};

/// Response, authoritative; response, authoritative, cut off.
const ANSWER: u8 = 0x84;
const CUT: u8 = 0x86;

/// Long enough for a busy machine; only tests of silence wait it out.
const PATIENCE: Duration = Duration::from_secs(20);
const IMPATIENCE: Duration = Duration::from_millis(300);

async fn ask(server: &Responder) -> Result<CnameAnswer, Error> {
    ask_within(server, PATIENCE).await
}

async fn ask_within(server: &Responder, limit: Duration) -> Result<CnameAnswer, Error> {
    lookup_cname(&server.address.into(), "API.example.com.", limit).await
}

fn blue() -> CnameAnswer {
    CnameAnswer::Target { name: "api-blue.onrender.com".to_owned(), ttl: 60, authoritative: true }
}

fn blue_record() -> Vec<u8> {
    cname("api-blue.onrender.com", 60)
}

#[tokio::test]
async fn a_target_over_udp() {
    let server = Responder::start(|_, question| vec![reply(question, ANSWER, 0, &[blue_record()])]).await;
    assert_eq!(ask(&server).await, Ok(blue()));
    assert_eq!(ask(&server).await, Ok(blue()));

    let asked = server.asked();
    assert_eq!(server.transports(), [Over::Udp, Over::Udp]);
    let (first, second) = (&asked[0].1, &asked[1].1);
    assert_eq!(first[2..], second[2..], "the same question");
    let flags = [first[2], first[3]];
    assert_eq!(flags, [0, 0], "a plain query, recursion not desired");
    assert!(first[12..].starts_with(b"\x03api\x07example\x03com\0"));
}

#[tokio::test]
async fn every_question_has_its_own_id() {
    let server = Responder::start(|_, question| vec![reply(question, ANSWER, 3, &[])]).await;
    for _ in 0..8 {
        assert_eq!(ask(&server).await, Ok(CnameAnswer::NxDomain));
    }
    let mut ids: Vec<_> = server.asked().iter().map(|(_, q)| [q[0], q[1]]).collect();
    ids.sort_unstable();
    ids.dedup();
    // Eight times the same by chance: one in 2^112.
    assert!(ids.len() > 1, "ids are drawn anew: {ids:?}");
}

#[tokio::test]
async fn a_cut_answer_is_asked_for_again_over_tcp() {
    let server = Responder::start(|over, question| match over {
        Over::Udp => vec![reply(question, CUT, 0, &[])],
        Over::Tcp => vec![reply(question, ANSWER, 0, &[blue_record()])],
    })
    .await;
    assert_eq!(ask(&server).await, Ok(blue()));
    assert_eq!(server.transports(), [Over::Udp, Over::Tcp]);
}

#[tokio::test]
async fn over_tcp_there_is_no_second_chance() {
    let cut = Responder::start(|_, question| vec![reply(question, CUT, 0, &[])]).await;
    let stray = Responder::start(|over, question| match over {
        Over::Udp => vec![reply(question, CUT, 0, &[])],
        Over::Tcp => {
            let mut other = reply(question, ANSWER, 0, &[blue_record()]);
            other[0] = !other[0];
            vec![other]
        }
    })
    .await;
    let long = Responder::start(|over, question| match over {
        Over::Udp => vec![reply(question, CUT, 0, &[])],
        Over::Tcp => vec![vec![0; 60_000]],
    })
    .await;
    for (server, reason) in [(cut, "cut off"), (stray, "another"), (long, "60000 bytes")] {
        let error = ask(&server).await.unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{error:?}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[tokio::test]
async fn half_a_message_over_tcp_is_an_error() {
    let server = Responder::start(|over, question| match over {
        Over::Udp => vec![reply(question, CUT, 0, &[])],
        Over::Tcp => vec![],
    })
    .await;
    let error = ask(&server).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn forged_answers_are_passed_over() {
    let server = Responder::start(|_, question| {
        let forged = [cname("evil.example.net", 60)];
        let mut other_id = reply(question, ANSWER, 0, &forged);
        other_id[1] = !other_id[1];
        let mut other_name = reply(question, ANSWER, 0, &forged);
        other_name[13] = b'z';
        let real = reply(question, ANSWER, 0, &[blue_record()]);
        vec![other_id, other_name, b"rubbish".to_vec(), Vec::new(), real]
    })
    .await;
    assert_eq!(ask(&server).await, Ok(blue()));
}

#[tokio::test]
async fn only_the_server_that_was_asked_is_heard() {
    let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap();
    let answering = async {
        let mut question = [0; 512];
        let (length, from) = server.recv_from(&mut question).await.unwrap();
        let question = &question[..length];
        let forged = reply(question, ANSWER, 0, &[cname("evil.example.net", 60)]);
        elsewhere.send_to(&forged, from).await.unwrap();
        let real = reply(question, ANSWER, 0, &[blue_record()]);
        server.send_to(&real, from).await.unwrap();
    };
    let server = address.into();
    let asking = lookup_cname(&server, "api.example.com", PATIENCE);
    let (answer, ()) = tokio::join!(asking, answering);
    assert_eq!(answer, Ok(blue()));
}

#[tokio::test]
async fn what_is_not_there_is_told_apart() {
    let none = Responder::start(|_, question| vec![reply(question, ANSWER, 0, &[])]).await;
    assert_eq!(ask(&none).await, Ok(CnameAnswer::NoCname { types: vec![] }));

    let no_name = Responder::start(|_, question| vec![reply(question, ANSWER, 3, &[])]).await;
    assert_eq!(ask(&no_name).await, Ok(CnameAnswer::NxDomain));

    let resolver = Responder::start(|_, question| vec![reply(question, 0x80, 0, &[])]).await;
    let error = ask(&resolver).await.unwrap_err();
    assert!(matches!(error, Error::NotAuthoritative { .. }), "{error:?}");
}

#[tokio::test]
async fn a_server_that_declines_is_quoted() {
    for (code, word) in [(2, "SERVFAIL"), (5, "REFUSED"), (1, "FORMERR"), (11, "code 11")] {
        let server = Responder::start(move |_, question| vec![reply(question, 0x80, code, &[])]);
        let error = ask(&server.await).await.unwrap_err();
        let Error::Declined { rcode, .. } = &error else {
            panic!("{error:?}");
        };
        assert_eq!(*rcode, Rcode(code));
        assert!(error.to_string().contains(word), "{error}");
        assert!(error.to_string().contains("api.example.com"), "{error}");
    }
}

#[tokio::test]
async fn silence_ends_at_the_time_limit() {
    let server = Responder::start(|_, _| Vec::new()).await;
    let error = ask_within(&server, IMPATIENCE).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
    assert!(error.to_string().contains("300ms"), "{error}");
    assert_eq!(server.transports(), [Over::Udp], "it is asked once");
}

#[tokio::test]
async fn a_port_without_a_server_is_named() {
    let free = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let error = lookup_cname(&address.into(), "a.example", PATIENCE).await;
    let error = error.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains(&address.to_string()), "{error}");
}

#[tokio::test]
async fn a_server_may_be_given_by_name() {
    let server = Responder::start(|_, question| vec![reply(question, ANSWER, 0, &[blue_record()])]).await;
    // On most machines this name has ::1 as well, where nobody listens: the next
    // address is tried.
    let named: NameServer = format!("localhost:{}", server.address.port()).parse().unwrap();
    assert_eq!(lookup_cname(&named, "api.example.com", PATIENCE).await, Ok(blue()));
}

#[tokio::test]
async fn a_bad_host_is_refused_before_anything_is_sent() {
    let server = Responder::start(|_, _| Vec::new()).await;
    for host in ["", "bücher.example", "a b", &"a.".repeat(200)] {
        let error = lookup_cname(&server.address.into(), host, PATIENCE).await;
        assert!(matches!(error, Err(Error::InvalidHost { .. })), "{error:?}");
    }
    assert_eq!(server.transports(), []);
}

#[tokio::test]
async fn hostile_bytes_in_a_target_do_not_reach_the_text() {
    let server = Responder::start(|_, question| {
        let record = cname("::error::x\n\u{1b}[2J.example", 60);
        vec![reply(question, ANSWER, 0, &[record])]
    })
    .await;
    let Ok(CnameAnswer::Target { name, .. }) = ask(&server).await else {
        panic!("a target was expected");
    };
    assert_eq!(name, "\\058\\058error\\058\\058x\\010\\027\\0912j.example");
}

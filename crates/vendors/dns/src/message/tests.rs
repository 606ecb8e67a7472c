//! Messages are written here byte by byte: the crate that reads them writes none.

use proptest::prelude::*;

use super::*;

const ID: u16 = 0x1234;
const RESPONSE: u8 = 0x80;
const AUTHORITATIVE: u8 = 0x04;
const CNAME: u16 = 5;

fn host() -> HostName {
    HostName::parse("api.example.com").unwrap()
}

fn wire(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in name.split('.').filter(|label| !label.is_empty()) {
        bytes.push(u8::try_from(label.len()).unwrap());
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.push(0);
    bytes
}

fn record(owner: &[u8], kind: u16, ttl: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = owner.to_vec();
    bytes.extend_from_slice(&kind.to_be_bytes());
    bytes.extend_from_slice(&[0, 1]);
    bytes.extend_from_slice(&ttl.to_be_bytes());
    bytes.extend_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
    bytes.extend_from_slice(data);
    bytes
}

/// A response to the question, with these records as its answers.
fn response(flags: u8, rcode: u8, answers: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = ID.to_be_bytes().to_vec();
    bytes.extend_from_slice(&[flags, rcode, 0, 1]);
    bytes.extend_from_slice(&u16::try_from(answers.len()).unwrap().to_be_bytes());
    bytes.extend_from_slice(&[0, 0, 0, 0]);
    bytes.extend_from_slice(&wire("api.example.com"));
    bytes.extend_from_slice(&[0, 5, 0, 1]);
    bytes.extend(answers.concat());
    bytes
}

fn authoritative(answers: &[Vec<u8>]) -> Reading {
    read(&response(RESPONSE | AUTHORITATIVE, 0, answers), ID, &host())
}

/// Points at the name of the question.
const OWNER: [u8; 2] = [0xc0, 12];

fn target(name: &str) -> Reading {
    Reading::Answer(CnameAnswer::Target { name: name.to_owned(), ttl: 60, authoritative: true })
}

#[test]
fn the_question_is_the_one_of_the_rfc() {
    let mut expected = vec![0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    expected.extend_from_slice(b"\x03api\x07example\x03com\0\0\x05\0\x01");
    assert_eq!(question(ID, &host()).unwrap(), expected);
}

#[test]
fn a_target_comes_with_its_ttl_in_lower_case() {
    let answers = [record(&OWNER, CNAME, 60, &wire("API-Blue.OnRender.com"))];
    assert_eq!(authoritative(&answers), target("api-blue.onrender.com"));

    let shouted = record(&wire("API.Example.COM"), CNAME, 60, &wire("b.example"));
    assert_eq!(authoritative(&[shouted]), target("b.example"));

    let from_a_resolver = read(&response(RESPONSE, 0, &answers), ID, &host());
    let Reading::Answer(CnameAnswer::Target { authoritative, .. }) = from_a_resolver else {
        panic!("{from_a_resolver:?}");
    };
    assert!(!authoritative);
}

#[test]
fn a_target_may_be_compressed() {
    let mut data = b"\x05green".to_vec();
    data.extend_from_slice(&[0xc0, 16]);
    let answers = [record(&OWNER, CNAME, 60, &data)];
    assert_eq!(authoritative(&answers), target("green.example.com"));
}

#[test]
fn only_the_first_link_of_a_chain_counts() {
    let chain = [
        record(&wire("blue.example.net"), CNAME, 9, &wire("far.example.org")),
        record(&OWNER, CNAME, 60, &wire("blue.example.net")),
        record(&wire("far.example.org"), 1, 9, &[192, 0, 2, 1]),
    ];
    assert_eq!(authoritative(&chain), target("blue.example.net"));

    let dangling = response(RESPONSE | AUTHORITATIVE, 3, &chain[1..2]);
    assert_eq!(read(&dangling, ID, &host()), target("blue.example.net"));
}

#[test]
fn two_targets_for_one_name_are_no_answer() {
    let one = record(&OWNER, CNAME, 60, &wire("a.example"));
    let other = record(&OWNER, CNAME, 60, &wire("b.example"));
    assert_eq!(authoritative(&[one.clone(), one.clone()]), target("a.example"));
    assert!(matches!(authoritative(&[one, other]), Reading::Malformed(_)));
}

#[test]
fn no_cname_names_the_types_that_are_there() {
    let none = |types: &[&str]| {
        Reading::Answer(CnameAnswer::NoCname { types: types.iter().map(ToString::to_string).collect() })
    };
    assert_eq!(authoritative(&[]), none(&[]));
    let answers = [
        record(&OWNER, 1, 300, &[192, 0, 2, 1]),
        record(&OWNER, 0xff00, 300, &[1, 2]),
        record(&OWNER, 1, 300, &[192, 0, 2, 2]),
    ];
    assert_eq!(authoritative(&answers), none(&["A", "TYPE65280"]));
}

#[test]
fn nothing_there_counts_only_from_an_authority() {
    let verdict = |flags, rcode| read(&response(flags, rcode, &[]), ID, &host());
    let both = RESPONSE | AUTHORITATIVE;
    assert_eq!(verdict(both, 3), Reading::Answer(CnameAnswer::NxDomain));
    assert_eq!(verdict(RESPONSE, 3), Reading::NotAuthoritative);
    assert_eq!(verdict(RESPONSE, 0), Reading::NotAuthoritative);
}

#[test]
fn a_server_may_decline_with_or_without_the_question() {
    let message = response(RESPONSE, 5, &[]);
    assert_eq!(read(&message, ID, &host()), Reading::Declined(Rcode::REFUSED));

    let mut bare = response(RESPONSE, 2, &[]);
    bare.truncate(HEADER);
    bare[5] = 0;
    let declined = Reading::Declined(Rcode::SERVER_FAILURE);
    assert_eq!(read(&bare, ID, &host()), declined);

    bare[3] = 0;
    assert!(matches!(read(&bare, ID, &host()), Reading::Malformed(_)));
}

#[test]
fn what_belongs_to_another_question_is_passed_over() {
    let good = response(RESPONSE | AUTHORITATIVE, 0, &[]);
    let changed = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        read(&bytes, ID, &host())
    };
    assert_eq!(changed(0, 0xff), Reading::NotOurs, "another id");
    assert_eq!(changed(2, 0), Reading::NotOurs, "a question");
    assert_eq!(changed(2, RESPONSE | 0x20), Reading::NotOurs, "a notify");
    assert_eq!(changed(13, b'b'), Reading::NotOurs, "another name");
    let end = good.len();
    assert_eq!(changed(end - 3, 1), Reading::NotOurs, "another type");
    assert_eq!(changed(end - 1, 3), Reading::NotOurs, "another class");
    assert_eq!(read(&good[..11], ID, &host()), Reading::NotOurs, "cut");
}

#[test]
fn a_cut_message_asks_for_tcp_even_when_it_does_not_parse() {
    let mut bytes = response(RESPONSE | 0x02, 0, &[record(&OWNER, CNAME, 60, b"x")]);
    bytes.truncate(bytes.len() - 5);
    assert_eq!(read(&bytes, ID, &host()), Reading::Truncated);
}

#[test]
fn loops_of_names_and_claims_without_records_are_malformed() {
    let at = response(RESPONSE, 0, &[]).len();
    let itself = [0xc0 | u8::try_from(at >> 8).unwrap(), u8::try_from(at).unwrap()];
    let owners: [&[u8]; 4] = [
        &itself,
        &[0xff, 0xff],
        // A label, then back to it.
        &[1, b'a', 0xc0, u8::try_from(at).unwrap()],
        &[0x80, 0],
    ];
    for owner in owners {
        let reading = authoritative(&[record(owner, CNAME, 60, &wire("b.example"))]);
        assert!(matches!(reading, Reading::Malformed(_)), "{reading:?}");
    }

    let mut claims = response(RESPONSE | AUTHORITATIVE, 0, &[]);
    claims[6..12].fill(0xff);
    let reading = read(&claims, ID, &host());
    let Reading::Malformed(reason) = reading else {
        panic!("{reading:?}");
    };
    assert!(reason.contains("room"), "{reason}");
}

fn valid_messages() -> Vec<Vec<u8>> {
    let cname = record(&OWNER, CNAME, 60, &wire("api-blue.onrender.com"));
    let soa = [wire("ns.example.com"), wire("dns.example.com"), vec![0; 20]].concat();
    let opt = vec![0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0];
    vec![
        response(RESPONSE | AUTHORITATIVE, 0, std::slice::from_ref(&cname)),
        response(RESPONSE | AUTHORITATIVE, 3, &[record(&OWNER, 6, 300, &soa)]),
        response(RESPONSE, 0, &[cname, record(&OWNER, 16, 1, b"\x03txt"), opt]),
    ]
}

proptest! {
    // Every byte may lie. What is looked for is a panic, or a reading of a
    // message that does not bear this id.
    #[test]
    fn any_bytes_are_read_without_a_panic(
        tail in prop::collection::vec(any::<u8>(), 0..600),
        records in 0..6_u8,
    ) {
        let mut bytes = response(RESPONSE | AUTHORITATIVE, 0, &[]);
        bytes[7] = records;
        bytes.extend_from_slice(&tail);
        let _ = read(&bytes, ID, &host());
        prop_assert_eq!(read(&bytes, !ID, &host()), Reading::NotOurs);
        let _ = read(&tail, ID, &host());
    }

    #[test]
    fn damaged_messages_are_read_without_a_panic(
        which in 0..3_usize,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        cut in any::<prop::sample::Index>(),
        keep_all in any::<bool>(),
    ) {
        let mut bytes = valid_messages()[which].clone();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if !keep_all {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = read(&bytes, ID, &host());
    }

    // With any type and any data in a record: the parser knows forty types.
    #[test]
    fn records_of_any_type_are_read_without_a_panic(
        kind in 0..300_u16,
        data in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let answers = [record(&OWNER, kind, 60, &data)];
        let _ = authoritative(&answers);
    }

    #[test]
    fn every_target_that_a_host_can_have_is_read_back(
        target in "[a-z0-9_]([a-z0-9-]{0,20})(\\.[a-z0-9]{1,10}){1,6}",
        ttl in any::<u32>(),
    ) {
        let answers = [record(&OWNER, CNAME, ttl, &wire(&target.to_uppercase()))];
        let expected = CnameAnswer::Target { name: target, ttl, authoritative: true };
        prop_assert_eq!(authoritative(&answers), Reading::Answer(expected));
    }
}

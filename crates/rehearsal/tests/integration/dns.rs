//! The name server, asked over the wire.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use action::SimClock;
use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use rehearsal::dns::{DnsServer, EDGE, Fault, MemoryRecords, Options, Over, Propagation, Record, Zone};
use rehearsal::fault::When;

mod unbound;

const API: &str = "api.example.com";
const APP: &str = "app.example.com";
const BLUE: &str = "api-blue.onrender.localhost";
const GREEN: &str = "api-green.onrender.localhost";
const BLUE_ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 1);
const GREEN_ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 2);

/// Only a dropped answer waits this out; a busy machine must not.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct World {
    pub(crate) server: DnsServer,
    pub(crate) records: MemoryRecords,
    clock: Arc<SimClock>,
}

/// Two public names on blue, and the addresses of both colours.
pub(crate) fn world(propagation: Propagation) -> World {
    let records = MemoryRecords::default();
    records.put(Record::cname(API, BLUE, 60));
    records.put(Record::cname(APP, "app-blue.onrender.localhost", 60));
    let origins = MemoryRecords::default();
    origins.put(Record::a(BLUE, BLUE_ADDRESS, 300));
    origins.put(Record::a(GREEN, GREEN_ADDRESS, 300));
    let clock = Arc::new(SimClock::default());
    let server = DnsServer::start(Options {
        zones: vec![
            Zone::new("example.com", Arc::new(records.clone())),
            Zone::new("onrender.localhost", Arc::new(origins)),
        ],
        propagation,
        clock: clock.clone(),
        ..Options::default()
    });
    World { server: server.unwrap(), records, clock }
}

impl World {
    fn ask(&self, name: &str, kind: RecordType) -> Message {
        ask_udp(self.server.address(), name, kind, PATIENCE).unwrap()
    }

    /// Where the public name points, as it is answered.
    fn target(&self, name: &str) -> String {
        target(&self.ask(name, RecordType::CNAME))
    }
}

fn question(name: &str, kind: RecordType) -> Message {
    let mut message = Message::query();
    message.add_query(Query::query(Name::from_ascii(format!("{name}.")).unwrap(), kind));
    message
}

pub(crate) fn ask_udp(server: SocketAddr, name: &str, kind: RecordType, wait: Duration) -> Option<Message> {
    let mut message = question(name, kind);
    message.metadata.recursion_desired = true;
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(server).unwrap();
    socket.set_read_timeout(Some(wait)).unwrap();
    socket.send(&message.to_vec().unwrap()).unwrap();
    let mut buffer = [0; 4096];
    match socket.recv(&mut buffer) {
        Ok(length) => {
            let answer = Message::from_vec(&buffer[..length]).unwrap();
            assert_eq!(answer.metadata.id, message.metadata.id);
            Some(answer)
        }
        Err(error) => {
            let silence = [ErrorKind::WouldBlock, ErrorKind::TimedOut, ErrorKind::ConnectionRefused];
            assert!(silence.contains(&error.kind()), "{error}");
            None
        }
    }
}

fn ask_tcp(server: SocketAddr, name: &str, kind: RecordType) -> Message {
    let bytes = question(name, kind).to_vec().unwrap();
    let mut stream = TcpStream::connect(server).unwrap();
    stream.write_all(&u16::try_from(bytes.len()).unwrap().to_be_bytes()).unwrap();
    stream.write_all(&bytes).unwrap();
    let mut length = [0; 2];
    stream.read_exact(&mut length).unwrap();
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut answer).unwrap();
    Message::from_vec(&answer).unwrap()
}

pub(crate) fn target(answer: &Message) -> String {
    let [record] = &answer.answers[..] else {
        panic!("one record was expected: {answer:?}");
    };
    let RData::CNAME(target) = &record.data else {
        panic!("a CNAME was expected: {record:?}");
    };
    target.0.to_ascii().trim_end_matches('.').to_owned()
}

/// Addresses and TTLs.
fn addresses(answer: &Message) -> Vec<(Ipv4Addr, u32)> {
    let address = |record: &hickory_proto::rr::Record| match &record.data {
        RData::A(address) => (address.0, record.ttl),
        other => panic!("an address was expected: {other:?}"),
    };
    answer.answers.iter().map(address).collect()
}

#[test]
fn a_cname_is_answered_with_authority_over_udp_and_tcp() {
    let world = world(Propagation::default());
    let udp = world.ask("API.Example.com", RecordType::CNAME);
    let tcp = ask_tcp(world.server.address(), API, RecordType::CNAME);
    for answer in [udp, tcp] {
        assert_eq!(target(&answer), BLUE);
        assert_eq!(answer.answers[0].ttl, 60);
        assert!(answer.metadata.authoritative);
        assert_eq!(answer.metadata.response_code, ResponseCode::NoError);
    }
    let for_an_address = world.ask(API, RecordType::A);
    assert_eq!(target(&for_an_address), BLUE, "the alias stands for every type");
    assert_eq!(addresses(&world.ask(BLUE, RecordType::A)), [(BLUE_ADDRESS, 300)]);
}

#[test]
fn what_is_not_there_is_answered_as_a_real_zone_does() {
    let world = world(Propagation::default());
    let no_type = world.ask(BLUE, RecordType::AAAA);
    assert_eq!(no_type.metadata.response_code, ResponseCode::NoError);
    let no_name = world.ask("nobody.example.com", RecordType::A);
    assert_eq!(no_name.metadata.response_code, ResponseCode::NXDomain);
    for answer in [no_type, no_name] {
        assert!(answer.answers.is_empty());
        assert!(answer.metadata.authoritative);
        assert_eq!(answer.authorities[0].record_type(), RecordType::SOA, "for how long to remember it");
    }
    let other_zone = world.ask("example.net", RecordType::A);
    assert_eq!(other_zone.metadata.response_code, ResponseCode::Refused);
    assert!(!other_zone.metadata.authoritative);
}

#[test]
fn without_a_delay_the_next_question_sees_the_change() {
    let world = world(Propagation::default());
    assert_eq!(world.target(API), BLUE);
    world.records.put(Record::cname(API, GREEN, 60));
    assert_eq!(world.target(API), GREEN);
    world.records.remove(API);
    let gone = world.ask(API, RecordType::CNAME);
    assert_eq!(gone.metadata.response_code, ResponseCode::NXDomain);
}

#[test]
fn a_change_arrives_after_its_delay_each_name_for_itself() {
    let world = world(Propagation::of(Duration::from_secs(5)));
    world.server.delay(APP, Duration::from_secs(30));
    world.records.put(Record::cname(API, GREEN, 60));
    world.records.put(Record::cname(APP, "app-green.onrender.localhost", 60));
    let both = || (world.target(API), world.target(APP));
    let told = |api: &str, app: &str| (api.to_owned(), app.to_owned());

    assert_eq!(both(), told(BLUE, "app-blue.onrender.localhost"));
    world.clock.advance(Duration::from_secs(6));
    assert_eq!(both(), told(GREEN, "app-blue.onrender.localhost"), "a batch is not atomic here");
    world.clock.advance(Duration::from_secs(30));
    assert_eq!(both(), told(GREEN, "app-green.onrender.localhost"));
}

#[test]
fn a_change_is_noticed_without_a_question() {
    let world = world(Propagation::of(Duration::from_secs(5)));
    world.records.put(Record::cname(API, GREEN, 60));
    // Real time, for the server to look at its source; far more than it needs.
    std::thread::sleep(Duration::from_secs(1));
    world.clock.advance(Duration::from_secs(6));
    assert_eq!(world.target(API), GREEN, "the delay ran from the change, not from the question");
}

#[test]
fn a_proxied_name_answers_the_edge_and_hides_its_target() {
    let world = world(Propagation::default());
    world.records.put(Record::cname(API, BLUE, 60).proxied());
    assert_eq!(addresses(&world.ask(API, RecordType::A)), [(EDGE, 300)]);
    let hidden = world.ask(API, RecordType::CNAME);
    assert_eq!(hidden.metadata.response_code, ResponseCode::NoError);
    assert!(hidden.answers.is_empty(), "{hidden:?}");

    world.records.put(Record::cname(API, GREEN, 60));
    assert_eq!(world.target(API), GREEN);
}

#[test]
fn the_name_of_the_zone_answers_the_addresses_of_its_target() {
    let world = world(Propagation::default());
    world.records.put(Record::cname("example.com", API, 60));
    assert_eq!(addresses(&world.ask("example.com", RecordType::A)), [(BLUE_ADDRESS, 60)]);
    assert!(world.ask("example.com", RecordType::CNAME).answers.is_empty());

    world.records.put(Record::cname(API, GREEN, 60));
    assert_eq!(addresses(&world.ask("example.com", RecordType::A)), [(GREEN_ADDRESS, 60)]);
    world.records.put(Record::cname(API, "example.com", 60));
    assert_eq!(addresses(&world.ask("example.com", RecordType::A)), [], "a loop ends");
}

#[test]
fn an_automatic_ttl_is_five_minutes() {
    let world = world(Propagation::default());
    world.records.put(Record::cname(API, BLUE, 1));
    assert_eq!(world.ask(API, RecordType::CNAME).answers[0].ttl, 300);
}

#[test]
fn texts_and_broken_records_do_not_disturb_the_others() {
    let world = world(Propagation::default());
    let record = |name: &str, kind: &str, content: &str| Record {
        name: name.to_owned(),
        kind: kind.to_owned(),
        content: content.to_owned(),
        ttl: 60,
        proxied: false,
    };
    world.records.put(record("note.example.com", "TXT", &format!("\"{}\"", "x".repeat(300))));
    world.records.put(record("bad.example.com", "A", "not an address"));
    world.records.put(record("bad.example.com", "CNAME", ""));
    world.records.put(record("odd.example.com", "HTTPS", "1 . alpn=h2"));
    let text = world.ask("note.example.com", RecordType::TXT);
    let RData::TXT(text) = &text.answers[0].data else {
        panic!("{text:?}");
    };
    let lengths: Vec<_> = text.txt_data.iter().map(|piece| piece.len()).collect();
    assert_eq!(lengths, [255, 45]);
    assert!(world.ask("bad.example.com", RecordType::A).answers.is_empty());
    assert_eq!(world.target(API), BLUE);
}

#[test]
fn a_name_can_fail_for_a_while() {
    let world = world(Propagation::default());
    world.server.faults().on(API, When::Nth(1), Fault::ServFail);
    world.server.faults().on(API, When::Nth(2), Fault::Refuse);
    let code = |name: &str| world.ask(name, RecordType::CNAME).metadata.response_code;
    assert_eq!(code(APP), ResponseCode::NoError);
    assert_eq!(code(API), ResponseCode::ServFail);
    assert_eq!(code(API), ResponseCode::Refused);
    assert_eq!(code(API), ResponseCode::NoError);
    assert!(world.server.faults().unfired().is_empty());
}

#[test]
fn a_question_can_be_dropped() {
    let world = world(Propagation::default());
    world.server.faults().on(API, When::First(1), Fault::Drop);
    let moment = Duration::from_millis(300);
    let address = world.server.address();
    assert!(ask_udp(address, API, RecordType::CNAME, moment).is_none());
    assert_eq!(world.target(API), BLUE);
    let [dropped, answered] = &world.server.journal().queries()[..] else {
        panic!("two questions were expected");
    };
    assert_eq!((&dropped.rcode, dropped.fault.as_deref()), (&None, Some("dropped")));
    assert_eq!((answered.rcode.as_deref(), &answered.fault), (Some("NoError"), &None));
}

#[test]
fn a_stale_name_keeps_its_old_answer() {
    let world = world(Propagation::default());
    world.server.faults().on(API, When::Always, Fault::Stale);
    assert_eq!(world.target(API), BLUE);
    assert_eq!(world.server.faults().fired(), 0, "nothing changed yet");
    world.records.put(Record::cname(API, GREEN, 60));
    let old = world.ask(API, RecordType::A);
    assert_eq!((target(&old).as_str(), old.answers[0].ttl), (BLUE, 60));
    assert_eq!(world.target(API), BLUE);
    world.server.faults().clear();
    assert_eq!(world.target(API), GREEN);
}

#[test]
fn old_and_new_can_be_answered_in_turns() {
    let world = world(Propagation::default());
    world.records.put(Record::cname(API, GREEN, 60));
    assert_eq!(world.target(API), GREEN);
    world.server.faults().on(API, When::Every(2), Fault::Stale);
    let seen: Vec<_> = (0..4).map(|_| world.target(API)).collect();
    assert_eq!(seen, [GREEN, BLUE, GREEN, BLUE]);
}

#[test]
fn an_answer_can_be_wrong_or_cut() {
    let world = world(Propagation::default());
    world.server.faults().on(API, When::Nth(1), Fault::Wrong("evil.example.net".to_owned()));
    world.server.faults().on(API, When::From(2), Fault::Truncate);
    assert_eq!(world.target(API), "evil.example.net");
    let cut = world.ask(API, RecordType::CNAME);
    assert!(cut.metadata.truncation && cut.answers.is_empty());
    let whole = ask_tcp(world.server.address(), API, RecordType::CNAME);
    assert_eq!(target(&whole), BLUE);
}

#[test]
fn the_journal_counts_every_question() {
    let world = world(Propagation::default());
    world.target(API);
    world.ask("API.example.COM", RecordType::A);
    ask_tcp(world.server.address(), API, RecordType::A);
    world.ask("nobody.example.com", RecordType::A);
    let journal = world.server.journal();
    assert_eq!((journal.count(API), journal.count_of(API, "A")), (3, 2));
    assert_eq!(journal.count_of("nobody.example.com.", "A"), 1);

    let queries = journal.queries();
    assert!(queries.is_sorted_by_key(|query| query.order));
    let over: Vec<_> = queries.iter().map(|query| query.over).collect();
    assert_eq!(over, [Over::Udp, Over::Udp, Over::Tcp, Over::Udp]);
    assert_eq!(queries[3].rcode.as_deref(), Some("NXDomain"));
    let recursion: Vec<_> = queries.iter().map(|query| query.recursion_desired).collect();
    assert_eq!(recursion, [true, true, false, true]);
}

#[test]
fn a_dropped_server_gives_its_port_back() {
    let first = world(Propagation::default());
    let address = first.server.address();
    drop(first);
    let again = DnsServer::start(Options { port: address.port(), ..Options::default() }).unwrap();
    assert_eq!(again.address(), address);
    let taken = DnsServer::start(Options { port: address.port(), ..Options::default() });
    assert_eq!(taken.unwrap_err().kind(), ErrorKind::AddrInUse);
}

#[test]
fn a_zone_without_a_name_is_refused() {
    for name in ["", "a..b", "ü.example"] {
        let zones = vec![Zone::new(name, Arc::new(MemoryRecords::default()))];
        let error = DnsServer::start(Options { zones, ..Options::default() }).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name:?}");
    }
}

#[test]
fn rubbish_does_not_stop_the_server() {
    let world = world(Propagation::default());
    let mut dice = fastrand::Rng::with_seed(7);
    // A few at a time: the system drops what its buffer does not hold, the
    // question included.
    for _ in 0..40 {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        for _ in 0..10 {
            let length = dice.usize(..400);
            let rubbish: Vec<u8> = (0..length).map(|_| dice.u8(..)).collect();
            socket.send_to(&rubbish, world.server.address()).unwrap();
        }
        assert_eq!(world.target(API), BLUE);
    }
}

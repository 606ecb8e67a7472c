//! Visitors notice what a visitor would notice.

use std::sync::Arc;
use std::time::{Duration, Instant};

use action::SimClock;
use rehearsal::dns::{DnsServer, Fault, MemoryRecords, Options, Record, Zone};
use rehearsal::fault::When;
use rehearsal::visitors::{
    Classify, Colour, Config, LongTail, Report, Served, Tally, Verdict, Visitors, by_headers,
};

mod origin;

use origin::{BLUE_ADDRESS, GREEN_ADDRESS, Habit, Pair};

const API: &str = "api.example.com";
const APP: &str = "app.example.com";
const BLUE: &str = "api-blue.onrender.localhost";
const GREEN: &str = "api-green.onrender.localhost";
const NOWHERE: &str = "api-gone.onrender.localhost";

const NO_LONG_TAIL: LongTail = LongTail { share: 0.0, hold: Duration::ZERO };

/// Two origins, the names that lead to them, and a clock that a test moves: the
/// caches follow it, so nothing here waits for a TTL.
struct World {
    dns: DnsServer,
    records: MemoryRecords,
    origins: Pair,
    clock: Arc<SimClock>,
}

impl World {
    fn new() -> Self {
        let origins = Pair::start(&[API, APP]);
        let records = MemoryRecords::default();
        let addresses = MemoryRecords::default();
        addresses.put(Record::a(BLUE, BLUE_ADDRESS, 300));
        addresses.put(Record::a(GREEN, GREEN_ADDRESS, 300));
        addresses.put(Record::a(NOWHERE, [127, 0, 1, 3].into(), 300));
        let dns = DnsServer::start(Options {
            zones: vec![
                Zone::new("example.com", Arc::new(records.clone())),
                Zone::new("onrender.localhost", Arc::new(addresses)),
            ],
            ..Options::default()
        });
        let world = Self { dns: dns.unwrap(), records, origins, clock: Arc::new(SimClock::default()) };
        world.point(BLUE);
        world
    }

    fn point(&self, target: &str) {
        self.records.put(Record::cname(API, target, 60));
        self.records.put(Record::cname(APP, target, 60));
    }

    /// Busy visitors, so that tests do not take long.
    fn config(&self) -> Config {
        Config {
            visitors: 5,
            rate: 200.0,
            long_tail: NO_LONG_TAIL,
            timeout: Duration::from_secs(20),
            clock: self.clock.clone(),
            ..Config::new(&[API, APP], self.dns.address(), self.origins.port)
        }
    }

    fn visitors(&self) -> Visitors {
        Visitors::start(self.config()).unwrap()
    }
}

/// Waits until the numbers are as wanted; a test that hangs here has failed.
fn wait(visitors: &Visitors, wanted: impl Fn(Tally) -> bool) -> Tally {
    let start = Instant::now();
    loop {
        let total = visitors.total();
        if wanted(total) {
            return total;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "still {total:?}: {:?}", visitors.report());
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits for that many visits more.
fn wait_for(visitors: &Visitors, more: u64) -> Tally {
    let before = visitors.total().visits();
    wait(visitors, |now| now.visits() >= before + more)
}

/// The reason of every failure contains one of `expected`, and there are some.
fn assert_failed_with(report: &Report, expected: &[&str]) {
    assert!(!report.failures.is_empty(), "nothing failed: {:?}", report.total);
    for failure in &report.failures {
        assert!(expected.iter().any(|text| failure.reason.contains(text)), "{failure:?}");
    }
}

#[test]
fn a_flip_moves_everybody_without_a_failure() {
    let world = World::new();
    let visitors = world.visitors();
    wait(&visitors, |total| total.blue >= 50);

    world.point(GREEN);
    let cached = wait_for(&visitors, 50);
    assert_eq!((cached.green, cached.failed), (0, 0), "the TTL has not ended");

    world.clock.advance(Duration::from_secs(61));
    wait(&visitors, |total| total.green >= 50);
    let moved = visitors.total();
    let later = wait_for(&visitors, 50);
    assert_eq!(later.blue, moved.blue, "nobody is left on blue");

    let report = visitors.stop();
    assert_eq!((report.total.failed, &report.failures[..]), (0, &[][..]));
    for host in [API, APP] {
        let seen = &report.hosts[host];
        let (blue, green) = (seen.blue.unwrap(), seen.green.unwrap());
        assert!(blue.first <= blue.last && blue.last <= green.first && green.first <= green.last);
        assert!(seen.counts.total.blue > 0 && seen.counts.total.green > 0);
        let servers: Vec<_> = seen.served_by.keys().map(|(service, _)| service.as_str()).collect();
        assert_eq!(servers, ["srv-blue", "srv-green"]);
    }
    let of_hosts: u64 = report.hosts.values().map(|host| host.counts.total.visits()).sum();
    assert_eq!(of_hosts, report.total.visits());
}

#[test]
fn a_cache_asks_once_in_a_ttl() {
    let world = World::new();
    let visitors = world.visitors();
    wait(&visitors, |total| total.blue >= 200);
    let journal = world.dns.journal();
    assert_eq!(journal.count(API), 5, "each of five resolvers once");
    assert_eq!(journal.count(BLUE), 5);
    world.clock.advance(Duration::from_secs(61));
    wait_for(&visitors, 200);
    assert_eq!(journal.count(API), 10, "60 s are over for the alias");
    assert_eq!(journal.count(BLUE), 5, "and 300 s are not for the address");
}

#[test]
fn the_long_tail_stays_on_blue_when_the_others_have_moved() {
    let world = World::new();
    let long_tail = LongTail { share: 0.2, hold: Duration::from_secs(3600) };
    let visitors = Visitors::start(Config { long_tail, ..world.config() }).unwrap();
    wait(&visitors, |total| total.blue >= 50);
    world.point(GREEN);
    world.clock.advance(Duration::from_secs(61));
    wait(&visitors, |total| total.green >= 50);
    let moved = visitors.total();
    wait(&visitors, |total| total.blue >= moved.blue + 10);
    world.clock.advance(Duration::from_secs(3600));
    wait_for(&visitors, 50);
    let at_last = visitors.total();
    let later = wait_for(&visitors, 50);
    assert_eq!(later.blue, at_last.blue, "even an hour ends");
    assert_eq!(visitors.stop().total.failed, 0);
}

#[test]
fn a_flip_to_a_service_that_does_not_know_the_name_fails() {
    let world = World::new();
    world.origins.green.detach(API);
    let visitors = world.visitors();
    wait(&visitors, |total| total.blue >= 20);
    world.point(GREEN);
    world.clock.advance(Duration::from_secs(61));
    wait(&visitors, |total| total.failed >= 5 && total.green >= 5);
    let report = visitors.stop();
    assert_failed_with(&report, &["answered 404"]);
    assert!(report.failures.iter().all(|failure| failure.host == API), "the other name is known there");
    assert_eq!(report.hosts[APP].counts.total.failed, 0);
    assert_eq!(report.hosts[API].green, None);
}

#[test]
fn a_dead_target_fails() {
    let world = World::new();
    let visitors = world.visitors();
    wait(&visitors, |total| total.blue >= 20);
    world.point(NOWHERE);
    world.clock.advance(Duration::from_secs(61));
    wait(&visitors, |total| total.failed >= 5);
    assert_failed_with(&visitors.stop(), &["connecting to 127.0.1.3"]);
}

#[test]
fn an_origin_that_misbehaves_fails() {
    let world = World::new();
    for (habit, reason) in [
        (Habit::Status(500), "answered 500"),
        (Habit::Status(302), "answered 302"),
        (Habit::NoColour, "without an x-colour"),
        (Habit::CutBody, "no whole answer"),
        (Habit::HangUp, "no whole answer"),
        (Habit::Endless, "no whole answer"),
        (Habit::Hang, "no whole answer within 2s"),
    ] {
        // Patience for all but the one that has to end.
        let timeout = Duration::from_secs(if matches!(habit, Habit::Hang) { 2 } else { 20 });
        world.origins.blue.behave(habit);
        let visitors = Visitors::start(Config { timeout, ..world.config() }).unwrap();
        wait(&visitors, |total| total.failed >= 3);
        let report = visitors.stop();
        assert_failed_with(&report, &[reason]);
        assert_eq!(report.total.blue, 0, "{habit:?}");
    }
}

#[test]
fn a_name_server_that_misbehaves_fails() {
    let world = World::new();
    for (fault, reason) in [
        (Fault::ServFail, "ServFail"),
        (Fault::Refuse, "Refused"),
        (Fault::Drop, "no answer for"),
        (Fault::Wrong("nobody.example.com".to_owned()), "NXDomain"),
        (Fault::Wrong(API.to_owned()), "does not end"),
    ] {
        world.dns.faults().on(API, When::Always, fault.clone());
        let timeout = Duration::from_secs(if fault == Fault::Drop { 1 } else { 20 });
        let config = Config { hosts: vec![API.to_owned()], timeout, ..world.config() };
        let visitors = Visitors::start(config).unwrap();
        wait(&visitors, |total| total.failed >= 3);
        assert_failed_with(&visitors.stop(), &[reason]);
        world.dns.faults().clear();
    }
}

#[test]
fn a_lost_datagram_and_a_cut_answer_are_no_failure() {
    let world = World::new();
    world.dns.faults().on(API, When::First(1), Fault::Drop);
    world.dns.faults().on(APP, When::Always, Fault::Truncate);
    // Sent again after a quarter of it.
    let config = Config { visitors: 1, timeout: Duration::from_secs(4), ..world.config() };
    let visitors = Visitors::start(config).unwrap();
    wait(&visitors, |total| total.visits() >= 10);
    let report = visitors.stop();
    assert_eq!(report.failures, []);
    assert!(world.dns.faults().unfired().is_empty());
}

#[test]
fn what_counts_as_served_can_be_told() {
    let world = World::new();
    world.origins.blue.behave(Habit::NoColour);
    let classify = Classify::new(|seen| match by_headers(seen) {
        Verdict::Failed(_) if &seen.body[..] == b"colourless" && seen.host == API => {
            let unnamed = String::new;
            Verdict::Served(Served { colour: Colour::Green, service: unnamed(), commit: unnamed() })
        }
        verdict => verdict,
    });
    let visitors = Visitors::start(Config { classify, ..world.config() }).unwrap();
    wait(&visitors, |total| total.green >= 5 && total.failed >= 5);
    let report = visitors.stop();
    assert!(report.failures.iter().all(|failure| failure.host == APP));
}

#[test]
fn stopping_lets_visits_end_and_dropping_does_not() {
    let world = World::new();
    world.origins.blue.behave(Habit::Hang);
    let hanging = |timeout: u64| {
        let config = Config { timeout: Duration::from_secs(timeout), ..world.config() };
        let visitors = Visitors::start(config).unwrap();
        let start = Instant::now();
        while world.origins.blue.waiting() == 0 {
            assert!(start.elapsed() < Duration::from_secs(60), "nobody came");
            std::thread::sleep(Duration::from_millis(5));
        }
        visitors
    };
    let stopped = hanging(2).stop();
    assert!(stopped.total.failed > 0, "the visits under way were counted");

    world.origins.blue.forget();
    let dropped = hanging(600);
    let start = Instant::now();
    drop(dropped);
    assert!(start.elapsed() < Duration::from_secs(60), "it waited for a visit");
}

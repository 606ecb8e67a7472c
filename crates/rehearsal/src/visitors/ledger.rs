//! The book of what visitors saw.

use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::time::{Duration, Instant};

use super::classify::{Colour, Served, Verdict};

/// How many failures a report lists; the counts go on beyond.
pub const MOST_FAILURES: usize = 1_000;

/// How much of a reason is kept, in characters.
const LONGEST_REASON: usize = 300;

/// How many pairs of service and commit are told apart for one host.
const MOST_SERVERS: usize = 256;

/// Later seconds than a day's count as its last.
const SECONDS: usize = 24 * 60 * 60;

/// The share of visitors whose resolvers hold on to old answers, with room for chance: when a name has moved, no more
/// than this share may still see where it was.
const STRAGGLERS: f64 = 0.35;

/// How many visits ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Served by blue.
    pub blue: u64,
    /// Served by green.
    pub green: u64,
    /// Not served.
    pub failed: u64,
}

impl Tally {
    /// All visits.
    #[must_use]
    pub fn visits(self) -> u64 {
        self.blue + self.green + self.failed
    }

    /// How many were served by this colour.
    #[must_use]
    pub fn of_colour(self, colour: Colour) -> u64 {
        match colour {
            Colour::Blue => self.blue,
            Colour::Green => self.green,
        }
    }

    /// Whether visitors are on this colour: somebody is, and no more are on the other one than resolvers that hold on to
    /// old answers explain.
    #[must_use]
    pub fn is_on(self, colour: Colour) -> bool {
        let (right, served) = (self.of_colour(colour), self.blue + self.green);
        #[expect(clippy::cast_precision_loss, reason = "nobody makes 2^52 visits")]
        let astray = (served - right) as f64 / served.max(1) as f64;
        right > 0 && astray <= STRAGGLERS
    }

    /// What came after an earlier count.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            blue: self.blue - earlier.blue,
            green: self.green - earlier.green,
            failed: self.failed - earlier.failed,
        }
    }

    fn of(verdict: &Verdict) -> Self {
        let mut tally = Self::default();
        match verdict {
            Verdict::Served(Served { colour: Colour::Blue, .. }) => tally.blue = 1,
            Verdict::Served(Served { colour: Colour::Green, .. }) => tally.green = 1,
            Verdict::Failed(_) => tally.failed = 1,
        }
        tally
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.blue += other.blue;
        self.green += other.green;
        self.failed += other.failed;
    }
}

/// Live numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All hosts together.
    pub total: Tally,
    /// Each host.
    pub by_host: BTreeMap<String, HostCounts>,
}

/// The numbers of one host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostCounts {
    /// Since the start.
    pub total: Tally,
    /// In each second since the start, by when a visit ended; as many as have
    /// seen a visit.
    pub by_second: Vec<Tally>,
}

/// When a colour was seen, as times since the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sightings {
    /// For the first time.
    pub first: Duration,
    /// For the last time.
    pub last: Duration,
}

/// A visit that was not served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// When it ended, as a time since the start.
    pub at: Duration,
    /// The public name that was visited.
    pub host: String,
    /// Why.
    pub reason: String,
}

/// Everything that visitors know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How long they have been at it.
    pub lasted: Duration,
    /// All hosts together.
    pub total: Tally,
    /// Each host.
    pub hosts: BTreeMap<String, HostReport>,
    /// The first [`MOST_FAILURES`] failures.
    pub failures: Vec<Failure>,
    /// How many more there were.
    pub failures_left_off: u64,
}

/// What is known of one host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostReport {
    /// Its numbers.
    pub counts: HostCounts,
    /// When blue served it.
    pub blue: Option<Sightings>,
    /// When green served it.
    pub green: Option<Sightings>,
    /// Which service with which commit served how many visits.
    pub served_by: BTreeMap<(String, String), u64>,
    /// The longest time without a visit that was served, with the times before
    /// the first and after the last.
    pub longest_gap: Duration,
}

/// The book itself.
#[derive(Debug)]
pub(super) struct Ledger {
    start: Instant,
    total: Tally,
    hosts: BTreeMap<String, Page>,
    failures: Vec<Failure>,
    failures_left_off: u64,
}

#[derive(Debug, Default)]
struct Page {
    report: HostReport,
    last_served: Duration,
}

impl Ledger {
    /// Hosts that nobody could visit stand in the report, too.
    pub(super) fn new(hosts: &[String], start: Instant) -> Self {
        Self {
            start,
            total: Tally::default(),
            hosts: hosts.iter().map(|host| (host.clone(), Page::default())).collect(),
            failures: Vec::new(),
            failures_left_off: 0,
        }
    }

    pub(super) fn note(&mut self, host: &str, verdict: Verdict, now: Instant) {
        let at = now.saturating_duration_since(self.start);
        self.total += Tally::of(&verdict);
        let page = self.hosts.entry(host.to_owned()).or_default();
        page.count(Tally::of(&verdict), at);
        match verdict {
            Verdict::Served(served) => page.serve(served, at),
            Verdict::Failed(reason) => self.fail(host, &reason, at),
        }
    }

    pub(super) fn total(&self) -> Tally {
        self.total
    }

    pub(super) fn counts(&self) -> Counts {
        let by_host = self.hosts.iter();
        Counts {
            total: self.total,
            by_host: by_host.map(|(host, page)| (host.clone(), page.report.counts.clone())).collect(),
        }
    }

    pub(super) fn report(&self, now: Instant) -> Report {
        let lasted = now.saturating_duration_since(self.start);
        let hosts = self.hosts.iter();
        Report {
            lasted,
            total: self.total,
            hosts: hosts.map(|(host, page)| (host.clone(), page.report_at(lasted))).collect(),
            failures: self.failures.clone(),
            failures_left_off: self.failures_left_off,
        }
    }

    fn fail(&mut self, host: &str, reason: &str, at: Duration) {
        if self.failures.len() == MOST_FAILURES {
            self.failures_left_off += 1;
            return;
        }
        let reason = reason.chars().take(LONGEST_REASON).collect();
        self.failures.push(Failure { at, host: host.to_owned(), reason });
    }
}

impl Page {
    fn count(&mut self, visit: Tally, at: Duration) {
        let counts = &mut self.report.counts;
        counts.total += visit;
        let second = usize::try_from(at.as_secs()).unwrap_or(usize::MAX).min(SECONDS - 1);
        if counts.by_second.len() <= second {
            counts.by_second.resize(second + 1, Tally::default());
        }
        counts.by_second[second] += visit;
    }

    fn serve(&mut self, served: Served, at: Duration) {
        let report = &mut self.report;
        let sightings = match served.colour {
            Colour::Blue => &mut report.blue,
            Colour::Green => &mut report.green,
        };
        sightings.get_or_insert(Sightings { first: at, last: at }).last = at;
        report.longest_gap = report.longest_gap.max(at.saturating_sub(self.last_served));
        self.last_served = at;

        let server = (served.service, served.commit);
        let is_known = report.served_by.contains_key(&server);
        if is_known || report.served_by.len() < MOST_SERVERS {
            *report.served_by.entry(server).or_default() += 1;
        }
    }

    fn report_at(&self, lasted: Duration) -> HostReport {
        let since_the_last = lasted.saturating_sub(self.last_served);
        let longest_gap = self.report.longest_gap.max(since_the_last);
        HostReport { longest_gap, ..self.report.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const API: &str = "api.example.com";

    #[test]
    fn visitors_are_on_a_colour_when_only_stragglers_are_not() {
        let tally = |blue, green| Tally { blue, green, failed: 9 };
        assert!(tally(65, 35).is_on(Colour::Blue) && !tally(64, 36).is_on(Colour::Blue));
        assert!(tally(35, 65).is_on(Colour::Green) && !tally(35, 65).is_on(Colour::Blue));
        assert!(!tally(0, 0).is_on(Colour::Blue), "nobody came");
    }

    fn served(colour: Colour) -> Verdict {
        Verdict::Served(Served { colour, service: format!("srv-{colour}"), commit: "abc".to_owned() })
    }

    fn book() -> (Ledger, impl Fn(u64) -> Instant) {
        let start = Instant::now();
        (Ledger::new(&[API.to_owned()], start), move |millis| start + Duration::from_millis(millis))
    }

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn a_cutover_in_numbers() {
        let (mut book, at) = book();
        book.note(API, served(Colour::Blue), at(100));
        book.note(API, served(Colour::Blue), at(1_200));
        book.note(API, Verdict::Failed("answered 404".to_owned()), at(1_300));
        book.note(API, served(Colour::Green), at(3_900));
        let report = book.report(at(5_000));

        let host = &report.hosts[API];
        assert_eq!(report.total, Tally { blue: 2, green: 1, failed: 1 });
        assert_eq!(host.counts.total, report.total);
        assert_eq!(host.blue, Some(Sightings { first: millis(100), last: millis(1_200) }));
        assert_eq!(host.green, Some(Sightings { first: millis(3_900), last: millis(3_900) }));
        assert_eq!(host.longest_gap, millis(2_700), "a failure does not end a gap");
        assert_eq!(host.served_by[&("srv-blue".to_owned(), "abc".to_owned())], 2);

        let seconds: Vec<_> = host.counts.by_second.iter().map(|t| (t.blue, t.green, t.failed)).collect();
        assert_eq!(seconds, [(1, 0, 0), (1, 0, 1), (0, 0, 0), (0, 1, 0)]);
        let failure = Failure { at: millis(1_300), host: API.to_owned(), reason: "answered 404".to_owned() };
        assert_eq!((report.failures, report.failures_left_off), (vec![failure], 0));
        assert_eq!(book.counts().by_host[API], host.counts);
    }

    #[test]
    fn a_host_that_never_answers_is_one_long_gap() {
        let (mut book, at) = book();
        assert_eq!(book.report(at(4_000)).hosts[API].longest_gap, millis(4_000));
        book.note(API, served(Colour::Blue), at(4_500));
        assert_eq!(book.report(at(5_000)).hosts[API].longest_gap, millis(4_500));
        assert_eq!(book.report(at(9_500)).hosts[API].longest_gap, millis(5_000));
    }

    #[test]
    fn a_long_failure_does_not_fill_the_memory() {
        let (mut book, at) = book();
        for _ in 0..MOST_FAILURES + 5 {
            book.note(API, Verdict::Failed("x".repeat(1_000)), at(0));
        }
        for commit in 0..MOST_SERVERS + 5 {
            let served = Served { colour: Colour::Blue, service: String::new(), commit: commit.to_string() };
            book.note(API, Verdict::Served(served), at(u64::MAX / 1_000_000));
        }
        let report = book.report(at(0));
        assert_eq!((report.failures.len(), report.failures_left_off), (MOST_FAILURES, 5));
        assert_eq!(report.failures[0].reason.len(), LONGEST_REASON);
        assert_eq!(report.hosts[API].served_by.len(), MOST_SERVERS);
        assert_eq!(report.hosts[API].counts.by_second.len(), SECONDS);
        assert_eq!(report.total.visits(), (MOST_FAILURES + MOST_SERVERS + 10) as u64);
    }
}

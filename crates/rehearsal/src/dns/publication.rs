//! What a zone answers now: what it holds, later.
//!
//! Cloudflare applies a batch of changes in one transaction, but hands them to
//! its edge record by record (Cloudflare docs, batch record changes). So each
//! name has its own delay here, and for a while two names of one batch disagree.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use super::record::{Record, fold};

/// The names of one zone, each with what it answers. Pure: time is an argument.
#[derive(Debug, Default)]
pub(super) struct Publication {
    names: BTreeMap<String, Name>,
}

/// The records of one name change together.
#[derive(Debug, Default)]
struct Name {
    current: Vec<Record>,
    previous: Option<Vec<Record>>,
    /// In the order of the changes, each with when it is due. A shorter delay does
    /// not let a change overtake an earlier one.
    coming: VecDeque<(Instant, Vec<Record>)>,
}

impl Publication {
    /// A zone that has answered these records for ever.
    pub(super) fn starting_with(records: Vec<Record>) -> Self {
        let names = by_name(records)
            .into_iter()
            .map(|(name, current)| (name, Name { current, ..Name::default() }))
            .collect();
        Self { names }
    }

    /// Notes what the zone holds now: a name that differs from what it held will
    /// answer so after `delay(name)`.
    pub(super) fn note(&mut self, records: Vec<Record>, now: Instant, delay: impl Fn(&str) -> Duration) {
        let mut held = by_name(records);
        for gone in self.names.keys() {
            held.entry(gone.clone()).or_default();
        }
        for (name, records) in held {
            let due = now + delay(&name);
            self.names.entry(name).or_default().hold(records, due);
        }
    }

    /// Lets everything that is due be answered, and says whether that changed
    /// any answer.
    pub(super) fn advance(&mut self, now: Instant) -> bool {
        let mut changed = false;
        for name in self.names.values_mut() {
            while name.coming.front().is_some_and(|(due, _)| *due <= now) {
                changed |= name.arrive();
            }
        }
        changed
    }

    /// Every record that is answered now.
    pub(super) fn current(&self) -> impl Iterator<Item = &Record> {
        self.names.values().flat_map(|name| &name.current)
    }

    /// What `name` answered before its last change; `None` when it never changed.
    pub(super) fn previous(&self, name: &str) -> Option<&[Record]> {
        self.names.get(&fold(name))?.previous.as_deref()
    }
}

impl Name {
    fn hold(&mut self, records: Vec<Record>, due: Instant) {
        let newest = self.coming.back().map_or(&self.current, |(_, records)| records);
        if *newest == records {
            return;
        }
        self.coming.push_back((due, records));
    }

    fn arrive(&mut self) -> bool {
        let Some((_, records)) = self.coming.pop_front() else {
            return false;
        };
        self.previous = Some(std::mem::replace(&mut self.current, records));
        true
    }
}

fn by_name(records: Vec<Record>) -> BTreeMap<String, Vec<Record>> {
    let mut names: BTreeMap<String, Vec<Record>> = BTreeMap::new();
    for record in records {
        names.entry(fold(&record.name)).or_default().push(record);
    }
    // The order in which a source lists them means nothing.
    names.values_mut().for_each(|records| records.sort());
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn api(target: &str) -> Record {
        Record::cname("api.example.com", target, 60)
    }

    fn app(target: &str) -> Record {
        Record::cname("app.example.com", target, 60)
    }

    fn targets(publication: &Publication) -> Vec<&str> {
        publication.current().map(|record| record.content.as_str()).collect()
    }

    #[test]
    fn each_name_of_a_batch_arrives_after_its_own_delay() {
        let start = Instant::now();
        let mut zone = Publication::starting_with(vec![api("blue"), app("blue")]);
        let delay = |name: &str| if name.starts_with("api") { MINUTE } else { 2 * MINUTE };
        zone.note(vec![app("green"), api("green")], start, delay);

        assert!(!zone.advance(start + MINUTE - Duration::from_millis(1)));
        assert_eq!(targets(&zone), ["blue", "blue"]);
        assert!(zone.advance(start + MINUTE));
        assert_eq!(targets(&zone), ["green", "blue"], "not atomic");
        assert!(zone.advance(start + 2 * MINUTE));
        assert_eq!(targets(&zone), ["green", "green"]);
        assert!(!zone.advance(start + 9 * MINUTE), "nothing more to come");
    }

    #[test]
    fn changes_of_one_name_arrive_in_their_order() {
        let start = Instant::now();
        let mut zone = Publication::starting_with(vec![api("blue")]);
        zone.note(vec![api("green")], start, |_| 2 * MINUTE);
        zone.note(vec![api("blue")], start, |_| MINUTE);
        assert!(!zone.advance(start + MINUTE), "the rollback waits for the flip");
        assert!(zone.advance(start + 2 * MINUTE));
        assert_eq!(targets(&zone), ["blue"]);
        assert_eq!(zone.previous("API.example.com."), Some(&[api("green")][..]));
    }

    #[test]
    fn what_did_not_change_keeps_no_past() {
        let start = Instant::now();
        let mut zone = Publication::starting_with(vec![api("blue"), app("blue")]);
        zone.note(vec![app("blue"), api("green")], start, |_| Duration::ZERO);
        zone.advance(start);
        assert_eq!(zone.previous("app.example.com"), None);
        assert_eq!(zone.previous("api.example.com"), Some(&[api("blue")][..]));
    }

    #[test]
    fn the_order_of_a_list_is_no_change() {
        let start = Instant::now();
        let held = |last: u8| Record::a("api.example.com", [192, 0, 2, last].into(), 60);
        let mut zone = Publication::starting_with(vec![held(1), held(2)]);
        zone.note(vec![held(2), held(1)], start, |_| Duration::ZERO);
        assert!(!zone.advance(start));
        assert_eq!(zone.previous("api.example.com"), None);
    }

    #[test]
    fn a_name_comes_and_goes_with_the_delay_too() {
        let start = Instant::now();
        let mut zone = Publication::starting_with(vec![api("blue")]);
        zone.note(vec![app("blue")], start, |_| MINUTE);
        assert_eq!(targets(&zone), ["blue"]);
        assert_eq!(zone.current().next(), Some(&api("blue")));
        zone.advance(start + MINUTE);
        assert_eq!(zone.current().collect::<Vec<_>>(), [&app("blue")]);
    }
}

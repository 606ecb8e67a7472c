//! The TTL rule: before names move, resolvers must have been told a short TTL for
//! long enough, since they keep an answer for as long as its TTL said when they
//! asked (runbook, "Pre-deploy DNS TTL pre-lowering").

use std::time::{Duration, SystemTime};

use cloudflare::Record;

use crate::marker::Marker;

/// What Cloudflare answers for a TTL of 1, "automatic" (Cloudflare docs, "Time to Live").
pub(crate) const AUTOMATIC_SECONDS: u32 = 300;

/// What is known of a record's TTL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ttl {
    /// At most as wanted, at least since this time.
    ShortSince(SystemTime),
    /// At most as wanted now; since when, nobody can say.
    ShortNow,
    /// Longer than wanted: this many seconds.
    Long(u32),
}

impl Ttl {
    /// Reads it off a record that is not proxied, for a wanted TTL in seconds.
    ///
    /// The time is the record's `modified_on` or, when that is earlier, the one in
    /// our marker; the marker counts only while the TTL is within what it says.
    pub(crate) fn of(record: &Record, wanted: u32) -> Self {
        let now = seconds(record.ttl);
        if now > wanted {
            return Self::Long(now);
        }
        let modified = record.modified_on.as_deref().and_then(|text| humantime::parse_rfc3339(text).ok());
        let marked = record
            .comment
            .as_deref()
            .and_then(Marker::find)
            .filter(|marker| now <= marker.ttl && marker.ttl <= wanted)
            .map(|marker| marker.since);
        [modified, marked].into_iter().flatten().min().map_or(Self::ShortNow, Self::ShortSince)
    }

    /// How long it has certainly been short, at `now`. A time that lies ahead is
    /// no proof of anything.
    pub(crate) fn age(self, now: SystemTime) -> Option<Duration> {
        match self {
            Self::ShortSince(since) => Some(now.duration_since(since).unwrap_or_default()),
            Self::ShortNow => Some(Duration::ZERO),
            Self::Long(_) => None,
        }
    }
}

/// The seconds that resolvers are told for a record's TTL.
pub(crate) const fn seconds(ttl: u32) -> u32 {
    match ttl {
        1 => AUTOMATIC_SECONDS,
        ttl => ttl,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn record(ttl: u32, modified: Option<u64>, marker: Option<(u32, u64)>) -> Record {
        Record {
            id: "r".into(),
            name: "a.example.com".into(),
            kind: "CNAME".into(),
            content: Some("b.c".into()),
            ttl,
            proxied: false,
            comment: marker.map(|(ttl, since)| format!("x {}", Marker { ttl, since: at(since) })),
            modified_on: modified.map(|time| humantime::format_rfc3339_micros(at(time)).to_string()),
            settings: cloudflare::RecordSettings::default(),
        }
    }

    #[test]
    fn the_earlier_of_modification_and_marker_counts() {
        assert_eq!(Ttl::of(&record(60, Some(9 * HOUR), None), 60), Ttl::ShortSince(at(9 * HOUR)));
        assert_eq!(Ttl::of(&record(60, Some(9 * HOUR), Some((60, HOUR))), 60), Ttl::ShortSince(at(HOUR)));
        assert_eq!(Ttl::of(&record(60, Some(HOUR), Some((60, 9 * HOUR))), 60), Ttl::ShortSince(at(HOUR)));
        assert_eq!(Ttl::of(&record(30, Some(9 * HOUR), Some((60, HOUR))), 60), Ttl::ShortSince(at(HOUR)));
        assert_eq!(Ttl::of(&record(60, None, None), 60), Ttl::ShortNow);
    }

    #[test]
    fn a_marker_of_another_ttl_proves_nothing() {
        for (ttl, marked, wanted) in [(60, 30, 60), (60, 120, 60)] {
            let record = record(ttl, Some(9 * HOUR), Some((marked, HOUR)));
            assert_eq!(Ttl::of(&record, wanted), Ttl::ShortSince(at(9 * HOUR)), "{ttl} {marked}");
        }
    }

    #[test]
    fn automatic_is_five_minutes() {
        assert_eq!(Ttl::of(&record(1, Some(0), Some((60, 0))), 60), Ttl::Long(300));
        assert_eq!(Ttl::of(&record(120, Some(0), None), 60), Ttl::Long(120));
        assert_eq!(Ttl::of(&record(1, Some(0), None), 300), Ttl::ShortSince(at(0)));
    }

    #[test]
    fn an_unreadable_or_future_time_proves_nothing() {
        let mut odd = record(60, None, None);
        odd.modified_on = Some("yesterday".into());
        assert_eq!(Ttl::of(&odd, 60).age(at(HOUR)), Some(Duration::ZERO));
        assert_eq!(Ttl::ShortSince(at(2 * HOUR)).age(at(HOUR)), Some(Duration::ZERO));
        assert_eq!(Ttl::ShortSince(at(0)).age(at(HOUR)), Some(Duration::from_secs(HOUR)));
        assert_eq!(Ttl::Long(300).age(at(HOUR)), None);
    }
}

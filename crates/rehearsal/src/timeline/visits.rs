//! From the visitors' own report to counts on the timeline's axis.

use std::time::Duration;

use crate::visitors::{Failure, Report, Tally};

use super::{FailedVisit, HostVisits, Visits};

/// How many failures are told one by one.
const MOST: usize = 20;

impl Visits {
    /// What a report says, in bins of `bin`. The report's clock ran `speed` times as
    /// fast as ours, and began `late` after the timeline did.
    #[must_use]
    pub fn of(report: &Report, bin: Duration, speed: u32, late: Duration) -> Self {
        let at = |fast: Duration| late + fast / speed.max(1);
        let hosts = report.hosts.iter().map(|(host, seen)| HostVisits {
            host: host.clone(),
            bins: rebin(&seen.counts.by_second, |second| at(Duration::from_secs(second)), bin),
        });
        let failures = report.failures.iter().take(MOST);
        let failed = |failure: &Failure| FailedVisit {
            at: at(failure.at),
            host: failure.host.clone(),
            reason: failure.reason.clone(),
        };
        Self { bin, hosts: hosts.collect(), failures: failures.map(failed).collect() }
    }
}

fn rebin(seconds: &[Tally], at: impl Fn(u64) -> Duration, bin: Duration) -> Vec<Tally> {
    let mut bins = Vec::new();
    for (second, tally) in (0..).zip(seconds) {
        let index = usize::try_from(at(second).as_nanos() / bin.as_nanos().max(1)).unwrap_or(usize::MAX);
        if bins.len() <= index {
            bins.resize(index + 1, Tally::default());
        }
        bins[index] += *tally;
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fast_seconds_become_bins_of_ours() {
        let one = |blue, green| Tally { blue, green, failed: 0 };
        // Twenty of these seconds are one of ours; they begin half a second late.
        let seconds: Vec<_> =
            (0..40).map(|second| one(u64::from(second < 10), u64::from(second >= 10))).collect();
        let at = |second| Duration::from_millis(500) + Duration::from_secs(second) / 20;
        let bins = rebin(&seconds, at, Duration::from_millis(500));
        assert_eq!(bins, [one(0, 0), one(10, 0), one(0, 10), one(0, 10), one(0, 10)]);
    }
}

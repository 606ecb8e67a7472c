//! Render's time, as its answers show it.

use std::time::{Duration, Instant, SystemTime};

/// How far two of Render's machines may show different times: the one that dates
/// answers and the one that stamps deploys. Synchronised servers differ by far less;
/// a `Date` is cut to the whole second.
pub(crate) const ALLOWANCE: Duration = Duration::from_secs(5);

/// A `Date` shows whole seconds.
const RESOLUTION: Duration = Duration::from_secs(1);

/// When an answer came: by Render's clock, and between which moments of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dated {
    pub(crate) date: SystemTime,
    pub(crate) asked: Instant,
    pub(crate) answered: Instant,
}

/// The first answer, from which on Render's time is followed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start(Dated);

impl Start {
    pub(crate) const fn new(first: Dated) -> Self {
        Self(first)
    }

    /// When it was asked for.
    pub(crate) const fn asked(&self) -> Instant {
        self.0.asked
    }

    /// The beginning of what must be quiet, by Render's clock.
    pub(crate) fn reach(&self, window: Duration) -> SystemTime {
        self.0.date.checked_sub(window + ALLOWANCE).unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// Whether the later answer's `Date` went on as far as our own clock did. An old
    /// answer out of a cache does not, nor does one whose `Date` is made up.
    pub(crate) fn is_followed_by(&self, later: &Dated) -> bool {
        let least = later.asked.saturating_duration_since(self.0.answered).saturating_sub(ALLOWANCE);
        let most = later.answered.saturating_duration_since(self.0.asked) + ALLOWANCE;
        match later.date.duration_since(self.0.date) {
            Ok(on) => on >= least && on <= most,
            Err(back) => least.is_zero() && back.duration() <= ALLOWANCE,
        }
    }

    /// Render's time between the first answer and this one.
    pub(crate) fn until(&self, later: &Dated) -> Duration {
        later.date.duration_since(self.0.date).unwrap_or_default()
    }

    /// Whether the answer was given when `window` had passed, by Render's clock.
    pub(crate) fn is_over(&self, later: &Dated, window: Duration) -> bool {
        self.until(later) + RESOLUTION >= window
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// An answer after so many seconds of ours that took so many, dated so many
    /// seconds after the first.
    fn answer(began: Instant, after: u64, took: u64, dated: i64) -> Dated {
        let zero = SystemTime::UNIX_EPOCH + seconds(1_000_000);
        let by = seconds(dated.unsigned_abs());
        let date = if dated < 0 { zero - by } else { zero + by };
        Dated { date, asked: began + seconds(after), answered: began + seconds(after + took) }
    }

    #[test]
    fn a_date_goes_on_as_time_does() {
        let began = Instant::now();
        let start = Start::new(answer(began, 0, 1, 0));
        let follows = |after, took, dated| start.is_followed_by(&answer(began, after, took, dated));
        assert!(follows(30, 0, 30) && follows(30, 0, 25) && follows(30, 0, 35) && follows(0, 0, -5));
        assert!(!follows(30, 0, 23), "an old answer");
        assert!(!follows(30, 0, 36) && !follows(0, 0, -6) && !follows(30, 0, -1));
        assert!(follows(30, 20, 31) && follows(30, 20, 50), "a slow answer may be of any moment in between");
    }

    #[test]
    fn the_reach_and_the_end_are_by_renders_clock() {
        let began = Instant::now();
        let start = Start::new(answer(began, 0, 0, 0));
        assert_eq!(start.reach(seconds(30)), SystemTime::UNIX_EPOCH + seconds(1_000_000 - 35));
        assert!(!start.is_over(&answer(began, 30, 0, 28), seconds(30)));
        assert!(start.is_over(&answer(began, 30, 0, 29), seconds(30)), "dates are cut to the second");
    }

    proptest! {
        /// Whatever Render's clock is off by, what is measured from the first answer
        /// stays the same: no offset is ever seen here.
        #[test]
        fn honest_answers_always_follow(after in 0_u64..600, took in 0_u64..60, share in 0_u64..=60) {
            let began = Instant::now();
            let start = Start::new(answer(began, 0, 0, 0));
            let given = i64::try_from(after + share.min(took)).unwrap();
            prop_assert!(start.is_followed_by(&answer(began, after, took, given)));
        }
    }
}

//! When to look next.

use std::time::Duration;

use action::Clock;

/// How much longer each pause is than the one before.
const GROWTH: f64 = 1.5;

/// How soon to look again when the answer is near.
const NEAR: Duration = Duration::from_secs(1);

/// How long to wait in all, and how often to look.
///
/// The first look comes after `first`; each pause is half as long again as the
/// one before, up to `cadence`, spread by a fifth either way so that many jobs
/// do not ask in step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The end of the wait, counted from its beginning. The last look comes
    /// then; it may overrun by one request's own timeout.
    pub deadline: Duration,
    /// The longest pause between two looks.
    pub cadence: Duration,
    /// The pause before the first look.
    pub first: Duration,
}

impl Schedule {
    /// The shortest cadence that a user may ask for: vendors limit the requests of
    /// all jobs together.
    pub const SHORTEST: Duration = Duration::from_secs(1);

    /// Looks first after one second, or after `cadence` when that is shorter.
    #[must_use]
    pub fn new(deadline: Duration, cadence: Duration) -> Self {
        Self { deadline, cadence, first: NEAR.min(cadence) }
    }

    /// The same schedule, with its first look at once.
    #[must_use]
    pub const fn at_once(self) -> Self {
        Self { first: Duration::ZERO, ..self }
    }

    /// The pause before look number `look` (the first is 0).
    pub(crate) fn pause(&self, look: u32, clock: &dyn Clock) -> Duration {
        if look == 0 {
            return self.first;
        }
        let base = if self.first.is_zero() { NEAR.min(self.cadence) } else { self.first };
        // Past this exponent every base has reached every sensible cadence.
        let grown = base.mul_f64(GROWTH.powi(i32::try_from(look).unwrap_or(i32::MAX).min(40)));
        spread(grown.min(self.cadence), clock)
    }

    /// The pause when what is waited for is about to happen: never above a second.
    pub(crate) fn near_pause(&self, clock: &dyn Clock) -> Duration {
        NEAR.min(self.cadence).mul_f64(0.8 + 0.2 * clock.jitter())
    }

    /// `pause`, or a shorter one of at most `most`, spread downwards only.
    pub(crate) fn pause_within(&self, most: Duration, pause: Duration, clock: &dyn Clock) -> Duration {
        if most >= self.cadence {
            return pause;
        }
        pause.min(most.mul_f64(0.8 + 0.2 * clock.jitter()))
    }
}

fn spread(pause: Duration, clock: &dyn Clock) -> Duration {
    pause.mul_f64(0.8 + 0.4 * clock.jitter())
}

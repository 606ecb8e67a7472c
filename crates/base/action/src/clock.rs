//! Time as a dependency: the system's clock in a run, a simulated one in tests.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// A future that ends when a clock says so.
pub type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// What time it is, and how to wait.
///
/// Everything that waits takes one, so that a test can let 25 minutes pass in a
/// microsecond and assert the schedule. Network timeouts stay on real time.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Monotonic time: for deadlines and durations.
    fn now(&self) -> Instant;

    /// Calendar time: to compare with the time stamps of others.
    fn wall(&self) -> SystemTime;

    /// Waits for `duration`.
    fn sleep(&self, duration: Duration) -> Sleep<'_>;

    /// A number in `0.0..1.0`, drawn anew at each call, for spreading retries.
    fn jitter(&self) -> f64;
}

/// A clock that several owners share.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> Sleep<'_> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn jitter(&self) -> f64 {
        fastrand::f64()
    }
}

/// A clock that stands still until somebody sleeps, then jumps by that much.
///
/// It records every sleep, and its jitter is always one half, so that a test
/// asserts the exact schedule. Made for one sleeper at a time: two tasks that
/// sleep at once add up.
#[derive(Debug)]
pub struct SimClock {
    start: Instant,
    wall: SystemTime,
    slept: Mutex<Vec<Duration>>,
    skipped: Mutex<Duration>,
}

impl Default for SimClock {
    /// Starts at the present, to the second, so that time stamps print evenly.
    fn default() -> Self {
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self::starting_at(SystemTime::UNIX_EPOCH + Duration::from_secs(since_epoch.as_secs()))
    }
}

impl SimClock {
    /// A clock whose calendar shows `wall` now.
    #[must_use]
    pub fn starting_at(wall: SystemTime) -> Self {
        Self { start: Instant::now(), wall, slept: Mutex::default(), skipped: Mutex::default() }
    }

    /// Lets time pass without anybody sleeping.
    pub fn advance(&self, duration: Duration) {
        *self.skipped.lock().unwrap_or_else(PoisonError::into_inner) += duration;
    }

    /// Every sleep so far, in order.
    #[must_use]
    pub fn slept(&self) -> Vec<Duration> {
        self.slept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn elapsed(&self) -> Duration {
        *self.skipped.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for SimClock {
    fn now(&self) -> Instant {
        self.start + self.elapsed()
    }

    fn wall(&self) -> SystemTime {
        self.wall + self.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Sleep<'_> {
        Box::pin(async move {
            self.slept.lock().unwrap_or_else(PoisonError::into_inner).push(duration);
            self.advance(duration);
            // Others get their turn, as they would during a real sleep.
            tokio::task::yield_now().await;
        })
    }

    fn jitter(&self) -> f64 {
        0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sleep_moves_both_times_and_is_recorded() {
        let clock = SimClock::default();
        let (now, wall) = (clock.now(), clock.wall());
        clock.sleep(Duration::from_secs(90)).await;
        clock.advance(Duration::from_secs(10));
        assert_eq!(clock.now() - now, Duration::from_secs(100));
        assert_eq!(clock.wall(), wall + Duration::from_secs(100));
        assert_eq!(clock.slept(), [Duration::from_secs(90)]);
    }
}

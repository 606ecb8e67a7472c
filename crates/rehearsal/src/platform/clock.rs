//! Two clocks of a rehearsed world: one that starts in the past, one that hurries.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use action::{Clock, Sleep, SystemClock};

/// The system's clock, some time ago: what is made by it looks old once it has
/// caught up.
#[derive(Debug)]
pub struct PastClock(Mutex<Duration>);

impl PastClock {
    /// The system's clock as it was `behind` ago.
    #[must_use]
    pub fn new(behind: Duration) -> Self {
        Self(Mutex::new(behind))
    }

    /// From here on it shows the present.
    pub fn catch_up(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Duration::ZERO;
    }

    fn behind(&self) -> Duration {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for PastClock {
    fn now(&self) -> Instant {
        let now = SystemClock.now();
        // A machine that has just booted has no earlier instant to show.
        now.checked_sub(self.behind()).unwrap_or(now)
    }

    fn wall(&self) -> SystemTime {
        SystemClock.wall() - self.behind()
    }

    fn sleep(&self, duration: Duration) -> Sleep<'_> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn jitter(&self) -> f64 {
        SystemClock.jitter()
    }
}

/// A clock that runs `speed` times as fast as the system's.
#[derive(Debug)]
pub(super) struct FastClock {
    started: (Instant, SystemTime),
    speed: u32,
}

impl FastClock {
    pub(super) fn new(speed: u32) -> Self {
        Self { started: (Instant::now(), SystemTime::now()), speed }
    }

    fn elapsed(&self) -> Duration {
        self.started.0.elapsed() * self.speed
    }
}

impl Clock for FastClock {
    fn now(&self) -> Instant {
        self.started.0 + self.elapsed()
    }

    fn wall(&self) -> SystemTime {
        self.started.1 + self.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Sleep<'_> {
        Box::pin(tokio::time::sleep(duration / self.speed))
    }

    fn jitter(&self) -> f64 {
        fastrand::f64()
    }
}

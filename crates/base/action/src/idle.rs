//! The system's clock, which knows how long a run did nothing but wait.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::clock::{Clock, Sleep, SystemClock};

/// The machine's own clock, and how long anybody slept on it; whoever sleeps
/// beside another is counted once.
#[derive(Debug)]
pub(crate) struct IdleClock {
    started: Instant,
    idle: Mutex<Idle>,
}

#[derive(Debug, Default)]
struct Idle {
    sleepers: usize,
    since: Option<Instant>,
    total: Duration,
}

impl IdleClock {
    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fall_asleep(&self) -> Sleeper<'_> {
        let mut idle = self.idle();
        idle.sleepers += 1;
        idle.since.get_or_insert_with(|| SystemClock.now());
        Sleeper(self)
    }
}

/// Somebody who sleeps until this is dropped, also one who is not waited for any more.
struct Sleeper<'c>(&'c IdleClock);

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        let mut idle = self.0.idle();
        idle.sleepers -= 1;
        if idle.sleepers == 0
            && let Some(since) = idle.since.take()
        {
            idle.total += SystemClock.now().duration_since(since);
        }
    }
}

impl Default for IdleClock {
    fn default() -> Self {
        Self { started: SystemClock.now(), idle: Mutex::default() }
    }
}

impl fmt::Display for IdleClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (slept, all) =
            (self.idle().total.as_secs_f64(), SystemClock.now().duration_since(self.started).as_secs_f64());
        write!(f, "waited {slept:.3} s of {all:.3} s")
    }
}

impl Clock for IdleClock {
    fn now(&self) -> Instant {
        SystemClock.now()
    }

    fn wall(&self) -> SystemTime {
        SystemClock.wall()
    }

    fn sleep(&self, duration: Duration) -> Sleep<'_> {
        Box::pin(async move {
            let _sleeper = self.fall_asleep();
            SystemClock.sleep(duration).await;
        })
    }

    fn jitter(&self) -> f64 {
        SystemClock.jitter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sleeps_beside_another_is_counted_once() {
        let clock = IdleClock::default();
        let (one, other) = (clock.fall_asleep(), clock.fall_asleep());
        drop(one);
        assert_eq!(clock.idle().total, Duration::ZERO, "the other sleeps on");
        assert!(clock.idle().since.is_some());
        drop(other);
        assert!(clock.idle().total > Duration::ZERO && clock.idle().since.is_none());
    }

    #[tokio::test]
    async fn a_sleep_that_is_given_up_ends() {
        let clock = IdleClock::default();
        let given_up =
            tokio::time::timeout(Duration::from_millis(1), clock.sleep(Duration::from_secs(60))).await;
        assert!(given_up.is_err());
        assert_eq!(clock.idle().sleepers, 0);
    }
}

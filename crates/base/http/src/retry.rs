//! When a request may be repeated, and how long to wait before that.

use std::time::Duration;

use action::SharedClock;
use backon::Retryable as _;

use crate::error::{Error, Outcome};

/// The pause before the first repetition is up to this long; each further one
/// up to twice as long as the one before.
const BASE: Duration = Duration::from_millis(500);

/// No pause of our own choice is longer.
const CEILING: Duration = Duration::from_secs(20);

/// How often, and for how long in all, one request is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// Repetitions after the first attempt.
    pub times: u32,
    /// All attempts and pauses together: nothing is repeated after it, and a
    /// `Retry-After` beyond it ends the retrying at once.
    pub budget: Duration,
}

impl Retries {
    /// One attempt only: the caller waits and looks again.
    pub const NONE: Self = Self { times: 0, budget: Duration::ZERO };
}

impl Default for Retries {
    /// Six repetitions within two minutes.
    fn default() -> Self {
        Self { times: 6, budget: Duration::from_secs(120) }
    }
}

/// Whether repeating the request can do harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Applying it twice is the same as once.
    Freely,
    /// Only when it certainly was not applied.
    IfNotApplied,
    /// Never here: the caller waits and looks again.
    Never,
}

impl Repeat {
    fn allows(self, error: &Error) -> bool {
        match self {
            Self::Freely => error.is_passing(),
            Self::IfNotApplied => error.is_passing() && error.outcome() != Outcome::Unknown,
            Self::Never => false,
        }
    }
}

/// Runs `attempt` until it succeeds, may not be repeated, or the budget is spent.
/// [`Request`](crate::Request) does so by itself; this is for a client that reads
/// its answers above it.
///
/// # Errors
/// The last attempt's.
pub async fn with_retries<T>(
    clock: &SharedClock,
    retries: Retries,
    repeat: Repeat,
    attempt: impl AsyncFn() -> Result<T, Error>,
) -> Result<T, Error> {
    let started = clock.now();
    let pauses = (0..retries.times).map({
        let clock = SharedClock::clone(clock);
        move |turn| (BASE * 2_u32.saturating_pow(turn)).min(CEILING).mul_f64(clock.jitter())
    });
    let sleeper = {
        let clock = SharedClock::clone(clock);
        move |pause| {
            let clock = SharedClock::clone(&clock);
            async move { clock.sleep(pause).await }
        }
    };
    (|| attempt())
        .retry(pauses)
        .sleep(sleeper)
        .when(|error| repeat.allows(error))
        .adjust(|error, pause| {
            let pause = pause?.max(error.retry_after().unwrap_or_default());
            let spent = clock.now() - started;
            (spent + pause <= retries.budget).then_some(pause)
        })
        .notify(|error, pause| tracing::info!("{error}; trying again in {:.1} s", pause.as_secs_f32()))
        .await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Arc;

    use action::SimClock;

    use super::*;
    use crate::error::VendorError;

    fn refused(status: u16, retry_after: Option<u64>) -> Error {
        let retry_after = retry_after.map(Duration::from_secs);
        Error::Refused { request: "GET /".into(), status, error: VendorError::default(), retry_after }
    }

    fn lost() -> Error {
        Error::Unreached { request: "POST /".into(), cause: "reset".into(), perhaps_applied: true }
    }

    /// How many attempts an ever-failing request takes, and how long it waits.
    async fn tries(repeat: Repeat, error: &Error) -> (u32, Vec<f32>) {
        let (clock, count) = (Arc::new(SimClock::default()), Cell::new(0));
        let shared: SharedClock = clock.clone();
        let failed: Result<(), _> = with_retries(&shared, Retries::default(), repeat, async || {
            count.set(count.get() + 1);
            Err(error.clone())
        })
        .await;
        assert_eq!(failed.as_ref(), Err(error));
        (count.get(), clock.slept().iter().map(Duration::as_secs_f32).collect())
    }

    #[tokio::test]
    async fn pauses_double_and_end() {
        let (count, pauses) = tries(Repeat::Freely, &refused(503, None)).await;
        assert_eq!((count, pauses), (7, vec![0.25, 0.5, 1.0, 2.0, 4.0, 8.0]));
    }

    #[tokio::test]
    async fn a_wish_is_granted_within_the_budget() {
        assert_eq!(tries(Repeat::Freely, &refused(429, Some(50))).await, (3, vec![50.0, 50.0]));
        assert_eq!(tries(Repeat::Freely, &refused(429, Some(300))).await, (1, vec![]));
    }

    #[tokio::test]
    async fn what_may_have_been_applied_is_not_repeated() {
        assert_eq!(tries(Repeat::IfNotApplied, &lost()).await.0, 1);
        assert_eq!(tries(Repeat::IfNotApplied, &refused(500, None)).await.0, 1);
        assert_eq!(tries(Repeat::IfNotApplied, &refused(429, None)).await.0, 7);
        assert_eq!(tries(Repeat::Freely, &lost()).await.0, 7);
        assert_eq!(tries(Repeat::Freely, &refused(404, None)).await.0, 1);
        assert_eq!(tries(Repeat::Freely, &refused(403, None)).await.0, 1);
        assert_eq!(tries(Repeat::IfNotApplied, &refused(403, Some(50))).await.0, 3, "a rate limit");
        assert_eq!(tries(Repeat::Never, &refused(503, None)).await.0, 1);
    }
}

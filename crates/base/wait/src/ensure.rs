//! Find, else create once.

use std::fmt;

use action::Clock;

use crate::schedule::Schedule;
use crate::until::{Ended, Look, TimedOut, until};

/// What an attempt to create came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created<T> {
    /// Created, and this is it.
    Made(T),
    /// Perhaps created: the answer was lost, or was empty. It must be looked
    /// for, and must not be created again.
    Unclear(String),
}

/// The thing, and where it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ensured<T> {
    /// It was there before: nothing was created.
    Found(T),
    /// This run created it.
    Created(T),
}

impl<T> Ensured<T> {
    /// The thing itself.
    pub fn into_inner(self) -> T {
        match self {
            Self::Found(thing) | Self::Created(thing) => thing,
        }
    }
}

/// Why nothing was ensured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnsureError<S, E> {
    /// It could not be found out, until the deadline, whether it exists; nothing
    /// was created.
    Unseen(TimedOut<S>),
    /// An attempt to create it had an unclear outcome, and it did not appear
    /// before the deadline.
    Unclear {
        /// Why the outcome was unclear.
        attempt: String,
        /// What was seen while looking for it.
        search: TimedOut<S>,
    },
    /// Looking or creating failed for good.
    Failed(E),
}

/// Finds a thing, or else creates it, at most once.
///
/// `find` answers `Done` when it is there and `NotYet` when it certainly is not;
/// a fault is neither, so it is looked for again. Only a certain "not there"
/// leads to `create`. When that attempt's outcome is unclear, `find` is asked
/// until the deadline, and nothing is ever created twice. A second run attaches
/// to what the first one began through the same `find`.
///
/// # Errors
/// See [`EnsureError`].
pub async fn ensure<T, S, E>(
    clock: &dyn Clock,
    schedule: Schedule,
    what: &str,
    mut find: impl AsyncFnMut() -> Result<Look<T, S>, E>,
    create: impl AsyncFnOnce() -> Result<Created<T>, E>,
) -> Result<Ensured<T>, EnsureError<S, E>>
where
    S: fmt::Display + PartialEq,
{
    let certain = until(clock, schedule.at_once(), what, async |_| {
        Ok(match find().await? {
            Look::Done(thing) => Look::Done(Some(thing)),
            Look::NotYet(_) | Look::Near(_) | Look::Within(..) => Look::Done(None),
            Look::Fault(fault) => Look::Fault(fault),
        })
    });
    match certain.await {
        Ok(Some(thing)) => return Ok(Ensured::Found(thing)),
        Ok(None) => {}
        Err(Ended::TimedOut(search)) => return Err(EnsureError::Unseen(search)),
        Err(Ended::Failed(error)) => return Err(EnsureError::Failed(error)),
    }
    let attempt = match create().await.map_err(EnsureError::Failed)? {
        Created::Made(thing) => return Ok(Ensured::Created(thing)),
        Created::Unclear(attempt) => attempt,
    };
    tracing::info!("{what}: {attempt}; looking for it instead of asking again");
    match until(clock, schedule, what, async |_| find().await).await {
        Ok(thing) => Ok(Ensured::Created(thing)),
        Err(Ended::TimedOut(search)) => Err(EnsureError::Unclear { attempt, search }),
        Err(Ended::Failed(error)) => Err(EnsureError::Failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use action::SimClock;

    use super::*;
    use crate::until::Fault;

    const SCHEDULE: Schedule = Schedule {
        deadline: Duration::from_secs(60),
        cadence: Duration::from_secs(5),
        first: Duration::from_secs(1),
    };

    fn fault() -> Look<u8, &'static str> {
        Look::Fault(Fault { what: "503".into(), retry_after: None })
    }

    /// Runs `ensure` over scripted looks; the second number counts creations.
    async fn run(
        looks: &[Look<u8, &'static str>],
        created: Result<Created<u8>, &'static str>,
    ) -> (Result<Ensured<u8>, EnsureError<&'static str, &'static str>>, u8) {
        let (clock, next, creations) = (SimClock::default(), Cell::new(0), Cell::new(0));
        let ensured = ensure(
            &clock,
            SCHEDULE,
            "thing",
            async || {
                let look = looks[next.get().min(looks.len() - 1)].clone();
                next.set(next.get() + 1);
                Ok(look)
            },
            async || {
                creations.set(creations.get() + 1);
                created
            },
        );
        (ensured.await, creations.get())
    }

    #[tokio::test]
    async fn what_is_there_is_not_created() {
        assert_eq!(run(&[fault(), Look::Done(1)], Err("never")).await, (Ok(Ensured::Found(1)), 0));
    }

    #[tokio::test]
    async fn a_fault_is_no_proof_of_absence() {
        let (ensured, creations) = run(&[fault()], Ok(Created::Made(1))).await;
        assert!(matches!(ensured, Err(EnsureError::Unseen(_))), "{ensured:?}");
        assert_eq!(creations, 0);
    }

    #[tokio::test]
    async fn absence_leads_to_one_creation() {
        assert_eq!(run(&[Look::NotYet("none")], Ok(Created::Made(2))).await, (Ok(Ensured::Created(2)), 1));
        assert_eq!(run(&[Look::NotYet("none")], Err("no")).await, (Err(EnsureError::Failed("no")), 1));
    }

    #[tokio::test]
    async fn an_unclear_outcome_is_looked_for_and_never_repeated() {
        let late = [Look::NotYet("none"), fault(), Look::NotYet("none"), Look::Done(3)];
        assert_eq!(run(&late, Ok(Created::Unclear("lost".into()))).await, (Ok(Ensured::Created(3)), 1));
        let (ensured, creations) = run(&[Look::NotYet("none")], Ok(Created::Unclear("lost".into()))).await;
        assert!(matches!(ensured, Err(EnsureError::Unclear { .. })), "{ensured:?}");
        assert_eq!(creations, 1);
    }
}

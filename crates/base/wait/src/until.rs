//! Waiting until something is so.

use std::fmt;
use std::time::{Duration, Instant};

use action::Clock;

use crate::schedule::Schedule;

/// How long the log may stay silent while nothing changes.
const HEARTBEAT: Duration = Duration::from_secs(60);

/// What one look at the world found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look<T, S> {
    /// It is so.
    Done(T),
    /// Not yet; what was seen instead.
    NotYet(S),
    /// Not yet, but any moment now: look again within a second.
    Near(S),
    /// Not yet; look again within this time, or by the schedule if that is sooner.
    Within(S, Duration),
    /// Nothing could be seen this time. Counted and shown, never the end.
    Fault(Fault),
}

/// A passing fault: the request failed, which says nothing about the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What went wrong, as a lower-case fragment.
    pub what: String,
    /// How long the other side asked to be left alone.
    pub retry_after: Option<Duration>,
}

/// The deadline passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedOut<S> {
    /// How long the wait took.
    pub waited: Duration,
    /// How often it looked.
    pub looks: u32,
    /// How many of the looks saw nothing because of a fault.
    pub faults: u32,
    /// The last thing seen.
    pub last: Option<S>,
    /// The last fault, if the last look ended in one.
    pub last_fault: Option<String>,
}

impl<S: fmt::Display> fmt::Display for TimedOut<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gave up after {} and {}", short(self.waited), count(self.looks))?;
        match &self.last {
            Some(last) => write!(f, "; last seen: {last}")?,
            None => f.write_str("; nothing was ever seen")?,
        }
        if self.faults > 0 {
            write!(f, "; {} failed", count(self.faults))?;
        }
        if let Some(fault) = &self.last_fault {
            write!(f, ", the last one: {fault}")?;
        }
        Ok(())
    }
}

/// Why a wait ended without what it waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended<S, E> {
    /// The deadline passed.
    TimedOut(TimedOut<S>),
    /// A look found that it will never be so.
    Failed(E),
}

/// Looks by `schedule` until `probe` says that `what` is done.
///
/// Progress goes to the log: whatever is seen when it changes, and a sign of
/// life every minute, each with the time left. Inside a probe a request is tried
/// once, because the wait is the retry.
///
/// # Errors
/// [`Ended::TimedOut`] at the deadline, [`Ended::Failed`] when the probe fails.
pub async fn until<T, S, E>(
    clock: &dyn Clock,
    schedule: Schedule,
    what: &str,
    mut probe: impl AsyncFnMut(u32) -> Result<Look<T, S>, E>,
) -> Result<T, Ended<S, E>>
where
    S: fmt::Display + PartialEq,
{
    let started = clock.now();
    let mut progress = Progress { what, deadline: schedule.deadline, said: None };
    let mut seen = TimedOut { waited: Duration::ZERO, looks: 0, faults: 0, last: None, last_fault: None };
    let mut pause = schedule.pause(0, clock);
    loop {
        let left = schedule.deadline.saturating_sub(clock.now() - started);
        progress.status(seen.last.as_ref(), left);
        let last_look = pause >= left;
        if !left.min(pause).is_zero() {
            clock.sleep(left.min(pause)).await;
        }
        let look = probe(seen.looks).await.map_err(Ended::Failed)?;
        seen.looks += 1;
        let now = clock.now();
        pause = schedule.pause(seen.looks, clock);
        match look {
            Look::Done(done) => return Ok(done),
            Look::NotYet(state) => progress.see(state, &mut seen, now, started),
            Look::Near(state) => {
                pause = schedule.near_pause(clock);
                progress.see(state, &mut seen, now, started);
            }
            Look::Within(state, most) => {
                pause = schedule.pause_within(most, pause, clock);
                progress.see(state, &mut seen, now, started);
            }
            Look::Fault(fault) => {
                pause = pause.max(fault.retry_after.unwrap_or_default());
                progress.stumble(fault.what, &mut seen, now);
            }
        }
        if last_look {
            seen.waited = now - started;
            return Err(Ended::TimedOut(seen));
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        tracing::info!(target: action::STATUS, "");
    }
}

/// What was said last, and when.
struct Progress<'a> {
    what: &'a str,
    deadline: Duration,
    said: Option<Instant>,
}

impl Progress<'_> {
    fn see<S: fmt::Display + PartialEq>(
        &mut self,
        state: S,
        seen: &mut TimedOut<S>,
        now: Instant,
        started: Instant,
    ) {
        let changed = seen.last.as_ref() != Some(&state);
        if changed || self.is_due(now) {
            let left = self.deadline.saturating_sub(now - started);
            let still = if changed { "" } else { "still " };
            tracing::info!("{}: {still}{state} ({} left)", self.what, short(left));
            self.said = Some(now);
        }
        seen.last = Some(state);
        seen.last_fault = None;
    }

    /// A terminal's last line while nothing else is said.
    fn status<S: fmt::Display>(&self, last: Option<&S>, left: Duration) {
        match last {
            Some(state) => {
                tracing::info!(target: action::STATUS, "{}: {state} ({} left)", self.what, short(left))
            }
            None => tracing::info!(target: action::STATUS, "{} ({} left)", self.what, short(left)),
        }
    }

    fn stumble<S>(&mut self, fault: String, seen: &mut TimedOut<S>, now: Instant) {
        if seen.last_fault.as_ref() != Some(&fault) || self.is_due(now) {
            tracing::info!("{}: {fault} (a passing fault; looking again)", self.what);
            self.said = Some(now);
        }
        seen.faults += 1;
        seen.last_fault = Some(fault);
    }

    fn is_due(&self, now: Instant) -> bool {
        self.said.is_none_or(|said| now - said >= HEARTBEAT)
    }
}

/// `1 look`, `2 looks`.
fn count(looks: u32) -> String {
    format!("{looks} look{}", if looks == 1 { "" } else { "s" })
}

/// A duration in whole seconds, for people.
fn short(duration: Duration) -> humantime::FormattedDuration {
    humantime::format_duration(Duration::from_secs(duration.as_secs()))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use action::SimClock;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn not_yet(_: u32) -> Result<Look<(), &'static str>, Infallible> {
        Ok(Look::NotYet("building"))
    }

    #[tokio::test]
    async fn looks_after_a_second_then_slower_up_to_the_cadence_and_last_at_the_deadline() {
        let clock = SimClock::default();
        let schedule = Schedule::new(MINUTE, Duration::from_secs(10));
        let ended = until(&clock, schedule, "deploy", async |look| not_yet(look)).await;
        let seconds: Vec<f32> = clock.slept().iter().map(Duration::as_secs_f32).collect();
        assert_eq!(seconds[..6], [1.0, 1.5, 2.25, 3.375, 5.0625, 7.59375]);
        assert!(seconds[6..].iter().all(|&pause| pause <= 10.0));
        assert_eq!(clock.slept().iter().sum::<Duration>(), MINUTE);
        let Err(Ended::TimedOut(timed_out)) = ended else { panic!("{ended:?}") };
        assert_eq!((timed_out.waited, timed_out.last), (MINUTE, Some("building")));
        assert_eq!(timed_out.looks as usize, seconds.len());
    }

    #[tokio::test]
    async fn near_looks_come_every_second() {
        let clock = SimClock::default();
        let schedule = Schedule::new(MINUTE, Duration::from_secs(10));
        let done = until(&clock, schedule, "deploy", async |look| {
            Ok::<_, Infallible>(if look < 9 { Look::Near("updating") } else { Look::Done(look) })
        });
        assert_eq!(done.await, Ok(9));
        assert_eq!(clock.slept()[1..], [Duration::from_millis(900); 9]);
    }

    #[tokio::test]
    async fn a_look_may_set_a_bound_that_no_jitter_exceeds() {
        let clock = SimClock::default();
        let schedule = Schedule::new(MINUTE, Duration::from_secs(10)).at_once();
        let bounds = [4, 2, 60].map(Duration::from_secs);
        let done = until(&clock, schedule, "deploy", async |look| {
            let bound = bounds.get(look as usize);
            Ok::<_, Infallible>(bound.map_or(Look::Done(()), |bound| Look::Within("updating", *bound)))
        });
        assert_eq!(done.await, Ok(()));
        let seconds: Vec<f32> = clock.slept().iter().map(Duration::as_secs_f32).collect();
        // The schedule is sooner for the first and the last.
        assert_eq!(seconds, [1.5, 1.8, 3.375]);
    }

    #[tokio::test]
    async fn a_fault_is_counted_and_its_wish_is_granted() {
        let clock = SimClock::default();
        let schedule = Schedule::new(MINUTE, Duration::from_secs(10)).at_once();
        let ended: Result<(), _> = until(&clock, schedule, "deploy", async |look| {
            Ok::<_, Infallible>(match look {
                0 => Look::NotYet("building"),
                _ => Look::Fault(Fault { what: "429".into(), retry_after: Some(Duration::from_secs(30)) }),
            })
        })
        .await;
        let Err(Ended::TimedOut(timed_out)) = ended else { panic!("{ended:?}") };
        assert_eq!((timed_out.looks, timed_out.faults), (4, 3));
        assert_eq!(
            timed_out.to_string(),
            "gave up after 1m and 4 looks; last seen: building; 3 looks failed, the last one: 429"
        );
    }

    #[tokio::test]
    async fn a_failure_ends_the_wait() {
        let clock = SimClock::default();
        let schedule = Schedule::new(MINUTE, Duration::from_secs(10)).at_once();
        let ended = until(&clock, schedule, "x", async |_| Err::<Look<(), &str>, _>("gone")).await;
        assert_eq!(ended, Err(Ended::Failed("gone")));
        assert!(clock.slept().is_empty());
    }
}

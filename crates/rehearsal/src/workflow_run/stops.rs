//! What ends a job before its time: somebody cancels the run, or its time is up.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// Minutes that the steps of a cancelled job have before they are stopped whatever their `if` says (GitHub docs,
/// "Workflow cancellation").
const LAST_MINUTES: u32 = 5;

/// What happened to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The run was cancelled.
    Cancelled,
    /// The job's `timeout-minutes` have passed.
    Expired,
    /// What was left of a cancelled job took too long.
    Forced,
}

/// Tells each of them once, in time.
#[derive(Debug)]
pub(super) struct Stops {
    cancelled: watch::Receiver<bool>,
    at: Instant,
    minute: Duration,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Working,
    Ending,
    Over,
}

impl Stops {
    /// Of a job that starts now.
    pub(super) fn new(cancelled: watch::Receiver<bool>, minutes: u32, minute: Duration) -> Self {
        Self { cancelled, at: Instant::now() + minute * minutes, minute, phase: Phase::Working }
    }

    /// Whether no step may start any more.
    pub(super) fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    /// Waits for the next one. A future that is dropped loses none.
    pub(super) async fn next(&mut self) -> Stop {
        match self.phase {
            Phase::Working => {
                let asked = async {
                    if self.cancelled.wait_for(|cancelled| *cancelled).await.is_err() {
                        // Nobody is left who could cancel it.
                        std::future::pending().await
                    }
                };
                let stop = tokio::select! {
                    biased;
                    () = asked => Stop::Cancelled,
                    () = sleep_until(self.at) => Stop::Expired,
                };
                self.phase = Phase::Ending;
                self.at = Instant::now() + self.minute * LAST_MINUTES;
                stop
            }
            Phase::Ending => {
                sleep_until(self.at).await;
                self.phase = Phase::Over;
                Stop::Forced
            }
            Phase::Over => std::future::pending().await,
        }
    }

    /// One that has come already, without waiting.
    pub(super) async fn pending(&mut self) -> Option<Stop> {
        tokio::select! {
            biased;
            stop = self.next() => Some(stop),
            () = std::future::ready(()) => None,
        }
    }
}

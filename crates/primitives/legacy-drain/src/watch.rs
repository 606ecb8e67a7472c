//! Waiting for the end of a drain (ADR-053 D13.4).
//!
//! The worker's own line in its log is what counts, since only the worker knows whether
//! it still waits for stragglers; but nothing may be left in the outbox either. Where the
//! line does not come, because logs cannot be read or were lost, nothing left for long
//! enough counts as the end.

use std::cell::Cell;
use std::time::{Duration, Instant, SystemTime};

use action::{Context, Failure};
use http::Error;
use postgres::Ledger;
use render::{LogFilter, LogType, Render, Service};
use wait::{Ended, Fault, Look, Schedule};

use crate::stranded::in_words;

/// What the worker writes when it has drained.
const COMPLETE: &str = "drain complete, exiting";

/// How many lines of the log's end are looked at: the line is the worker's last.
const LINES: usize = 100;

/// How long nothing may be left, beside `cooling`, until that alone counts.
const SILENCE: Duration = Duration::from_secs(120);

const CADENCE: Duration = Duration::from_secs(10);

/// How the end was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// By the worker's own words.
    Log,
    /// Nothing was left for long enough.
    Outbox,
}

impl Signal {
    /// The output's word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Outbox => "outbox",
        }
    }

    pub(crate) const fn in_words(self) -> &'static str {
        match self {
            Self::Log => "the worker has said that it is done",
            Self::Outbox => "nothing was left for long enough; the worker has not said that it is done",
        }
    }
}

/// What is watched.
pub(crate) struct Watch<'a> {
    pub(crate) context: &'a Context,
    pub(crate) render: Render,
    pub(crate) ledger: Ledger,
    pub(crate) service: &'a Service,
    pub(crate) generation: u64,
    /// When the deploy was made that drains, by Render's clock: older lines are not its own.
    pub(crate) since: Option<SystemTime>,
    pub(crate) cooling: Duration,
}

impl Watch<'_> {
    /// Waits for the end.
    ///
    /// # Errors
    /// `timed-out`; and those of the database.
    pub(crate) async fn until_drained(&self, patience: Duration) -> Result<Signal, Failure> {
        let generation = self.generation;
        let (schedule, empty_since) = (Schedule::new(patience, CADENCE).at_once(), Cell::new(None));
        let warned = Cell::new(false);
        let waited = wait::until(self.context.clock(), schedule, "drain", async |_| {
            let left = match self.ledger.outbox_of(generation).await {
                Ok(left) => left,
                Err(error) if error.is_passing() => return Ok(Look::Fault(Fault::from(&error))),
                Err(error) => return Err(error),
            };
            let said = self.has_said(&warned).await;
            if !left.is_empty() {
                empty_since.set(None);
                let told = if said { "; the worker has said that it is done" } else { "" };
                return Ok(Look::NotYet(format!("{}{told}", in_words(left))));
            }
            if said {
                return Ok(Look::Done(Signal::Log));
            }
            if self.is_long_enough(&empty_since) {
                return Ok(Look::Done(Signal::Outbox));
            }
            Ok(Look::NotYet("nothing is left; the worker has not said that it is done".to_owned()))
        });
        match waited.await {
            Ok(signal) => Ok(signal),
            Err(Ended::Failed(error)) => Err(error.into()),
            Err(Ended::TimedOut(seen)) => {
                Err(Failure::timed_out(format!("generation {generation} is not drained: {seen}"))
                    .hint(format!("look at the log of {}{}", self.service.name, page(self.service)))
                    .hint("rows in flight of a worker that died come free after their claim's time to live"))
            }
        }
    }

    /// Whether it has drained at this moment, by the worker's own words and with nothing left. A look that shows
    /// nothing is a no.
    pub(crate) async fn is_drained(&self) -> bool {
        let left = self.ledger.outbox_of(self.generation).await;
        left.is_ok_and(|left| left.is_empty()) && self.has_said(&Cell::new(true)).await
    }

    fn is_long_enough(&self, empty_since: &Cell<Option<Instant>>) -> bool {
        let now = self.context.clock().now();
        let since = empty_since.get().unwrap_or(now);
        empty_since.set(Some(since));
        now - since >= self.cooling + SILENCE
    }

    /// Whether the line is in the log. A log that cannot be read is a log without it.
    async fn has_said(&self, warned: &Cell<bool>) -> bool {
        match self.tail().await {
            Ok(lines) => lines.iter().any(|line| line.contains(COMPLETE)),
            Err(error) => {
                if !error.is_passing() && !warned.replace(true) {
                    self.context.warn(&format!(
                        "the log of {} cannot be read, so nothing left for long enough has to do: {error}",
                        self.service.name
                    ));
                }
                false
            }
        }
    }

    async fn tail(&self) -> Result<Vec<String>, Error> {
        let filter = LogFilter {
            owner: &self.service.owner_id,
            service: &self.service.id,
            // The build may write what it likes.
            types: &[LogType::App],
            since: self.since,
            limit: LINES,
        };
        let lines = self.render.log_tail(&filter).await?;
        Ok(lines.into_iter().map(|line| line.message).collect())
    }
}

/// ` (https://dashboard...)`, if Render told an address that is one.
fn page(service: &Service) -> String {
    let page =
        service.dashboard_url.as_deref().filter(|page| page.starts_with("https://dashboard.render.com/"));
    page.map(|page| format!(" ({page})")).unwrap_or_default()
}

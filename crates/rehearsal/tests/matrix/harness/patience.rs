//! Lets clients run out of patience at once.
//!
//! A request that hangs ends with its client's time-out, which is real time: half
//! a minute each. So as soon as a server holds a request back, the clock of the
//! runtime that the client runs on is moved on by hand, and the simulated clock of
//! the world by as much. It is never left to move by itself: while the runtime
//! waits for a peer on another thread, tokio would take that for idleness.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use action::SimClock;
use rehearsal::dns::DnsServer;
use rehearsal::postgres::Relay;

use super::place::Place;

/// How often the servers are looked at.
const LOOK: Duration = Duration::from_millis(2);

/// What else is under way gets this long, in real time, to end by itself.
const SETTLES: Duration = Duration::from_millis(20);

/// One question to a name server may take this long.
const LOOKUP: Duration = Duration::from_secs(3);

/// One transaction of a database may take this long, or a little less.
pub(crate) const TRANSACTION: Duration = Duration::from_secs(31);

/// The servers of a world, watched for requests that they hold back.
pub(crate) struct Patience<'w> {
    clock: Arc<SimClock>,
    places: Vec<Place>,
    dns: Option<&'w DnsServer>,
    relay: Option<&'w Relay>,
    /// How long a client waits for a database that says nothing.
    silence: Duration,
}

impl<'w> Patience<'w> {
    pub(crate) fn new(
        clock: Arc<SimClock>,
        places: Vec<Place>,
        dns: Option<&'w DnsServer>,
        relay: Option<&'w Relay>,
    ) -> Self {
        Self { clock, places, dns, relay, silence: TRANSACTION }
    }

    /// The same with clients that wait this long for a database.
    pub(crate) fn with_silence(self, silence: Duration) -> Self {
        Self { silence, ..self }
    }

    /// Runs beside a client, on its runtime, until the client has ended.
    pub(crate) async fn run_out(self) -> Infallible {
        let mut passed = self.waits().len();
        loop {
            tokio::time::sleep(LOOK).await;
            if self.waits().len() == passed {
                continue;
            }
            tokio::time::sleep(SETTLES).await;
            // All that hang now hang beside each other.
            let waits = self.waits();
            let longest = waits.iter().max().copied().unwrap_or_default();
            passed = waits.len();
            self.clock.advance(longest);
            tokio::time::pause();
            tokio::time::advance(longest).await;
            tokio::time::resume();
        }
    }

    /// For every request that was held back so far: how long its client waits.
    fn waits(&self) -> Vec<Duration> {
        let hung = |place: &Place| {
            let strikes = place.faults.strikes();
            strikes.iter().filter(|strike| strike.what == "hang").count()
        };
        let of_place = |place: &Place| std::iter::repeat_n(place.patience(), hung(place)).collect::<Vec<_>>();
        let queries = self.dns.iter().flat_map(|dns| dns.journal().queries());
        let dropped = queries.filter(|query| query.fault.as_deref() == Some("dropped"));
        let silent = std::iter::repeat_n(self.silence, self.relay.map_or(0, Relay::silenced));
        self.places.iter().flat_map(of_place).chain(dropped.map(|_| LOOKUP)).chain(silent).collect()
    }
}

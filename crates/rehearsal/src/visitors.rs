//! Visitors: they resolve a public name and request it, all the time, and count
//! what they saw.
//!
//! Each visitor has a resolver of its own with a cache that honours the TTL; a
//! share of them has one that holds on for longer, for upstream resolvers keep
//! answers for hours whatever their TTL says (the cutover runbook, hold window).
//! They know nothing of twins or deploys: a flip that moves them into a 404 shows
//! here, whatever the API said.
//!
//! They run on a thread of their own, so that a busy or blocked test delays
//! nobody's visit.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use action::{SharedClock, SystemClock};
use tokio::sync::watch;
use tokio::task::JoinSet;

mod classify;
mod gateway;
mod ledger;
mod resolver;
mod visit;

pub use classify::{Classify, Colour, Seen, Served, Verdict, by_headers};
pub use gateway::gateway;
pub use ledger::{Counts, Failure, HostCounts, HostReport, MOST_FAILURES, Report, Sightings, Tally};

use ledger::Ledger;
use resolver::Resolver;
use visit::Visit;

/// Who visits what, how often, and with how much patience.
#[derive(Clone, Debug)]
pub struct Config {
    /// The public names; each visitor goes through them in turn.
    pub hosts: Vec<String>,
    /// The name server that speaks for them and for what they point at.
    pub nameserver: SocketAddr,
    /// The port of every address that a name resolves to.
    pub port: u16,
    /// The path that is requested.
    pub path: String,
    /// How many visitors there are.
    pub visitors: usize,
    /// Requests a second, by all visitors together; at most [`FASTEST`].
    pub rate: f64,
    /// The visitors whose resolvers hold on for longer.
    pub long_tail: LongTail,
    /// How long each step of a visit may take: resolving, connecting, answering.
    pub timeout: Duration,
    /// The seed of who comes when.
    pub seed: u64,
    /// Tells what answered.
    pub classify: Classify,
    /// The clock of the caches and of all times in the report. When visitors come
    /// and how long they wait is real time.
    pub clock: SharedClock,
}

/// The most requests a second that may be asked for.
pub const FASTEST: f64 = 1000.0;

impl Config {
    /// Twenty visitors with twenty requests a second to `/version`, two of them
    /// with a resolver that holds on to its answers for an hour.
    ///
    /// The timeout is ten seconds. On loopback a step takes a millisecond, but
    /// visitors share their machine with compilers and tests, and a failure has to
    /// mean that the system under test failed. Ten seconds are still far below
    /// what a hanging origin takes.
    #[must_use]
    pub fn new(hosts: &[&str], nameserver: SocketAddr, port: u16) -> Self {
        Self {
            hosts: hosts.iter().map(ToString::to_string).collect(),
            nameserver,
            port,
            path: "/version".to_owned(),
            visitors: 20,
            rate: 20.0,
            long_tail: LongTail::default(),
            timeout: Duration::from_secs(10),
            seed: 0,
            classify: Classify::default(),
            clock: Arc::new(SystemClock),
        }
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.hosts.is_empty() {
            return Err("visitors need a host");
        }
        if self.visitors == 0 {
            return Err("there are no visitors");
        }
        if !(self.rate > 0.0 && self.rate <= FASTEST) {
            return Err("the rate is not above 0 and at most 1000 requests a second");
        }
        if !(0.0..=1.0).contains(&self.long_tail.share) {
            return Err("the share of the long tail is not between 0 and 1");
        }
        Ok(())
    }
}

/// Resolvers that do not let go of an answer when its TTL ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LongTail {
    /// Which share of the visitors has one, from 0.0 to 1.0.
    pub share: f64,
    /// For how long at least it keeps an answer.
    pub hold: Duration,
}

impl Default for LongTail {
    fn default() -> Self {
        Self { share: 0.1, hold: Duration::from_secs(3600) }
    }
}

impl LongTail {
    /// How long visitor number `index` of `all` keeps an answer at least.
    fn hold(self, index: usize, all: usize) -> Duration {
        #[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 visitors")]
        let is_in = (index as f64) < (self.share * all as f64).round();
        if is_in { self.hold } else { Duration::ZERO }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Visiting,
    /// Visits that have begun may end; no new ones.
    Closing,
    Abandoned,
}

/// Visitors at work; dropping them ends it at once.
#[derive(Debug)]
pub struct Visitors {
    ledger: Arc<Mutex<Ledger>>,
    clock: SharedClock,
    phase: watch::Sender<Phase>,
    thread: Option<JoinHandle<()>>,
}

impl Visitors {
    /// Lets them in.
    ///
    /// # Errors
    ///
    /// The configuration makes no sense (the error says why), or the system
    /// grants no thread.
    pub fn start(config: Config) -> io::Result<Self> {
        config.check().map_err(|reason| io::Error::new(io::ErrorKind::InvalidInput, reason))?;
        let clock = config.clock.clone();
        let ledger = Arc::new(Mutex::new(Ledger::new(&config.hosts, clock.now())));
        let (phase, told) = watch::channel(Phase::Visiting);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let book = ledger.clone();
        let thread = std::thread::Builder::new().name("visitors".to_owned()).spawn(move || {
            runtime.block_on(visit_all(config, book, told));
            runtime.shutdown_background();
        })?;
        Ok(Self { ledger, clock, phase, thread: Some(thread) })
    }

    /// What they saw so far, all together.
    #[must_use]
    pub fn total(&self) -> Tally {
        self.ledger().total()
    }

    /// What they saw so far, by host and by second.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.ledger().counts()
    }

    /// Everything that they know so far.
    #[must_use]
    pub fn report(&self) -> Report {
        self.ledger().report(self.clock.now())
    }

    /// Lets no more visits begin, waits for those under way (at most three times
    /// the timeout), and reports.
    #[must_use]
    pub fn stop(mut self) -> Report {
        self.end(Phase::Closing);
        self.report()
    }

    fn end(&mut self, phase: Phase) {
        self.phase.send_replace(phase);
        if let Some(thread) = self.thread.take() {
            // A panic there has been reported by its own thread.
            let _ = thread.join();
        }
    }

    fn ledger(&self) -> std::sync::MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Visitors {
    fn drop(&mut self) {
        self.end(Phase::Abandoned);
    }
}

async fn visit_all(config: Config, ledger: Arc<Mutex<Ledger>>, mut told: watch::Receiver<Phase>) {
    let config = Arc::new(config);
    let mut visitors = JoinSet::new();
    for index in 0..config.visitors {
        visitors.spawn(Visitor::new(index, &config, &ledger).come_and_go(told.clone()));
    }
    tokio::select! {
        () = async { while visitors.join_next().await.is_some() {} } => {}
        // An error means that nobody is left to tell: the same.
        _ = told.wait_for(|phase| *phase == Phase::Abandoned) => {}
    }
}

/// One visitor.
struct Visitor {
    index: usize,
    config: Arc<Config>,
    ledger: Arc<Mutex<Ledger>>,
    resolver: Resolver,
    dice: fastrand::Rng,
}

impl Visitor {
    fn new(index: usize, config: &Arc<Config>, ledger: &Arc<Mutex<Ledger>>) -> Self {
        let hold = config.long_tail.hold(index, config.visitors);
        let resolver = Resolver::new(config.nameserver, config.timeout, hold, config.clock.clone());
        let seed = config.seed.wrapping_mul(1_000_003).wrapping_add(index as u64);
        Self {
            index,
            config: config.clone(),
            ledger: ledger.clone(),
            resolver,
            dice: fastrand::Rng::with_seed(seed),
        }
    }

    async fn come_and_go(mut self, mut told: watch::Receiver<Phase>) {
        #[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 visitors")]
        let pause = self.config.visitors as f64 / self.config.rate;
        let mut next = self.index;
        // The first ones spread over one pause, the others around one.
        let mut wait = pause * self.dice.f64();
        loop {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs_f64(wait)) => {}
                _ = told.wait_for(|phase| *phase != Phase::Visiting) => return,
            }
            let host = self.config.hosts[next % self.config.hosts.len()].clone();
            self.visit(&host).await;
            next += 1;
            wait = pause * (0.5 + self.dice.f64());
        }
    }

    async fn visit(&mut self, host: &str) {
        let config = self.config.clone();
        let visit = Visit {
            host,
            path: &config.path,
            port: config.port,
            timeout: config.timeout,
            classify: &config.classify,
        };
        let verdict = visit.make(&mut self.resolver, &mut self.dice).await;
        let now: Instant = config.clock.now();
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner).note(host, verdict, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_tail_is_a_share_of_the_visitors() {
        let tail = LongTail { share: 0.1, hold: Duration::from_secs(9) };
        let holders = |all: usize| (0..all).filter(|index| !tail.hold(*index, all).is_zero()).count();
        assert_eq!((holders(20), holders(4), holders(5)), (2, 0, 1));
    }

    #[test]
    fn a_configuration_without_sense_is_refused() {
        let good = Config::new(&["api.example.com"], ([127, 0, 0, 1], 53).into(), 80);
        let tail = |share| LongTail { share, hold: Duration::ZERO };
        let bad = [
            Config { hosts: Vec::new(), ..good.clone() },
            Config { visitors: 0, ..good.clone() },
            Config { rate: 0.0, ..good.clone() },
            Config { rate: f64::NAN, ..good.clone() },
            Config { rate: 1e9, ..good.clone() },
            Config { long_tail: tail(1.1), ..good.clone() },
            Config { long_tail: tail(f64::NAN), ..good.clone() },
        ];
        assert_eq!(good.check(), Ok(()));
        for config in bad {
            assert!(Visitors::start(config).is_err());
        }
    }
}

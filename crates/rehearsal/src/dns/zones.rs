//! The zones of a name server, kept in step with their sources.

use std::collections::HashMap;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use action::SharedClock;
use hickory_proto::rr::{LowerName, Name, RecordType, RrKey};
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, Catalog, ZoneType};

use super::publication::Publication;
use super::rdata::{self, Context, RecordSets};
use super::record::{RecordSource, fold, is_within};
use super::{Options, rdata::absolute};

/// A zone and where its records come from.
#[derive(Clone, Debug)]
pub struct Zone {
    /// Its name, such as `example.com`.
    pub name: String,
    /// Its records.
    pub source: Arc<dyn RecordSource>,
}

impl Zone {
    /// A zone that follows `source`.
    #[must_use]
    pub fn new(name: &str, source: Arc<dyn RecordSource>) -> Self {
        Self { name: name.to_owned(), source }
    }
}

/// How long a change takes until it is answered. Each change of each name draws
/// its own time between the two; by default there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Propagation {
    /// The shortest time.
    pub least: Duration,
    /// The longest time.
    pub most: Duration,
}

impl Propagation {
    /// The same time for every change.
    #[must_use]
    pub fn of(time: Duration) -> Self {
        Self { least: time, most: time }
    }

    fn draw(self, clock: &SharedClock) -> Duration {
        self.least + self.most.saturating_sub(self.least).mul_f64(clock.jitter())
    }
}

/// All zones of a server.
#[derive(Debug)]
pub(super) struct Zones {
    state: Mutex<State>,
    /// Held while record sets are handed over: an older state must not overtake
    /// a newer one.
    turn: tokio::sync::Mutex<()>,
    clock: SharedClock,
}

#[derive(Debug)]
struct State {
    zones: Vec<Served>,
    propagation: Propagation,
    delays: HashMap<String, Duration>,
    edge: Vec<Ipv4Addr>,
    serial: u32,
}

struct Served {
    name: String,
    origin: Name,
    source: Arc<dyn RecordSource>,
    version: u64,
    publication: Publication,
    handler: Arc<InMemoryZoneHandler>,
}

impl std::fmt::Debug for Served {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Served")
            .field("name", &self.name)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl Zones {
    pub(super) fn new(options: Options) -> io::Result<Self> {
        let mut zones = Vec::new();
        for zone in options.zones {
            zones.push(Served::new(zone)?);
        }
        let state = State {
            zones,
            propagation: options.propagation,
            delays: HashMap::new(),
            edge: options.edge,
            serial: 0,
        };
        Ok(Self { state: Mutex::new(state), turn: tokio::sync::Mutex::default(), clock: options.clock })
    }

    pub(super) fn delay(&self, name: &str, delay: Duration) {
        self.state().delays.insert(fold(name), delay);
    }

    /// A catalog of all zones, which follows every [`Zones::refresh`].
    pub(super) fn catalog(&self) -> Catalog {
        let mut catalog = Catalog::new();
        for zone in &self.state().zones {
            catalog.upsert(LowerName::new(&zone.origin), vec![zone.handler.clone()]);
        }
        catalog
    }

    /// Reads the sources that changed, and lets the answers follow as far as
    /// they are due.
    pub(super) async fn refresh(&self) {
        let _turn = self.turn.lock().await;
        let rebuilt = self.state().advance(&self.clock);
        for (handler, sets) in rebuilt {
            *handler.records_mut().await = sets;
        }
    }

    /// What `name` (folded) answered before its last change; `None` when it never
    /// changed.
    pub(super) fn previous(&self, name: &str) -> Option<RecordSets> {
        let state = self.state();
        let zone = state.zone_of(name)?;
        let records = zone.publication.previous(name)?;
        Some(rdata::record_sets(&zone.origin, records.iter(), &state.context()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The record sets of every zone, when any of them changed.
    fn advance(&mut self, clock: &SharedClock) -> Vec<(Arc<InMemoryZoneHandler>, RecordSets)> {
        let (propagation, delays) = (self.propagation, &self.delays);
        let delay = |name: &str| delays.get(name).copied().unwrap_or_else(|| propagation.draw(clock));
        let mut changed = self.serial == 0;
        for zone in &mut self.zones {
            changed |= zone.follow(clock.now(), delay);
        }
        if !changed {
            return Vec::new();
        }
        self.serial += 1;
        let context = self.context();
        self.zones
            .iter()
            .map(|zone| (zone.handler.clone(), zone.record_sets(self.serial, &context)))
            .collect()
    }

    fn context(&self) -> Context<'_> {
        Context::new(&self.edge, self.zones.iter().flat_map(|zone| zone.publication.current()))
    }

    /// The zone with the longest name that `name` is in.
    fn zone_of(&self, name: &str) -> Option<&Served> {
        let holders = self.zones.iter().filter(|zone| is_within(name, &zone.name));
        holders.max_by_key(|zone| zone.name.len())
    }
}

impl Served {
    fn new(zone: Zone) -> io::Result<Self> {
        let bad =
            || io::Error::new(io::ErrorKind::InvalidInput, format!("{:?} is no domain name", zone.name));
        let origin = absolute(&zone.name).ok_or_else(bad)?;
        let handler = InMemoryZoneHandler::empty(origin.clone(), ZoneType::Primary, AxfrPolicy::Deny);
        // The version first: a change in between is then read again, not missed.
        let version = zone.source.version();
        let publication = Publication::starting_with(zone.source.records(&zone.name));
        let (name, source) = (fold(&zone.name), zone.source);
        Ok(Self { name, origin, source, version, publication, handler: Arc::new(handler) })
    }

    /// Says whether any answer changed.
    fn follow(&mut self, now: Instant, delay: impl Fn(&str) -> Duration) -> bool {
        let version = self.source.version();
        if version != self.version {
            self.version = version;
            self.publication.note(self.source.records(&self.name), now, delay);
        }
        self.publication.advance(now)
    }

    fn record_sets(&self, serial: u32, context: &Context<'_>) -> RecordSets {
        let mut sets = rdata::record_sets(&self.origin, self.publication.current(), context);
        // The zone's own servers are not for its records to say.
        sets.remove(&RrKey::new(LowerName::new(&self.origin), RecordType::NS));
        rdata::authority(&self.origin, serial, &mut sets);
        sets
    }
}

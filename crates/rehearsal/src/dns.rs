//! The authoritative name server of the rehearsed zones.
//!
//! It follows the records of its sources (the Cloudflare twin, the origins)
//! with the habits of a real one: a change takes a while to arrive, each name
//! for itself; a proxied name answers the edge's addresses, not its CNAME; and
//! any name can be told to misbehave.
//!
//! The server runs on a thread of its own, so a test may block its own thread
//! while a child process asks.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use action::{SharedClock, SystemClock};
use tokio::sync::watch;

mod fault;
mod handler;
mod journal;
mod publication;
mod rdata;
mod record;
mod zones;

pub use fault::{DnsFaults, Fault};
pub use journal::{DnsJournal, Over, Query};
pub use record::{MemoryRecords, Record, RecordSource};
pub use zones::{Propagation, Zone};

use handler::Handler;
use zones::Zones;

/// The address of the edge in answers for proxied names, unless another is given.
pub const EDGE: Ipv4Addr = Ipv4Addr::new(127, 0, 2, 1);

/// How often the sources are looked at between questions. A change is noticed
/// at the latest then, and its delay runs from there.
const LOOK: Duration = Duration::from_millis(25);

/// How long an idle TCP connection is kept.
const IDLE: Duration = Duration::from_secs(5);

/// How many bytes of answers one TCP connection may have waiting.
const WAITING: usize = 64 * 1024;

/// How many random ports are tried until one is free for both UDP and TCP.
const TRIES: usize = 100;

/// What a server is to be.
#[derive(Clone, Debug)]
pub struct Options {
    /// The zones that it speaks for; any other name is refused.
    pub zones: Vec<Zone>,
    /// How long a change takes until it is answered.
    pub propagation: Propagation,
    /// The addresses that a proxied name answers.
    pub edge: Vec<Ipv4Addr>,
    /// The clock of the delays.
    pub clock: SharedClock,
    /// The port on loopback; 0 picks a free one.
    pub port: u16,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            zones: Vec::new(),
            propagation: Propagation::default(),
            edge: vec![EDGE],
            clock: Arc::new(SystemClock),
            port: 0,
        }
    }
}

/// A running name server, over UDP and TCP on one port of loopback; it stops
/// when it is dropped.
#[derive(Debug)]
pub struct DnsServer {
    address: SocketAddr,
    zones: Arc<Zones>,
    faults: DnsFaults,
    journal: DnsJournal,
    closing: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl DnsServer {
    /// Starts a server that answers at once what its sources hold now.
    ///
    /// # Errors
    ///
    /// A zone's name is no domain name, the port is taken, or the system grants
    /// no thread.
    pub fn start(options: Options) -> io::Result<Self> {
        let (udp, tcp) = sockets(options.port)?;
        let address = udp.local_addr()?;
        let zones = Arc::new(Zones::new(options)?);
        let (faults, journal) = (DnsFaults::default(), DnsJournal::default());
        let handler = Handler::new(zones.clone(), faults.clone(), journal.clone());
        let (closing, closed) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let looking = zones.clone();
        let thread = std::thread::Builder::new().name("dns".to_owned()).spawn(move || {
            if let Err(error) = runtime.block_on(serve(udp, tcp, handler, looking, closed)) {
                tracing::error!(%error, "the name server stopped");
            }
            runtime.shutdown_background();
        })?;
        Ok(Self { address, zones, faults, journal, closing, thread: Some(thread) })
    }

    /// Where it listens, for UDP and TCP alike.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its faults, by name.
    #[must_use]
    pub fn faults(&self) -> &DnsFaults {
        &self.faults
    }

    /// Every question so far.
    #[must_use]
    pub fn journal(&self) -> &DnsJournal {
        &self.journal
    }

    /// From its next change on, `name` takes `delay` until the change is answered,
    /// whatever [`Options::propagation`] says.
    pub fn delay(&self, name: &str, delay: Duration) {
        self.zones.delay(name, delay);
    }
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        self.closing.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // A panic there has been reported by its own thread.
            let _ = thread.join();
        }
    }
}

/// Both on one port: a client that got a cut answer asks again over TCP there.
fn sockets(port: u16) -> io::Result<(UdpSocket, TcpListener)> {
    let mut tries = 0;
    loop {
        tries += 1;
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let udp = UdpSocket::bind(tcp.local_addr()?);
        if udp.is_err() && port == 0 && tries < TRIES {
            continue;
        }
        let udp = udp?;
        udp.set_nonblocking(true)?;
        tcp.set_nonblocking(true)?;
        return Ok((udp, tcp));
    }
}

async fn serve(
    udp: UdpSocket,
    tcp: TcpListener,
    handler: Handler,
    zones: Arc<Zones>,
    mut closed: watch::Receiver<bool>,
) -> io::Result<()> {
    let mut server = hickory_server::Server::new(handler);
    server.register_socket(tokio::net::UdpSocket::from_std(udp)?);
    server.register_listener(tokio::net::TcpListener::from_std(tcp)?, IDLE, WAITING);
    let look = async {
        let mut turns = tokio::time::interval(LOOK);
        loop {
            turns.tick().await;
            zones.refresh().await;
        }
    };
    tokio::select! {
        // An error means that the other side is gone: stop as well.
        _ = closed.wait_for(|closed| *closed) => Ok(()),
        ended = server.block_until_done() => ended.map_err(io::Error::other),
        () = look => Ok(()),
    }
}

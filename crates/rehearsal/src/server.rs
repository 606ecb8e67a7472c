//! One loopback HTTP server: what every twin and every origin stands on.
//!
//! From the outside in, a request passes: faults, the journal, the contract
//! layer, the router. So a fault never counts as a violation of the vendor's
//! contract, and the journal holds exactly what the router has processed.
//!
//! Each server runs on a thread of its own. So a test may block its own thread
//! (it waits for a child process, say), and stopping a server ends everything
//! that it began.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use anyhow::Context as _;
use axum::Router;
use axum::extract::OriginalUri;
use axum::http::{Method, StatusCode};
use tokio::sync::watch;

use crate::contract::{self, Judge, Vendor, Violations};
use crate::effects::Effects;
use crate::fault::Faults;

mod connection;
mod journal;

pub use crate::route::Route;
pub(crate) use connection::NoAnswer;
pub use journal::{Entry, Journal};

use connection::Handler;

/// What a server may be given besides its routes. The default is none of it.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The faults that strike this server; one handle may serve several.
    pub faults: Faults,
    /// Judges every exchange that reaches the router.
    pub contract: Option<Judge>,
    /// The address on loopback, 127.0.0.1 unless given.
    pub host: Option<Ipv4Addr>,
    /// The port on loopback; 0 picks a free one.
    pub port: u16,
}

/// A running server; it stops when it is dropped.
///
/// # Panics
/// Dropping it panics when its judge holds violations that nobody took (with
/// [`Server::stop`] or [`Judge::take_violations`]), unless the thread is
/// panicking already: a test must not pass over them.
#[derive(Debug)]
pub struct Server {
    name: &'static str,
    address: SocketAddr,
    journal: Journal,
    faults: Faults,
    contract: Option<Judge>,
    effects: Arc<OnceLock<Effects>>,
    closing: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a vendor's twin on loopback, under the vendor's name. Each exchange is judged by the vendor's document,
    /// unless the contract layer is off.
    ///
    /// # Errors
    /// There is no such document, or as [`Server::start`].
    pub fn of(vendor: Vendor, router: Router) -> anyhow::Result<Self> {
        let options = Options { contract: contract::judge(vendor)?, ..Options::default() };
        Self::start(vendor.name(), router, options)
            .with_context(|| format!("start the twin of {}", vendor.name()))
    }

    /// Starts a server on loopback. `name` stands in the journal, in thread
    /// names and in messages.
    ///
    /// The router should end in [`unknown_route`] (or a fallback like it).
    ///
    /// # Errors
    /// The port is taken, or the system grants no thread or no event queue.
    pub fn start(name: &'static str, router: Router, options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((options.host.unwrap_or(Ipv4Addr::LOCALHOST), options.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let journal = Journal::default();
        let effects = Arc::default();
        let (closing, closed) = watch::channel(false);
        let handler = Handler {
            name,
            router,
            journal: journal.clone(),
            faults: options.faults.clone(),
            contract: options.contract.clone(),
            effects: Arc::clone(&effects),
            closed,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            if let Err(error) = runtime.block_on(connection::accept(listener, handler)) {
                tracing::error!(server = name, %error, "stopped accepting connections");
            }
            runtime.shutdown_background();
        })?;
        Ok(Self {
            name,
            address,
            journal,
            faults: options.faults,
            contract: options.contract,
            effects,
            closing,
            thread: Some(thread),
        })
    }

    /// The name that it was started with.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// `http://127.0.0.1:PORT` (or the host that was given), without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every request that reached the router, in order.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The faults that strike this server.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Lists every request from now on that may have changed something ([`Entry::is_write`]) and was granted. The
    /// first list stays.
    pub fn report_to(&self, effects: &Effects) {
        let _ = self.effects.set(effects.clone());
    }

    /// The judge of its exchanges, when there is one.
    #[must_use]
    pub fn contract(&self) -> Option<&Judge> {
        self.contract.as_ref()
    }

    /// Stops accepting, lets what is under way end (for at most a second) and
    /// says whether the contract was kept.
    ///
    /// # Errors
    /// Every violation of the vendor's contract that nobody took before.
    pub fn stop(mut self) -> Result<(), Violations> {
        self.halt();
        match self.contract.take() {
            Some(judge) => judge.finish(),
            None => Ok(()),
        }
    }

    fn halt(&mut self) {
        // The other end is gone when the thread ended by itself: nothing to stop.
        let _ = self.closing.send(true);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!(server = self.name, "the server's thread panicked");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.halt();
        let Some(Err(violations)) = self.contract.take().map(|judge| judge.finish()) else {
            return;
        };
        if !std::thread::panicking() {
            #[expect(clippy::panic, reason = "documented: a test must not pass over these")]
            {
                panic!("{violations}");
            }
        }
    }
}

/// The fallback of a twin's router: 500, naming the method and path, so that a
/// call that the twin does not know is never mistaken for the vendor's answer.
pub async fn unknown_route(method: Method, OriginalUri(uri): OriginalUri) -> (StatusCode, String) {
    (StatusCode::INTERNAL_SERVER_ERROR, format!("the twin has no route for {method} {}\n", uri.path()))
}

//! The origins: what visitors reach when a deploy is live.
//!
//! Render has one set of addresses for everybody and routes by the `Host` header
//! alone. Two services that hold the same custom domain cannot be told apart that
//! way, and a blue/green cutover needs just that: which of them answers depends on
//! the name that the public CNAME points to. So each service gets an address of
//! its own, `127.0.1.N`, all with one port: whoever resolves
//! `api.example.com` to `api-green.onrender.localhost` and that to an address
//! reaches green, and green answers only for its own name and for custom domains
//! that are attached to it and verified. For any other name it answers 404.
//!
//! Besides, `127.0.0.1` with the same port is a *front* that goes by the `Host`
//! header alone, for people with a browser or `curl` and for clients that resolve
//! names under `.localhost` to the loopback interface (RFC 6761). It knows every
//! service's own name, and a custom domain as long as one service holds it; when
//! two do, it answers 421 and says why.
//!
//! Where the system has only `127.0.0.1` configured (macOS), a service gets a port
//! of its own on that address instead. Then names that resolve to bare addresses
//! cannot tell services apart; `sudo ifconfig lo0 alias 127.0.1.1` (and so on)
//! makes the addresses known there.
//!
//! What runs here is a web service's process. A background worker has no address and a
//! database instead: [`Workers`] starts from the same [`Render::running`].

mod app;
mod build;
mod page;
mod serve;
mod worker;

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use crate::fault::Faults;
use crate::server::{Journal, Options, Server};
use crate::twins::render::{Render, SeedError};

pub use app::{App, DEPLOY_KEY, Oddity};
pub use build::Build;
pub use worker::{Behaviour, Workers};

use app::Apps;
use serve::Place;

/// Why a service has no address.
#[derive(Debug, thiserror::Error)]
pub enum OriginError {
    /// The Render twin does not know the service.
    #[error(transparent)]
    Unknown(#[from] SeedError),
    /// All of `127.0.1.1` to `127.0.1.254` are in use.
    #[error("find a free address for the service {0}")]
    Full(String),
    /// The address could not be listened on.
    #[error("listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// The origins of all services of a Render twin; they stop when this is dropped.
#[derive(Debug)]
pub struct Origins {
    render: Render,
    apps: Apps,
    // Before the front, so that they stop first: while the front holds the port,
    // nobody else picks it and then finds a service's address taken.
    services: Mutex<BTreeMap<String, Server>>,
    front: Server,
}

impl Origins {
    /// Starts the front on a free port and tells the twin of that port. A service
    /// starts to listen when its address is first asked for.
    ///
    /// # Errors
    ///
    /// The front could not listen.
    pub fn start(render: Render) -> Result<Self, OriginError> {
        let apps = Apps::default();
        let router = serve::router(render.clone(), apps.clone(), Place::Front);
        let front = Server::start("origins", router, Options::default()).map_err(|source| {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            OriginError::Listen { address, source }
        })?;
        render.set_origins_port(front.address().port());
        Ok(Self { render, apps, front, services: Mutex::default() })
    }

    /// The port of the front, and of every service that has its own address.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.front.address().port()
    }

    /// `http://<slug>.onrender.localhost:PORT`, without a slash at its end.
    ///
    /// # Errors
    ///
    /// The twin does not know the service.
    pub fn url_of(&self, service: &str) -> Result<String, OriginError> {
        let address = self.address_of(service)?;
        Ok(format!("http://{}:{}", self.render.public_name(service)?, address.port()))
    }

    /// Where a service listens; from the first call on it does.
    ///
    /// # Errors
    ///
    /// The twin does not know the service, there is no address left for it, or the
    /// system does not let it listen there.
    pub fn address_of(&self, service: &str) -> Result<SocketAddr, OriginError> {
        self.with_server(service, Server::address)
    }

    /// Every public service's own name with its address, for a name server.
    ///
    /// # Errors
    ///
    /// As [`Self::address_of`].
    pub fn addresses(&self) -> Result<BTreeMap<String, SocketAddr>, OriginError> {
        let services = self.render.services().into_iter();
        let public = services.filter(|service| {
            let name = self.render.public_name(service);
            name.is_ok_and(|name| self.render.answers_for(service, &name) == Ok(true))
        });
        public.map(|service| Ok((self.render.public_name(&service)?, self.address_of(&service)?))).collect()
    }

    /// What reached a service at its own address, in order.
    ///
    /// # Errors
    ///
    /// As [`Self::address_of`].
    pub fn journal_of(&self, service: &str) -> Result<Journal, OriginError> {
        self.with_server(service, |server| server.journal().clone())
    }

    /// The faults of a service at its own address.
    ///
    /// # Errors
    ///
    /// As [`Self::address_of`].
    pub fn faults_of(&self, service: &str) -> Result<Faults, OriginError> {
        self.with_server(service, |server| server.faults().clone())
    }

    /// The server at `127.0.0.1` that goes by the `Host` header alone.
    #[must_use]
    pub fn front(&self) -> &Server {
        &self.front
    }

    /// Sets what a service's process is like.
    pub fn set_app(&self, service: &str, app: App) {
        self.apps.with(|apps| apps.by_service.insert(service.to_owned(), app));
    }

    /// Sets what a service's process is like while it runs `commit`; goes before
    /// [`Self::set_app`].
    pub fn set_app_of_commit(&self, service: &str, commit: &str, app: App) {
        let key = (service.to_owned(), commit.to_owned());
        self.apps.with(|apps| apps.by_commit.insert(key, app));
    }

    /// Sets what is baked into the build of a commit.
    pub fn bake(&self, commit: &str, build: Build) {
        self.apps.with(|apps| apps.builds.insert(commit.to_owned(), build));
    }

    /// Tells of which commit an image was built; unless told, a made-up one.
    pub fn set_image_commit(&self, reference: &str, commit: &str) {
        self.apps.with(|apps| apps.images.insert(reference.to_owned(), commit.to_owned()));
    }

    /// Sets the deploy keys that `/version/detail` lets in, [`DEPLOY_KEY`] until then.
    pub fn set_deploy_keys(&self, keys: impl IntoIterator<Item = impl Into<String>>) {
        let keys = keys.into_iter().map(Into::into).collect();
        self.apps.with(|apps| apps.deploy_keys = keys);
    }

    /// Sets the status that answers for a service without a live deploy, 502 until
    /// then. In public reports a service that never came up answers 404 as well,
    /// the same as a name that is attached to nothing.
    pub fn set_status_without_deploy(&self, status: axum::http::StatusCode) {
        self.apps.with(|apps| apps.without_deploy = status);
    }

    fn with_server<T>(&self, service: &str, look: impl FnOnce(&Server) -> T) -> Result<T, OriginError> {
        self.render.public_name(service)?;
        let mut services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        if !services.contains_key(service) {
            let server = self.listen(service, services.len())?;
            services.insert(service.to_owned(), server);
        }
        match services.get(service) {
            Some(server) => Ok(look(server)),
            None => Err(OriginError::Full(service.to_owned())),
        }
    }

    /// At the first address that is free: somebody else may have the port on one.
    fn listen(&self, service: &str, taken: usize) -> Result<Server, OriginError> {
        for last in (1..=254_u8).skip(taken) {
            match self.listen_at(service, (Ipv4Addr::new(127, 0, 1, last), self.port())) {
                Err(OriginError::Listen { source, .. }) if source.kind() == ErrorKind::AddrInUse => {}
                Err(OriginError::Listen { source, .. }) if source.kind() == ErrorKind::AddrNotAvailable => {
                    return self.listen_at(service, (Ipv4Addr::LOCALHOST, 0));
                }
                other => return other,
            }
        }
        Err(OriginError::Full(service.to_owned()))
    }

    fn listen_at(&self, service: &str, (host, port): (Ipv4Addr, u16)) -> Result<Server, OriginError> {
        let place = Place::Service(service.to_owned());
        let router = serve::router(self.render.clone(), self.apps.clone(), place);
        let options = Options { host: Some(host), port, ..Options::default() };
        Server::start("origin", router, options).map_err(|source| {
            let address = SocketAddr::from((host, port));
            OriginError::Listen { address, source }
        })
    }
}

//! The twin of Render's public API.
//!
//! Written from Render's API reference (OpenAPI 3.0.2), its documentation and
//! recorded traffic, not from what a client of ours expects. It keeps state, pages,
//! limits rates and has the real API's awkward habits. Where nobody says what Render
//! does, the twin takes a side and its documentation says so.
//!
//! Nothing runs in the background: what is due happens when somebody looks, so the
//! twin works on a real clock and on a simulated one alike.
//!
//! A worker's heartbeat and its outbox have no place here: a worker that writes to
//! a database belongs beside [`crate::origins`], fed by [`Render::running`].

mod clock;
mod dashboard;
mod deploy;
mod details;
mod domain;
mod effect;
mod event;
mod habit;
mod id;
mod inspection;
mod limit;
mod log;
mod plan;
mod routes;
mod scheduler;
mod seed;
mod seeding;
mod service;
mod settings;
mod source;
mod time;
mod variables;
mod world;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

pub use clock::Skew;
pub use deploy::{Deploy, Status, Trigger};
pub use effect::{Change, Effect};
pub use habit::{Habits, Overlap, TriggerAnswer};
pub use inspection::{Running, Serving};
pub use limit::Limits;
pub use log::hostile_lines;
pub use plan::{End, Plan};
pub use seed::NewService;
pub use settings::{AutoDeploy, ServiceType};
pub use source::{Commit, Source};

use clock::TwinClock;
use service::Service;
use world::World;

/// The API key that the twin lets in until [`Render::set_api_key`] says otherwise.
pub const API_KEY: &str = "rnd_rehearsal";

/// The workspace that services belong to unless [`NewService::owner`] is used.
pub const OWNER: &str = "tea-greenroom00000000000";

/// The twin: a handle on its state, cheap to clone.
#[derive(Clone)]
pub struct Render {
    clock: TwinClock,
    world: Arc<Mutex<World>>,
}

/// What was asked of the twin does not exist there, or cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeedError {
    /// No service has this id.
    #[error("find the service {0} in the Render twin")]
    UnknownService(String),
    /// No env group has this id.
    #[error("find the env group {0} in the Render twin")]
    UnknownGroup(String),
    /// The service has no such deploy.
    #[error("find the deploy {0} in the Render twin")]
    UnknownDeploy(String),
    /// Names are exclusive (or the name is a wildcard), and another service has it.
    #[error("attach {name}: the service {holder} holds it")]
    DomainTaken {
        /// The name.
        name: String,
        /// The service that holds it.
        holder: String,
    },
}

impl fmt::Debug for Render {
    /// Its state holds keys and variables, so none of it prints.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Render").finish_non_exhaustive()
    }
}

impl Render {
    /// An empty workspace whose time is that of `clock`.
    #[must_use]
    pub fn new(clock: action::SharedClock) -> Self {
        let world = World { api_key: API_KEY.to_owned(), ..World::default() };
        Self { clock: TwinClock::new(clock), world: Arc::new(Mutex::new(world)) }
    }

    /// The API's routes, all under `/v1`.
    pub fn router(&self) -> axum::Router {
        routes::router(self.clone())
    }

    /// Lets happen what is due, then looks at or changes the world.
    fn with<T>(&self, act: impl FnOnce(&mut World, SystemTime) -> T) -> T {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        world.advance(now);
        act(&mut world, now)
    }

    fn with_service<T>(
        &self,
        id: &str,
        act: impl FnOnce(&mut Service, SystemTime) -> T,
    ) -> Result<T, SeedError> {
        self.with(|world, now| match world.services.get_mut(id) {
            Some(service) => Ok(act(service, now)),
            None => Err(SeedError::UnknownService(id.to_owned())),
        })
    }
}

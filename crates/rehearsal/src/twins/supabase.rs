//! The twin of Supabase's Management API: projects, branches, merges, SQL.
//!
//! Written from Supabase's API reference (OpenAPI), its documentation, recorded
//! traffic and reports of its users, not from what a client of ours expects. Every
//! project and every branch has a real PostgreSQL server of its own, so SQL is SQL:
//! what a migration does, and what it does not, is PostgreSQL's word. Where nobody
//! says what Supabase does, the twin takes a side and its documentation says so.
//!
//! Nothing runs in the background: what is due happens when somebody asks, so the twin
//! works on a real clock and on a simulated one alike.
//!
//! A branch's own host (`db.REF.supabase.co`) is not to be reached from here, as it is
//! not from a machine without IPv6; its pooler is.

mod branch;
mod database;
mod effect;
mod guard;
mod habit;
mod identity;
mod limit;
mod migration;
mod refusal;
mod repair;
mod routes;
mod run;
mod seeding;
mod sql;
mod state;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use action::SharedClock;

pub use effect::{Change, Effect};
pub use habit::{Creating, CreationEnd, Merging, RunsOf, StepEnd, StepsShow};

use state::State;

/// The access token that the twin lets in until [`Supabase::set_token`] says otherwise.
pub const TOKEN: &str = "sbp_rehearsal0123456789abcdef0123456789abcdef";

/// The twin: a handle on its state, cheap to clone.
#[derive(Clone)]
pub struct Supabase {
    clock: SharedClock,
    state: Arc<Mutex<State>>,
}

impl fmt::Debug for Supabase {
    /// Its state holds passwords, so none of it prints.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supabase").finish_non_exhaustive()
    }
}

impl Supabase {
    /// An account without projects that accepts [`TOKEN`].
    #[must_use]
    pub fn new(clock: SharedClock) -> Self {
        Self { clock, state: Arc::new(Mutex::new(State::new(TOKEN))) }
    }

    /// The API's routes, all under `/v1`.
    pub fn router(&self) -> axum::Router {
        routes::router(self.clone())
    }

    /// Lets happen what is due, then looks at or changes the state.
    fn with<T>(&self, act: impl FnOnce(&mut State, SystemTime) -> T) -> T {
        let now = self.clock.wall();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.advance(now);
        act(&mut state, now)
    }
}

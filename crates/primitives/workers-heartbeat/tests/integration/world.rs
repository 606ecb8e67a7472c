//! A database with workers in it, and runs that look.

use std::sync::Arc;
use std::time::Duration;

use action::SimClock;
use rehearsal::in_process::{Invocation, Run};
use rehearsal::postgres::{PASSWORD, Postgres};
use workers_heartbeat::WorkersHeartbeat;

pub struct World {
    pub clock: Arc<SimClock>,
    pub postgres: Postgres,
}

impl World {
    pub fn new() -> Self {
        Self { clock: Arc::new(SimClock::default()), postgres: Postgres::with_ledger().unwrap() }
    }

    /// A worker whose last heartbeat is `age` seconds old.
    pub fn worker(&self, id: &str, generation: u64, state: &str, age: i64) {
        self.postgres
            .execute(&format!(
                "insert into core.workers (worker_id, generation, state, last_heartbeat)
                 values ('{id}', {generation}, '{state}', now() - interval '{age} seconds')"
            ))
            .unwrap();
    }

    pub fn look(&self) -> Invocation {
        self.look_at(&self.postgres.dsn())
    }

    pub fn look_at(&self, dsn: &str) -> Invocation {
        Invocation::new(self.clock.clone())
            .canary(PASSWORD)
            .variable("DATABASE_URL", dsn)
            .with("generation", "42")
    }

    pub fn slept(&self) -> Duration {
        self.clock.slept().iter().sum()
    }
}

pub async fn run(invocation: Invocation) -> Run {
    let run = invocation.run::<WorkersHeartbeat>().await.unwrap();
    assert_eq!(run.leaks(), Vec::<String>::new());
    run
}

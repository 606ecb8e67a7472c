//! A ledger with one generation, and a run of the primitive.

use std::sync::Arc;

use action::SimClock;
use cutover_record::CutoverRecord;
use rehearsal::in_process::{Invocation, Run};
use rehearsal::postgres::{PASSWORD, Postgres};

pub(crate) const BLUE: &str = "api.example.com api-blue.onrender.com\napp.example.com app-blue.onrender.com";
pub(crate) const GREEN: &str =
    "api.example.com api-green.onrender.com\napp.example.com app-green.onrender.com";

pub(crate) struct World {
    pub(crate) postgres: Postgres,
}

impl World {
    pub(crate) fn new() -> Self {
        let world = Self { postgres: Postgres::with_ledger().unwrap() };
        world.allocate("{api,workers,dashboard}");
        world
    }

    /// Adds a row as generation-allocate does.
    pub(crate) fn allocate(&self, targets: &str) {
        let sql = format!(
            "insert into core.deployments (reference, tag, sha, targets, run_id)
             select 'refs/tags/prod-1', 'prod-1', repeat('a', 40), '{targets}', coalesce(max(run_id), 0) + 1
             from core.deployments"
        );
        self.postgres.execute(&sql).unwrap();
    }

    /// What the row says: which times are set, and its targets.
    pub(crate) fn row(&self, generation: u64) -> String {
        let sql = format!(
            "select concat_ws(' ', case when intent_at is not null then 'intent' end,
                case when cut_over_at is not null then 'cut-over' end,
                case when rolled_back_at is not null then 'rolled-back' end, targets::text)
             from core.deployments where generation = {generation}"
        );
        self.postgres.query(&sql).unwrap()[0][0].clone().unwrap_or_default()
    }

    /// Announces a generation and cuts it over.
    pub(crate) async fn flip(&self, generation: u64, previous: &str) {
        self.ends("success", "intent", generation, &[("previous", previous)]).await;
        self.ends("success", "cut-over", generation, &[]).await;
    }

    /// A run in process on a simulated clock.
    pub(crate) async fn run(&self, mode: &str, generation: u64, more: &[(&str, &str)]) -> Run {
        run_at(&self.postgres.dsn(), mode, generation, more).await
    }

    /// A run that must end like this.
    pub(crate) async fn ends(&self, result: &str, mode: &str, generation: u64, more: &[(&str, &str)]) -> Run {
        let run = self.run(mode, generation, more).await;
        assert_eq!(run.output("result"), result, "{mode} of {generation}: {}\n{}", run.error(), run.stderr);
        run
    }
}

pub(crate) async fn run_at(dsn: &str, mode: &str, generation: u64, more: &[(&str, &str)]) -> Run {
    let mut invocation = Invocation::new(Arc::new(SimClock::default()))
        .variable("DATABASE_URL", dsn)
        .with("mode", mode)
        .with("generation", generation.to_string())
        .canary(PASSWORD);
    for (input, value) in more {
        invocation = invocation.with(input, value);
    }
    let run = invocation.run::<CutoverRecord>().await.unwrap();
    assert_eq!(run.leaks(), Vec::<String>::new());
    run
}

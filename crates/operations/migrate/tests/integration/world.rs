//! A database, and migrations for it.

use std::sync::Arc;
use std::time::Duration;

use action::{Context, Environment, Failure, Permit, Plan, SecretString, SimClock};
use migrate::{Error, Options, Report};
use migration_history::Migrations;
use postgres::{Database, Limits};
use rehearsal::postgres::Postgres;

pub(crate) struct World {
    pub(crate) postgres: Postgres,
    pub(crate) clock: Arc<SimClock>,
    context: Context,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(SimClock::default());
        let context = Context::detached(Environment::default(), clock.clone());
        Self { postgres: Postgres::start().unwrap(), clock, context }
    }

    pub(crate) fn permit(&self) -> Permit {
        self.context.approve(&Plan::new()).unwrap()
    }

    pub(crate) fn database(&self) -> Database {
        self.database_at(&self.postgres.dsn())
    }

    pub(crate) fn database_at(&self, dsn: &str) -> Database {
        Database::new(&self.context, &SecretString::from(dsn)).unwrap()
    }

    pub(crate) async fn apply(&self, files: &[(&str, &str)]) -> Result<Report, Error> {
        self.apply_at(&self.database(), files).await
    }

    pub(crate) async fn apply_at(
        &self,
        database: &Database,
        files: &[(&str, &str)],
    ) -> Result<Report, Error> {
        let options = Options {
            limits: Limits { lock_timeout: Duration::from_millis(200), ..Limits::default() },
            ..Options::default()
        };
        migrate::apply(&*self.clock, database, &migrations(files), &options, &self.permit()).await
    }

    pub(crate) fn value(&self, sql: &str) -> String {
        self.postgres.value(sql).unwrap()
    }

    /// The versions that are recorded, shortened to their last digits.
    pub(crate) fn recorded(&self) -> String {
        self.value(
            "select string_agg(right(version, 1) || name, ' ' order by version) from supabase_migrations.schema_migrations",
        )
    }
}

/// Files by name and text; the name `a` at place 0 is `20260101000000_a.sql`.
pub(crate) fn migrations(files: &[(&str, &str)]) -> Migrations {
    let file = |(at, (name, text)): (usize, &(&str, &str))| {
        (format!("2026010100000{at}_{name}.sql"), (*text).to_owned())
    };
    Migrations::new(files.iter().enumerate().map(file)).unwrap()
}

/// Everything that a failure says.
pub(crate) fn told(error: Error) -> String {
    let failure = Failure::from(error);
    format!("{}\n{}", failure.message(), failure.hints().join("\n"))
}

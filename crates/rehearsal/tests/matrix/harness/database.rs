//! Databases that worlds borrow one after the other: a server of its own for each would cost more than all
//! that is done with it.

use std::sync::{Arc, Mutex, PoisonError};

use rehearsal::postgres::{PASSWORD, Postgres, Relay};

/// Empties the ledger as if nobody had ever been there.
const EMPTY: &str = "
    select pg_terminate_backend(pid) from pg_stat_activity
        where backend_type = 'client backend' and pid <> pg_backend_pid();
    truncate core.deployments, core.workers, core.outbox, core.schema_merges restart identity;
    drop schema if exists supabase_migrations cascade;
    drop schema public cascade;
    create schema public";

/// Every row of the ledger, and which of its times are set.
const ROWS: &str = "
    select concat_ws('; ',
        (select string_agg(concat_ws(' ', generation, reference, coalesce(tag, '-'), left(sha, 7), targets::text, run_id,
                case when intent_at is not null then 'intent' end, case when cut_over_at is not null then 'cut-over' end,
                case when synced_at is not null then 'synced' end, case when rolled_back_at is not null then 'rolled-back' end,
                previous_cnames::text), '; ' order by generation) from core.deployments),
        (select string_agg(concat_ws(' ', worker_id, generation, state), '; ' order by worker_id) from core.workers),
        (select string_agg(concat_ws(' ', generation, status), '; ' order by id) from core.outbox),
        (select string_agg(concat_ws(' ', run_id, pending::text, applied::text, case when ended_at is not null then 'ended' end),
                '; ' order by id) from core.schema_merges))";

/// The databases that nobody uses now; gone with the last handle.
#[derive(Clone, Default)]
pub(crate) struct Databases(Arc<Mutex<Vec<(Postgres, Relay)>>>);

/// One of them, with an empty ledger.
pub(crate) struct Database {
    /// Always there until it is given back.
    lent: Option<(Postgres, Relay)>,
    home: Databases,
}

impl Databases {
    /// One with these rows.
    pub(crate) fn with(&self, sql: &str) -> Database {
        let free = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let lent = free.unwrap_or_else(|| {
            let postgres = Postgres::with_ledger().unwrap();
            let relay = postgres.relay().unwrap();
            (postgres, relay)
        });
        let database = Database { lent: Some(lent), home: self.clone() };
        database.postgres().execute(EMPTY).unwrap();
        if !sql.is_empty() {
            database.postgres().execute(sql).unwrap();
        }
        database.relay().clear();
        database.relay().lead_to(database.postgres().port(), PASSWORD);
        database
    }
}

impl Database {
    pub(crate) fn postgres(&self) -> &Postgres {
        &self.lent.as_ref().unwrap().0
    }

    pub(crate) fn relay(&self) -> &Relay {
        &self.lent.as_ref().unwrap().1
    }

    /// The address that leads over the relay.
    pub(crate) fn dsn(&self) -> String {
        self.relay().dsn()
    }

    /// Everything that it holds, in words; times only as set or not.
    pub(crate) fn rows(&self) -> String {
        self.postgres().value(ROWS).unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.home.0.lock().unwrap_or_else(PoisonError::into_inner).extend(self.lent.take());
    }
}

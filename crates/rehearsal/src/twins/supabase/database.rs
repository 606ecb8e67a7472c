//! The PostgreSQL server of a project or a branch.

use anyhow::{Context as _, Result};

use super::sql::batch;
use crate::postgres::{PASSWORD, Postgres};

/// Who runs SQL that only reads (Supabase's postgres, initial schema).
const READER: &str = "supabase_read_only_user";

/// A server, with the roles that every project has.
#[derive(Debug)]
pub(super) struct Database {
    port: u16,
    /// `None` when somebody else keeps it.
    server: Option<Postgres>,
}

impl Database {
    /// A server of its own. Its pooler's user has a password, and nobody is let in
    /// without it but the twin and whoever reads.
    pub(super) fn start(reference: &str, password: &str) -> Result<Self> {
        let server = Postgres::start().context("start the PostgreSQL of a Supabase project")?;
        let database = Self::adopt(&server)?;
        // The pooler logs in as `postgres` whatever comes after the dot.
        server.execute(&format!(
            "create role \"postgres.{reference}\" login superuser password '{password}'; \
             alter role \"postgres.{reference}\" set role postgres"
        ))?;
        let reader = format!("host all {READER} 127.0.0.1/32 trust\n");
        server
            .set_logins(&format!("{reader}host all \"postgres.{reference}\" 127.0.0.1/32 scram-sha-256"))?;
        Ok(Self { server: Some(server), ..database })
    }

    /// A server that somebody else keeps.
    pub(super) fn adopt(server: &Postgres) -> Result<Self> {
        server.execute(&format!(
            "do $$ declare wanted text; begin \
               foreach wanted in array array['anon', 'authenticated', 'service_role', '{READER}'] loop \
                 if not exists (select from pg_roles where rolname = wanted) then \
                   execute format('create role %I', wanted); \
                 end if; \
               end loop; \
             end $$; \
             alter role {READER} login bypassrls; \
             alter role {READER} set default_transaction_read_only = on; \
             alter role {READER} set search_path = ''; \
             grant pg_read_all_data to {READER}"
        ))?;
        Ok(Self { port: server.port(), server: None })
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// The address of somebody who may do everything.
    pub(super) fn writer(&self) -> String {
        self.address("postgres")
    }

    /// The address of somebody who may only read.
    pub(super) fn reader(&self) -> String {
        self.address(READER)
    }

    fn address(&self, user: &str) -> String {
        format!("postgresql://{user}:{PASSWORD}@127.0.0.1:{}/postgres", self.port)
    }

    /// Whether the server answers.
    pub(super) fn answers(&self) -> bool {
        batch(&self.writer(), "select 1").is_ok()
    }

    /// Whether it is the twin's to keep.
    pub(super) const fn is_own(&self) -> bool {
        self.server.is_some()
    }
}

//! The pooler: the way to a database for hosts without IPv6.

use std::fmt;

use action::{ExposeSecret as _, SecretString};
use http::Error;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::client::Supabase;
use crate::reference::ProjectRef;
use http::words;

/// The port of transaction mode, and that of session mode on the same host (Supabase
/// docs, connecting to Postgres). Session mode is what migrations and advisory locks need.
const TRANSACTION: u16 = 6543;
const SESSION: u16 = 5432;

/// One pooler of a project.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Pooler {
    /// Whether it leads to the primary.
    #[serde(rename = "database_type")]
    pub kind: DatabaseKind,
    /// Its host. It is never built by hand: neither its prefix nor its region can be
    /// guessed (issue 4012 of supabase/cli).
    pub db_host: String,
    /// The port of `pool_mode`.
    pub db_port: u16,
    /// The user, with the project's reference: `postgres.abcdefghijklmnopqrst`.
    pub db_user: String,
    /// The database.
    pub db_name: String,
    /// How it shares connections, unless the port says otherwise.
    pub pool_mode: PoolMode,
}

words! {
    /// What a pooler leads to.
    DatabaseKind {
        /// The database that takes writes.
        Primary = "PRIMARY",
        /// A copy that does not.
        ReadReplica = "READ_REPLICA",
    }
}

words! {
    /// How a pooler shares connections.
    PoolMode {
        /// A connection a transaction: no prepared statements, no session locks.
        Transaction = "transaction",
        /// A connection a client.
        Session = "session",
    }
}

impl fmt::Debug for Pooler {
    /// Without the address, which some answers show with a password in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Pooler");
        shown.field("kind", &self.kind).field("host", &self.db_host).field("port", &self.db_port).finish()
    }
}

impl Pooler {
    /// The address of session mode with this password, in the form of `DATABASE_URL`:
    /// port 5432 where the API names 6543, as Supabase's CLI does it.
    #[must_use]
    pub fn session_address(&self, password: &SecretString) -> SecretString {
        let escape = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let port = if self.db_port == TRANSACTION { SESSION } else { self.db_port };
        let (user, password) = (escape(&self.db_user), escape(password.expose_secret()));
        let (host, database) = (&self.db_host, escape(&self.db_name));
        SecretString::from(format!("postgresql://{user}:{password}@{host}:{port}/{database}"))
    }
}

impl Supabase {
    /// The poolers of a project, which a branch is too.
    ///
    /// # Errors
    /// See [`Error`]; none of them quotes an answer.
    pub async fn poolers(&self, project: &ProjectRef) -> Result<Vec<Pooler>, Error> {
        let path = ["v1", "projects", project.as_str(), "config", "database", "pooler"];
        self.client.get(path).private().fetch().await
    }

    /// The pooler of the primary database; nothing when there is none (yet).
    ///
    /// # Errors
    /// See [`Error`]; none of them quotes an answer.
    pub async fn primary_pooler(&self, project: &ProjectRef) -> Result<Option<Pooler>, Error> {
        let primary = |pooler: &Pooler| pooler.kind == DatabaseKind::Primary;
        Ok(self.poolers(project).await?.into_iter().find(primary))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_that_of_session_mode_and_its_password_is_escaped() {
        let mut pooler = Pooler {
            kind: DatabaseKind::Primary,
            db_host: "aws-1-eu-west-1.pooler.supabase.com".into(),
            db_port: 6543,
            db_user: "postgres.abcdefghijklmnopqrst".into(),
            db_name: "postgres".into(),
            pool_mode: PoolMode::Transaction,
        };
        let address = |pooler: &Pooler| {
            pooler.session_address(&SecretString::from("p@ss/#")).expose_secret().to_owned()
        };
        let expected = "postgresql://postgres%2Eabcdefghijklmnopqrst:p%40ss%2F%23@aws-1-eu-west-1.pooler.supabase.com\
            :5432/postgres";
        assert_eq!(address(&pooler), expected);
        pooler.db_port = 40123;
        assert!(address(&pooler).ends_with(":40123/postgres"));
    }
}

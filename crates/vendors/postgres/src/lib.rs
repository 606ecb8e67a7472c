//! PostgreSQL: connections, addresses that are diagnosed before anything is
//! sent, errors that say what to do, and the deployment ledger.
//!
//! Reads run in READ ONLY transactions, writes take a [`Permit`](action::Permit).
//! All SQL that knows the ledger's tables lives in [`ledger`].

mod database;
mod dsn;
mod error;
pub mod ledger;
mod migration;
mod tls;

pub use database::Database;
pub use dsn::{Dsn, DsnProblem, SslMode};
pub use error::{Error, Missing};
pub use ledger::Ledger;
pub use migration::{Limits, MigrationFailure, MigrationRow, MigrationSession, Refusal, Stage};

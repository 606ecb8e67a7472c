//! Applies pending migration files to a database, and records each in
//! `supabase_migrations.schema_migrations` (ADR-053 D4, deployment runbook step 4).
//!
//! One session with an advisory lock, so that two of us never migrate at once. Each
//! file runs in a transaction together with its row, so it is applied and recorded or
//! neither; what PostgreSQL forbids in a transaction runs outside one, in a file of its
//! own. Every pending file is judged before the first one runs.
//!
//! Killed at any moment and run again, it goes on where the table says it stands.

mod error;
mod outcome;
mod run;
mod script;

pub use error::{Error, Half, Stopped};
pub use outcome::Report;
pub use run::{Options, applied, apply};
pub use script::Ahead;

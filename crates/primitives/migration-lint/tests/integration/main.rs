//! The real executable, run as a step runs it; and its rules beside a real PostgreSQL.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod bases;
mod beside;
mod differential;
mod excluded;
mod files;
mod formats;
mod runs;
mod world;

//! The primitive against a real PostgreSQL, and its executable as a step runs it.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod executable;
mod kill;
mod may_deploy;
mod records;
mod refusals;
mod way_back;
mod world;
mod zone;

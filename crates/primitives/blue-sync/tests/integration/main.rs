//! The primitive against the twins and a real PostgreSQL.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

mod event;
mod executable;
mod kill;
mod meanwhile;
mod presentation;
mod refusals;
mod syncs;
mod world;

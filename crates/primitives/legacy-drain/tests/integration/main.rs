//! The primitive against the Render twin, its workers and a real PostgreSQL: in process
//! on a clock that runs ahead, and as the real executable.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

mod endings;
mod executable;
mod kill;
mod life;
mod lists;
mod presentation;
mod refusals;
mod world;

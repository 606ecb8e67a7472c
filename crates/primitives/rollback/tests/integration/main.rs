//! The primitive against the twins of Cloudflare and Render, a real PostgreSQL and a real
//! repository.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do, and are public to their own binary only"
)]

mod classes;
mod executable;
mod flip_back;
mod kill;
mod private;
mod refusals;
mod remote;
mod tags;
mod world;

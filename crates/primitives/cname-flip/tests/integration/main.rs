//! The primitive against the twins of Cloudflare and Render, real origins and a
//! real name server; in process on a simulated clock, and as the real executable.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

mod executable;
mod faults;
mod flips;
mod hostile;
mod put_back;
mod refusals;
mod restores;
mod world;

//! The primitive against the twin of Cloudflare: in process on a simulated clock,
//! and as the real executable.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

mod binds;
mod executable;
mod faults;
mod hostile;
mod refusals;
mod world;

//! The primitive against the Render twin: in process on a simulated clock, and as
//! the real executable.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

mod endings;
mod executable;
mod faults;
mod habits;
mod hostile;
mod kill;
mod life;
mod refusals;
mod world;

//! The real executable in real repositories, with an environment of its own.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

mod checkouts;
mod formats;
mod hostile;
mod reference;
mod runs;
mod world;

//! generation-allocate against a real PostgreSQL.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may panic, and are public to their own binary only"
)]

mod executable;
mod hostile;
mod kill;
mod life;
mod refusals;
mod world;

//! blue-quiet against a twin of Render that is quiet, and one that is not.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may panic, and are public to their own binary only"
)]

mod disturbances;
mod executable;
mod faults;
mod quiet;
mod refusals;
mod world;

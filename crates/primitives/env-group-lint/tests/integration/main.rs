//! env-group-lint against a twin of Render.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may panic, and are public to their own binary only"
)]

mod executable;
mod findings;
mod refusals;
mod world;

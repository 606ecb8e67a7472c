//! version-contract against origins that answer as agreed, and others.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may panic, and are public to their own binary only"
)]

mod answers;
mod executable;
mod faults;
mod inputs;
mod world;

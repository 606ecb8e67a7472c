//! version-poll against origins that behave, and against those that do not.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may panic, and are public to their own binary only"
)]

mod answers;
mod executable;
mod inputs;
mod several;
mod world;

//! staging-marker against a GitHub that behaves, and against one that does not.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may panic, and are public to their own binary only"
)]

mod executable;
mod faults;
mod hostile;
mod inputs;
mod kill;
mod last;
mod presentation;
mod record;
mod verify;
mod world;

//! The client against servers that answer badly, or not at all.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may panic, and are public to their own binary only"
)]

mod answers;
mod credentials;
mod repeats;
mod script;

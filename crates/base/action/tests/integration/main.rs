//! A sample primitive, run whole: what it prints, writes and answers.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may panic, and are public to their own binary only"
)]

mod endings;
mod outputs;
mod sample;
mod secrets;
mod signals;

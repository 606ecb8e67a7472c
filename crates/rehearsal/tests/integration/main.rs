//! One binary for every test that needs the network or a process.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

mod call;
mod contract;
mod dns;
mod faults;
mod origins;
mod render_twin;

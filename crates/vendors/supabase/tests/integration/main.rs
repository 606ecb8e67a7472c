//! Every operation of the client against the twin, which was written apart from it.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

mod branches;
mod errors;
mod merges;
mod sql;
mod world;

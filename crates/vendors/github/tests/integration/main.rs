//! The client against a twin that behaves, and against one that does not.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

mod calls;
mod errors;
mod lists;
mod world;
mod writes;

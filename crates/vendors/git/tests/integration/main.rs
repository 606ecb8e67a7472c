//! The crate against the real git, in repositories made for each test.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

mod below;
mod fetching;
mod looking;
mod opening;
mod sandbox;

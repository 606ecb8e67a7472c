//! The real executable in real repositories, with an environment of its own.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

mod bases;
mod differences;
mod manifests;
mod places;
mod presentation;
mod surroundings;
mod unowned;
mod warnings;
mod world;

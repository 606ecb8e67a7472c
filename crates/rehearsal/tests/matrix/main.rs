//! The matrix: every primitive that talks to a network, under every single fault at
//! every one of its calls and statements, and under many pairs of them.
//!
//! A first run without faults tells which calls there are. Then, for each call and
//! each fault, in a fresh world: a run that meets just this fault, a run without
//! faults, which reaches what was asked for, and a third one, which finds nothing
//! to do. What holds after each run is in `harness`, beside the world.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

mod call;
mod cell;
mod crew;
mod cutover;
mod disturbance;
mod drain;
mod harness;
mod ledger;
mod names;
mod pairs;
mod rollback;
mod schema;
mod singles;
mod standing;
mod sync;

//! The lint, from outside.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod case;
mod excluded;
mod rates;
mod soup;

//! The client against a server that sends what the test says, byte by byte.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod lookup;
mod responder;

//! The client against a server that sends what the test says, byte by byte.

// The lints' exception for tests covers functions marked as tests, not the
// helpers that they call.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod lookup;
mod responder;

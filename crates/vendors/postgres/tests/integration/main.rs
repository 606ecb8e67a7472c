//! The ledger and its connections against a real PostgreSQL.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may panic, and are public to their own binary only"
)]

mod answers;
mod drain;
mod faults;
mod flips;
mod generations;
mod logins;
mod order;
mod schema;
mod schema_merges;
mod surroundings;
mod sync;
mod tls;
mod world;

//! schema-merge against the twin of Supabase and a real PostgreSQL.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may panic, and are public to their own binary only"
)]

mod executable;
mod kill;
mod late_steps;
mod lost;
mod merges;
mod partial;
mod refusals;
mod world;

//! schema-rehearse against the twin of Supabase, whose branches are real databases.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may panic, and are public to their own binary only"
)]

mod cleaning;
mod executable;
mod faults;
mod pooler;
mod refusals;
mod smoke;
mod stale;
mod trials;
mod world;

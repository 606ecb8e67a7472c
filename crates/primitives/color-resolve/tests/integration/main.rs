//! color-resolve against a twin of Cloudflare and a real ledger.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may panic, and are public to their own binary only"
)]

mod executable;
mod ledger;
mod refusals;
mod roles;
mod world;

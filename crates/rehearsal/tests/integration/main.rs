//! One binary for every test that needs the network or a process.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

mod call;
mod cloudflare_twin;
mod contract;
mod deployments;
mod dns;
mod faults;
mod github_twin;
mod launch;
mod npm;
mod npm_cloudflare;
mod npm_octokit;
mod origins;
mod planted_bugs;
mod rehearse;
mod render_twin;
mod runner;
mod visitors;
mod workflow_run;

/// The worlds of the matrix, for clients with planted bugs.
#[path = "../matrix"]
#[allow(dead_code, reason = "the matrix itself uses the rest")]
mod matrix {
    pub(crate) mod harness;
}

//! Workflow files, from outside the crate.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod compat_gate;
mod contract;
mod expressions;
mod expressions_generator;
mod expressions_limits;
mod expressions_oracle;
mod files;
mod gates;
mod job_graph;
mod refusals;
mod step_run;

//! A world on loopback in which the real binaries run unchanged.
//!
//! Vendors' twins keep state and misbehave as the real ones do; origins come up
//! when a deploy goes live; a name server follows the records; visitors ask all
//! the time and count what they saw; faults strike any route on request.

pub mod contract;
pub mod deployment;
pub mod dns;
pub mod effects;
pub mod estate;
pub mod executables;
pub mod fault;
pub mod in_process;
mod order;
pub mod origins;
pub mod own_process;
pub mod platform;
pub mod postgres;
pub mod rehearse;
pub mod repository;
mod route;
pub mod runner;
pub mod sandbox;
pub mod server;
pub mod timeline;
pub mod twins;
pub mod visitors;
pub mod workflow_run;
pub mod world;

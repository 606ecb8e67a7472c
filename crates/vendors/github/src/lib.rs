//! A thin typed client of the parts of GitHub's REST API that Greenroom uses:
//! commit statuses, commits, refs and tags, environments, workflow runs.
//!
//! octocrab builds the requests, follows the pages and reads the answers. What goes
//! over the wire goes through [`http`], as with every other vendor: one TLS
//! configuration, one place for retries, limits, redaction and errors. octocrab's own
//! client is left out, because its retry sends a POST again after a lost answer,
//! without a pause, and because it reads bodies of any length.

mod client;
mod commit;
mod environment;
mod error;
mod reference;
mod repository;
mod run;
mod sha;
mod status;
mod transport;

pub use client::{API, API_URL, GitHub};
pub use commit::{Commit, Comparison};
pub use environment::{BranchPolicies, BranchPolicy, Environment, PolicyKind, ProtectionRule};
pub use reference::{Object, Reference, Tag};
pub use repository::Repository;
pub use run::{Dispatched, Run, RunFilter};
pub use sha::Sha;
pub use status::{NewStatus, State, Status};

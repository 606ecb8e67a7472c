//! A thin typed client of Supabase's Management API, <https://api.supabase.com>.
//!
//! No policy lives here: a method is one operation of the API, answers are typed,
//! and every write takes a [`Permit`](action::Permit). Fields that are not used are
//! left out, unknown fields are ignored, and a word that this version does not know
//! is kept as `Other`.
//!
//! What is unusual about Supabase stands where it matters: [`ActionRun`] for merges
//! that go on after their answer, [`BranchConfig`] for a password in an answer,
//! [`Pooler`] for the only address that a host without IPv6 reaches.

mod branch;
mod branch_config;
mod client;
mod history;
mod pooler;
mod project;
mod query;
mod reference;
mod run;

pub use branch::{Branch, BranchStatus, NewBranch};
pub use branch_config::BranchConfig;
pub use client::{ACCESS_TOKEN, API, API_URL, SECRET, Supabase};
pub use history::HistoryRow;
pub use pooler::{DatabaseKind, PoolMode, Pooler};
pub use project::{Project, ProjectStatus};
pub use query::Row;
pub use reference::{NotAReference, ProjectRef, RunId};
pub use run::{ActionRun, Outcome, Step, StepName, StepStatus};

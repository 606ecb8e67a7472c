//! GitHub Actions workflow files as data: read strictly, and walked by GitHub's rules.
//!
//! 1. [`Workflow::parse`] reads a file into the types of [`workflow`], and refuses with line and column what is
//!    wrong, and by name what is not supported here.
//! 2. [`Triggers`](triggers::Triggers) tells whether a push starts it, and [`Groups`](concurrency::Groups) which
//!    of several runs start, wait, or are cancelled.
//! 3. A [`Run`] decides which jobs start, [`StepRun`] which steps of a job.
//!
//! Pure: nothing here reads a file, starts a process or knows the time.

pub mod concurrency;
pub mod expression;
pub mod permissions;
pub mod triggers;
pub mod value;
pub mod workflow;

mod problem;
mod read;
mod references;
mod run;
mod step_run;

pub use problem::Problem;
pub use read::MAX_BYTES;
pub use run::{Conclusion, NotRunning, Run, Verdict};
pub use step_run::{StepRun, StepVerdict};
pub use workflow::Workflow;
pub use yaml::Position;

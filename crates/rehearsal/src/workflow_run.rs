//! Whole workflow files, executed: events start runs, runs wait for one another, jobs run side by side on this
//! machine, their steps with real processes and a real checkout.
//!
//! The rules of files, jobs, steps and expressions are the crate `workflow`'s; a step is executed by
//! [`runner`](crate::runner). This module stands where GitHub's service does: it reads the file from the commit of
//! the event, keeps the repository's [`Settings`], lets environments refuse or hand out secrets, issues tokens, and
//! remembers what happened as data ([`Run`]), with times and without secrets.
//!
//! What it does not do is an error that names it: an external action without a [`StandIn`], a runner label that
//! nobody has, whatever the crate `workflow` does not read.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use rehearsal::workflow_run::{Conclusion, Environment, Reference, Service, Settings};
//!
//! let mut settings = Settings::new("octo-org/octo-repo");
//! settings.environments.insert("staging".to_owned(), Environment::default());
//! let service = Service::builder(settings, "path/to/repository".as_ref())?.build();
//! for handle in service.push(&Reference::Branch("main".to_owned())).await? {
//!     let run = handle.finish().await?;
//!     assert_eq!(run.conclusion, Conclusion::Success);
//! }
//! # Ok(())
//! # }
//! ```

mod contexts;
mod drive;
mod event;
mod hooks;
mod job;
mod leaks;
mod record;
mod refs;
mod service;
mod settings;
mod source;
mod stand_in;
mod step;
mod stops;
mod tokens;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use event::{Event, EventKind, Reference};
pub use hooks::{Hooks, Moment, NoHooks, StepName, What};
pub use record::{Conclusion, Job, Run, Step};
pub use service::{Builder, Handle, Service};
pub use settings::{Environment, RefPolicy, Review, Settings};
pub use stand_in::{Answer, Call, Checkout, Deployment, PagesHost, StandIn, Unsupported, Wrangler};
pub use tokens::{Grant, Tokens, Unchecked};

use crate::runner::{ActionError, RunnerError};

/// Why a workflow cannot be executed at all. A run that failed is a [`Run`] that says so.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkflowRunError {
    /// A file of the service itself.
    #[error("{what}: {source}")]
    Io {
        /// What it was doing.
        what: &'static str,
        /// What the system answered.
        source: std::io::Error,
    },
    /// git refused.
    #[error("git {what}: {said}")]
    Git {
        /// Its arguments.
        what: String,
        /// What it said.
        said: String,
    },
    /// A workflow file is wrong, or asks for something that is not supported here; the problem names it.
    #[error("{file}:{problem}")]
    File {
        /// The file's name.
        file: String,
        /// What is wrong, and where.
        problem: workflow::Problem,
    },
    /// An expression has no value where GitHub would not even start the run.
    #[error("{place}: {problem}")]
    Expression {
        /// The file and the key.
        place: String,
        /// What is wrong with it.
        problem: workflow::expression::EvaluationError,
    },
    /// GitHub can do it and this module cannot.
    #[error("{place}: {what} is not supported here")]
    Unsupported {
        /// The file, the job, the step.
        place: String,
        /// What it is.
        what: String,
    },
    /// An event that GitHub would refuse.
    #[error("{0}")]
    Refused(String),
    /// An action's file is not understood.
    #[error(transparent)]
    Action(#[from] ActionError),
    /// A step could not be run.
    #[error(transparent)]
    Runner(#[from] RunnerError),
    /// The service itself broke down.
    #[error("follow the run to its end: {0}")]
    Broken(String),
}

/// What stays the same for all runs.
#[derive(Debug)]
struct Parts {
    source: source::Source,
    tokens: Arc<dyn Tokens>,
    hooks: Arc<dyn Hooks>,
    stand_ins: BTreeMap<String, Arc<dyn StandIn>>,
}

impl Parts {
    /// The stand-in of an action, `owner/name` in any case.
    fn stand_in(&self, action: &str) -> Option<Arc<dyn StandIn>> {
        self.stand_ins.get(&action.to_ascii_lowercase()).cloned()
    }
}

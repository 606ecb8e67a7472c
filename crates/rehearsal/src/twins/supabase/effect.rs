//! What callers changed through the API, in order.

use std::time::SystemTime;

/// One change that a request made; reads and refused requests make none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// When, by the twin's clock.
    pub at: SystemTime,
    /// The reference of the project, or branch, that changed.
    pub target: String,
    /// What changed.
    pub change: Change,
}

/// The kinds of change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A branch of the target was asked for.
    BranchCreated {
        /// Its name.
        name: String,
    },
    /// The target, a branch, was changed.
    BranchUpdated,
    /// The target, a branch, was deleted.
    BranchDeleted,
    /// The target, a branch, is being merged into its parent.
    MergeStarted {
        /// The run.
        run: String,
    },
    /// SQL that may write ran on the target.
    Queried,
}

//! `concurrency`: which runs may be under way at the same time.

mod groups;

pub use groups::{Cause, Groups, MAX_WAITING, Order};

use crate::expression::Template;

/// `concurrency` of a workflow.
#[derive(Clone, Debug)]
pub struct Concurrency {
    /// Runs of one group, upper and lower case alike, never run side by side.
    pub group: Template,
    /// Whether a newer run ends the one that is under way.
    pub cancel_in_progress: bool,
    /// How many may wait.
    pub queue: Queue,
}

/// `queue`: how many runs of a group may wait (GitHub's changelog of 2026-05-07).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Queue {
    /// One: a newer run takes the place of the one that waits, which is cancelled. The default.
    #[default]
    Single,
    /// Up to [`MAX_WAITING`], which start in the order in which they came.
    Max,
}

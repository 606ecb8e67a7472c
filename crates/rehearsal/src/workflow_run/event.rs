//! What happens to a repository, and so starts workflows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A branch or a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// `refs/heads/NAME`.
    Branch(String),
    /// `refs/tags/NAME`.
    Tag(String),
}

impl Reference {
    /// `main`, `prod-1`: `github.ref_name`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Branch(name) | Self::Tag(name) => name,
        }
    }

    /// `branch` or `tag`: `github.ref_type`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Branch(_) => "branch",
            Self::Tag(_) => "tag",
        }
    }
}

/// The full name, such as `refs/heads/main`: `github.ref`.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Branch(name) => write!(f, "refs/heads/{name}"),
            Self::Tag(name) => write!(f, "refs/tags/{name}"),
        }
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Where it happened.
    pub reference: Reference,
    /// The commit that the ref points at; of an annotated tag the one behind it, as in `github.sha`.
    pub commit: String,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// The ref was pushed.
    Push,
    /// Somebody started a workflow by hand.
    Dispatch {
        /// Which: the file's name, such as `deploy-prod.yml`.
        file: String,
        /// What was filled in.
        inputs: BTreeMap<String, String>,
        /// The inputs that are true or false, and no text.
        booleans: BTreeSet<String>,
    },
    /// The clock started a workflow.
    Schedule,
}

impl EventKind {
    /// `github.event_name`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Dispatch { .. } => "workflow_dispatch",
            Self::Schedule => "schedule",
        }
    }
}

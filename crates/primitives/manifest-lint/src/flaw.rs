//! Something that a rule finds in the manifest.

use yaml::Step;

use crate::rule::Rule;

/// More findings than these are counted, not told: for each the manifest is read once more, to find its place.
pub(crate) const MOST: usize = 200;

/// Something that a rule finds in the manifest.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Flaw {
    pub(crate) rule: Rule,
    /// The way to where it stands; empty means the file as a whole.
    pub(crate) at: Vec<Step>,
    /// A whole statement, lower case, without a full stop.
    pub(crate) message: String,
    /// What to write there.
    pub(crate) instead: String,
}

impl Flaw {
    pub(crate) fn new(
        rule: Rule,
        at: Vec<Step>,
        message: impl Into<String>,
        instead: impl Into<String>,
    ) -> Self {
        Self { rule, at, message: message.into(), instead: instead.into() }
    }
}

/// `1 file`, `2 files`.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

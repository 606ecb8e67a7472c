//! Dry runs: what would be changed, and the permit without which nothing is.

use crate::markdown;

/// The changes that a primitive is about to make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    changes: Vec<Change>,
}

/// One change of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    what: String,
    from: String,
    to: String,
}

impl Plan {
    /// A plan that changes nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a change: what is changed, what it is now, what it will be.
    /// None of the three may hold a secret.
    pub fn change(&mut self, what: impl Into<String>, from: impl Into<String>, to: impl Into<String>) {
        self.changes.push(Change { what: what.into(), from: from.into(), to: to.into() });
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// One line a change, for a log.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> + '_ {
        self.changes.iter().map(|change| format!("{}: {} -> {}", change.what, change.from, change.to))
    }

    /// A table, for the job summary.
    pub(crate) fn table(&self) -> String {
        markdown::table(
            ["What", "Now", "Would become"],
            self.changes.iter().map(|change| {
                [markdown::text(&change.what), markdown::code(&change.from), markdown::code(&change.to)]
            }),
        )
    }
}

/// Leave to change the world: every write takes one.
///
/// `Context::approve` is its only maker and gives none in a dry run, so a dry
/// run that writes does not compile. A copy is as good as the first one.
#[derive(Clone, Debug)]
pub struct Permit(());

impl Permit {
    pub(crate) const fn new() -> Self {
        Self(())
    }
}

//! What came of it.

/// What was applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows of the history before.
    pub before: usize,
    /// Rows of the history afterwards, counted in the database.
    pub after: usize,
    /// The stems of the files that were applied by this call, in their order. One
    /// that was found applied after its answer was lost is among them.
    pub applied: Vec<String>,
}

impl Report {
    /// Whether the history grew by exactly what was applied (ADR-053 D4, step 3).
    #[must_use]
    pub fn adds_up(&self) -> bool {
        self.after == self.before + self.applied.len()
    }
}

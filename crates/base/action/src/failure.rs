//! Why a run did not do what was asked: what happened, and what to do about it.

use std::fmt;

use crate::ending::Ending;

/// The error of every primitive: an ending, a message and hints.
///
/// The message is one lower-case statement without a full stop; each hint names
/// a fix or says what still holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    ending: Ending,
    message: String,
    hints: Vec<String>,
}

impl Failure {
    /// A failure that ends the run with `ending`.
    #[must_use]
    pub fn new(ending: Ending, message: impl Into<String>) -> Self {
        Self { ending, message: message.into(), hints: Vec::new() }
    }

    /// A gate said no; nothing was changed (exit 1).
    #[must_use]
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Ending::Refused, message)
    }

    /// What was begun ended badly (exit 1).
    #[must_use]
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Ending::Failed, message)
    }

    /// An input is wrong in a way that only the world could tell (exit 2).
    #[must_use]
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Ending::Invalid, message)
    }

    /// The deadline passed (exit 3).
    #[must_use]
    pub fn timed_out(message: impl Into<String>) -> Self {
        Self::new(Ending::TimedOut, message)
    }

    /// A vendor refused us (exit 4).
    #[must_use]
    pub fn denied(message: impl Into<String>) -> Self {
        Self::new(Ending::Denied, message)
    }

    /// A vendor could not be reached (exit 5).
    #[must_use]
    pub fn unreachable(message: impl Into<String>) -> Self {
        Self::new(Ending::Unreachable, message)
    }

    /// The world changed under the plan (exit 6).
    #[must_use]
    pub fn stale(message: impl Into<String>) -> Self {
        Self::new(Ending::Stale, message)
    }

    /// A defect here (exit 70).
    #[must_use]
    pub fn bug(message: impl Into<String>) -> Self {
        Self::new(Ending::Bug, message)
    }

    /// Adds one hint: a lower-case sentence that names the fix.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Says what was being done: `context: message`.
    #[must_use]
    pub fn context(mut self, context: impl fmt::Display) -> Self {
        self.message = format!("{context}: {}", self.message);
        self
    }

    /// How the run ends.
    #[must_use]
    pub const fn ending(&self) -> Ending {
        self.ending
    }

    /// What happened.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    #[must_use]
    pub fn hints(&self) -> &[String] {
        &self.hints
    }
}

impl fmt::Display for Failure {
    /// The message, then a line `hint: ...` for each hint.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for hint in &self.hints {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

/// An input that cannot be used, found without looking at the world (exit 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadInput {
    input: &'static str,
    problem: String,
    hints: Vec<String>,
}

impl BadInput {
    /// `input` is the input's name in YAML, `problem` a lower-case fragment about its value.
    #[must_use]
    pub fn new(input: &'static str, problem: impl Into<String>) -> Self {
        Self { input, problem: problem.into(), hints: Vec::new() }
    }

    /// Adds one hint that names the fix.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl From<BadInput> for Failure {
    fn from(bad: BadInput) -> Self {
        Self {
            ending: Ending::Invalid,
            message: format!("input `{}`: {}", bad.input, bad.problem),
            hints: bad.hints,
        }
    }
}

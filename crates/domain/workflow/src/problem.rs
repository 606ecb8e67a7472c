//! What can be wrong with a workflow file.

use std::fmt;

use yaml::{Position, Step, locate};

/// The first thing that is wrong with a file: where, and what, in words for its author.
///
/// Printed as `12:5: jobs.api.strategy: what is wrong`; the caller puts the file's name before it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub struct Problem {
    /// Line and column.
    pub position: Position,
    /// The way to it from the top of the file, such as `jobs.api.steps[0].with.url`; empty for the file as a whole.
    pub path: String,
    /// A sentence without its full stop.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { position, path, message } = self;
        let colon = if path.is_empty() { "" } else { ": " };
        write!(f, "{position}: {path}{colon}{message}")
    }
}

/// A problem whose place in the text is not yet looked up.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) path: Path,
    pub(crate) message: String,
}

impl Fault {
    /// The problem, with its place in `text`.
    pub(crate) fn place(self, text: &str) -> Problem {
        Problem { position: locate(text, &self.path.0), path: self.path.to_string(), message: self.message }
    }
}

/// The way to a value from the top of a file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Path(Vec<Step>);

impl Path {
    /// The way to the value of a key below.
    pub(crate) fn key(&self, key: &str) -> Self {
        self.with(Step::Key(key.to_owned()))
    }

    /// The way to a key itself.
    pub(crate) fn name(&self, key: &str) -> Self {
        self.with(Step::Name(key.to_owned()))
    }

    /// The way to an item of a list, from 0.
    pub(crate) fn item(&self, index: usize) -> Self {
        self.with(Step::Item(index))
    }

    pub(crate) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault { path: self.clone(), message: message.into() }
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Item(item) => write!(f, "[{item}]")?,
                Step::Key(key) | Step::Name(key) if index == 0 => f.write_str(key)?,
                Step::Key(key) | Step::Name(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}

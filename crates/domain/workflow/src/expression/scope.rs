//! Where the values of an expression come from.

use crate::value::Value;

use super::StatusFunction;

/// What an expression may read and ask while it is evaluated.
pub trait Scope {
    /// The value of the context with this name as the expression writes it; names ignore case. `None` when there is
    /// no such context here, which is an error and not null.
    fn context(&self, name: &str) -> Option<Value>;

    /// What a status function answers; `None` when it may not be asked here.
    fn status(&self, function: StatusFunction) -> Option<bool>;
}

/// A scope made of values, with no status functions but those that were added.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contexts {
    contexts: Vec<(String, Value)>,
    status: Vec<(StatusFunction, bool)>,
}

impl Contexts {
    /// No contexts.
    pub fn new() -> Self {
        Self::default()
    }

    /// With this context; one of the same name is replaced.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.contexts.retain(|(present, _)| !present.eq_ignore_ascii_case(name));
        self.contexts.push((name.to_owned(), value.into()));
        self
    }

    /// With this answer of a status function; an earlier one is replaced.
    #[must_use]
    pub fn with_status(mut self, function: StatusFunction, answer: bool) -> Self {
        self.status.retain(|(present, _)| *present != function);
        self.status.push((function, answer));
        self
    }
}

impl Scope for Contexts {
    fn context(&self, name: &str) -> Option<Value> {
        let mut contexts = self.contexts.iter();
        contexts.find(|(present, _)| present.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
    }

    fn status(&self, function: StatusFunction) -> Option<bool> {
        self.status.iter().find(|(present, _)| *present == function).map(|(_, answer)| *answer)
    }
}

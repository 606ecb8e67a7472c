//! What is wrong with an expression, told to the author of the YAML.

use std::fmt;

use crate::value::JsonError;

use super::{Function, StatusFunction};

/// An expression that cannot be used, and where in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionError {
    source: String,
    /// In `source`.
    position: usize,
    /// Of `source` in the text that the caller gave.
    start: usize,
    length: usize,
    problem: ExpressionProblem,
}

/// What is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExpressionProblem {
    /// The grammar does not allow it.
    #[error("{0}")]
    Syntax(&'static str),
    /// There is nothing between `${{` and `}}`, or behind `if:`.
    #[error("there is no expression; write one, or leave the key out")]
    Empty,
    /// `${{` without `}}`.
    #[error("`${{{{` has no `}}}}`; mind that a quote ' opens a text in which `}}}}` does not count")]
    Unclosed,
    /// More than 21,000 characters, GitHub's limit.
    #[error("it is longer than 21,000 characters")]
    TooLong,
    /// More than 50 levels, GitHub's limit.
    #[error("it is nested deeper than 50 levels")]
    TooDeep,
    /// More operators than this crate evaluates.
    #[error("it has more than 500 operators")]
    TooManyOperators,
    /// GitHub has no such function.
    #[error(
        "there is no function `{0}`; there are case, contains, endsWith, format, fromJSON, join, startsWith, toJSON \
         and, in conditions, always, cancelled, failure, success"
    )]
    UnknownFunction(String),
    /// GitHub has the function, this crate has not.
    #[error("the function `{0}` is not supported here")]
    UnsupportedFunction(&'static str),
    /// Too many or too few arguments.
    #[error("`{function}` takes {expected}")]
    Arguments {
        /// The function.
        function: String,
        /// How many arguments it takes, in words.
        expected: &'static str,
    },
    /// A comma before `)`, which GitHub's service refuses.
    #[error("the comma before `)` is one too many")]
    TrailingComma,
    /// A number that GitHub's evaluators read as different numbers, or only some of them.
    #[error("GitHub does not read this number everywhere alike; write it as a decimal number")]
    DoubtfulNumber,
    /// There is no such context at this place.
    #[error("there is no context `{name}` in `{key}`, only {allowed}")]
    UnknownContext {
        /// The name, as written.
        name: String,
        /// The key of the workflow file.
        key: &'static str,
        /// What there is.
        allowed: String,
    },
    /// Status functions may be called in conditions only.
    #[error("`{function}()` may not be used in `{key}`, only in conditions (`if`)")]
    FunctionNotHere {
        /// The function.
        function: Function,
        /// The key of the workflow file.
        key: &'static str,
    },
    /// A condition with text around `${{ }}` is a text that is not empty, which is true.
    #[error(
        "the condition is always true, because text beside `${{{{ }}}}` makes it a text that is not empty; put the \
         whole condition inside, or leave `${{{{ }}}}` out"
    )]
    AlwaysTrue,
}

impl ExpressionError {
    /// Of `source`, at this byte; `length` bytes of it are to blame.
    pub(super) fn new(source: &str, position: usize, length: usize, problem: ExpressionProblem) -> Self {
        let mut position = position.min(source.len());
        while !source.is_char_boundary(position) {
            position -= 1;
        }
        Self { source: source.to_owned(), position, start: 0, length, problem }
    }

    /// The same error when the expression stands `start` bytes behind the beginning of the caller's text.
    #[must_use]
    pub(super) fn behind(mut self, start: usize) -> Self {
        self.start += start;
        self
    }

    /// What is wrong.
    pub fn problem(&self) -> &ExpressionProblem {
        &self.problem
    }

    /// The byte in the text that was parsed (a template's text, not only its expression) where it is wrong.
    pub fn offset(&self) -> usize {
        self.start + self.position
    }

    /// What stands there; empty at the end.
    pub fn text(&self) -> &str {
        let rest = self.source.get(self.position..).unwrap_or_default();
        let ends = |&(at, character): &(usize, char)| {
            at >= self.length.max(1) && (at >= 40 || self.length > 0 || character.is_whitespace())
        };
        let end = rest.char_indices().find(ends).map_or(rest.len(), |(at, _)| at);
        rest.get(..end).unwrap_or_default().trim_end()
    }
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = shortened(self.source.trim());
        match self.text() {
            _ if self.source.trim().is_empty() => write!(formatter, "{}", self.problem),
            "" => write!(formatter, "the expression `{source}` is wrong at its end: {}", self.problem),
            text if text == self.source.trim() || text.len() > 100 => {
                write!(formatter, "the expression `{source}` is wrong: {}", self.problem)
            }
            text => {
                let before = self.source.get(..self.position).unwrap_or_default();
                let number = before.trim_start().chars().count() + 1;
                write!(formatter, "the expression `{source}` is wrong at character {number}, ")?;
                write!(formatter, "`{text}`: {}", self.problem)
            }
        }
    }
}

impl std::error::Error for ExpressionError {}

/// An expression that is well formed but has no value here. The texts name the expression, never a value: it may
/// be secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluationError {
    /// The scope has no such context.
    #[error("the context `{0}` has no value here")]
    NoContext(String),
    /// The scope does not answer this function.
    #[error("`{0}()` has no answer here")]
    NoStatus(StatusFunction),
    /// `fromJSON` got something else.
    #[error("`{expression}` is not possible: {cause}")]
    Json {
        /// The call, as written.
        expression: String,
        /// What is wrong with the text.
        cause: JsonError,
    },
    /// `format` got a text with single braces.
    #[error(
        "`{0}` is not possible: the text has a brace that is neither doubled nor `{{0}}`, `{{1}}` and so on"
    )]
    Format(String),
    /// `format` got a text that asks for more values than there are.
    #[error("`{expression}` is not possible: the text asks for value {number}, and there are {count}")]
    FormatArguments {
        /// The call, as written.
        expression: String,
        /// The number in braces; the first value has number 0.
        number: String,
        /// How many values there are.
        count: usize,
    },
    /// `case` got a predicate that is neither true nor false.
    #[error(
        "`{0}` is not possible: each condition of `case` must be true or false, not another kind of value"
    )]
    CasePredicate(String),
    /// A text grew beyond [`MAX_TEXT`](super::MAX_TEXT).
    #[error("`{0}` is not possible: the text is longer than 10 MiB")]
    TooLong(String),
}

pub(super) fn shortened(text: &str) -> String {
    const LIMIT: usize = 200;
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}..", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

//! Expressions: what stands between `${{` and `}}`, and behind `if:`.
//!
//! The grammar is read by the crate `github-actions-expressions`; contexts, functions and conversions are evaluated
//! here. The judge of the evaluation is npm `@actions/expressions` 0.3.61, GitHub's own evaluator, on generated
//! expressions. Where that package and GitHub's service (the C# of actions/runner) differ:
//!
//! | what | npm package | here |
//! |---|---|---|
//! | `'a''b''c'` | undoes the first `''` only | undoes each, as the service does |
//! | `format('{0}', 1,)`, a comma before `)` | taken | refused, as the service does |
//! | `format('{0:x}', 1)`, `{0 x}` | what follows the number is ignored | refused, as the service does |
//! | `0xFFFFFFFF` as a literal | 4294967295, the service says -1 | refused |
//! | `0b1`, `0X1`, `0O7`, `1e400` as a literal | numbers | refused, as the service does but for the last |
//! | a form feed between words | refused | taken, as the service does |
//! | names such as `constructor` in an object | lost among JavaScript's own | names like any other |
//! | `fromJSON` of names that are integers | come first in filters and `toJSON` | keep their place |
//! | `fromJSON` beyond 127 levels, of `1e400`, of half a surrogate pair | taken | refused |
//! | how deep: 50 levels | every `.name` counts, too | nested `(`, `[`, `!`, operators and calls count |
//! | how long | no limit but the text's | at most [`MAX_OPERATORS`] operators, [`MAX_TEXT`] bytes a result |
//!
//! Where the service does something else than the package and this crate follows the package: numbers have at most
//! 15 digits behind the point (service: 15 in all, and exponents as `E+21`); upper case is Unicode's full one, so
//! `'ß' == 'SS'` (service: one character each); all arguments of a function are evaluated (service: those that are
//! used); the text `'0b1'` is the number 1 (service: NaN).
//!
//! `hashFiles` is refused by name. The functions of status are answered by the caller's [`Scope`].

mod availability;
mod condition;
mod error;
mod evaluate;
mod format;
mod function;
mod parse;
mod references;
mod scope;
mod template;

use crate::value::Value;

pub use availability::Place;
pub use condition::Condition;
pub use error::{EvaluationError, ExpressionError, ExpressionProblem};
pub use evaluate::MAX_TEXT;
pub use function::{Function, StatusFunction};
pub use parse::{MAX_LENGTH, MAX_OPERATORS};
pub use references::{Reference, References, Step};
pub use scope::{Contexts, Scope};
pub use template::Template;

/// One expression, without `${{` and `}}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    source: String,
    /// Of `source` in the text that the caller gave.
    start: usize,
    root: parse::Node,
}

impl Expression {
    /// Reads an expression. Which contexts exist is not asked yet: that is [`Expression::check`].
    ///
    /// # Errors
    ///
    /// Text that is no expression, too long or too deep, and functions that do not exist or are not supported here;
    /// the error tells where.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        Self::parse_behind(text, 0)
    }

    /// Of a text that stands `start` bytes behind the beginning of the caller's.
    fn parse_behind(text: &str, start: usize) -> Result<Self, ExpressionError> {
        let source = text.trim();
        let start = start + text.len() - text.trim_start().len();
        let root = parse::parse(source).map_err(|error| error.behind(start))?;
        Ok(Self { source: source.to_owned(), start, root })
    }

    /// The text that was parsed, without white space around it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether everything that the expression reads and calls may be used at this place.
    ///
    /// # Errors
    ///
    /// The first context or function that may not, with what may.
    pub fn check(&self, place: Place) -> Result<(), ExpressionError> {
        availability::check(&self.source, &self.root, place).map_err(|error| error.behind(self.start))
    }

    /// The value in this scope.
    ///
    /// # Errors
    ///
    /// A context or function that the scope does not have, JSON that is none, a wrong format string, a predicate
    /// of `case` that is neither true nor false, a text that grows too long. No error holds a value.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Value, EvaluationError> {
        evaluate::evaluate(&self.root, scope)
    }

    /// Everything that the expression may read and call, in the order of the text.
    pub fn references(&self) -> References {
        references::of(&self.root)
    }
}

//! What patterns are made of.

use std::sync::Arc;

use super::class::Class;

/// A piece of a pattern as it is written.
#[derive(Debug)]
pub(crate) enum Node {
    Atom(Atom),
    /// `{a,b}`
    Alternatives(Vec<Vec<Node>>),
}

/// A piece without braces.
#[derive(Clone, Debug)]
pub(crate) enum Atom {
    Char(char),
    AnyChar,
    Star,
    Globstar {
        deeper: bool,
    },
    Slash,
    /// Shared between the alternatives.
    Class(Arc<Class>),
}

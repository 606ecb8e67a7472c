//! The words of a statement: what stays of a syntax tree once its shape is left behind.

use crate::source::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Kind {
    /// A keyword or a name without quotes, in lower case as PostgreSQL folds it.
    Word,
    /// A name in double quotes, as it is inside them.
    Quoted,
    /// A string of any spelling, decoded.
    Text,
    /// A number, as written.
    Number,
    /// Anything else: operators, brackets, `$1`.
    Symbol,
}

/// One token; white space and comments are none.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) text: String,
    pub(crate) span: Span,
    /// Where a string's content stands in the file, if it stands there letter for letter.
    pub(crate) verbatim: Option<usize>,
}

impl Token {
    /// Whether it is this keyword or symbol.
    pub(crate) fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Word | Kind::Symbol) && self.text == text
    }

    /// The name it stands for, if it can be one.
    pub(crate) fn name(&self) -> Option<&str> {
        matches!(self.kind, Kind::Word | Kind::Quoted).then_some(self.text.as_str())
    }
}

/// Tokens as one line of SQL in one spelling, so that two writings of one expression are equal.
pub(crate) fn line(tokens: &[Token]) -> String {
    let mut line = String::new();
    for token in without_parentheses(tokens) {
        if !line.is_empty() {
            line.push(' ');
        }
        match token.kind {
            Kind::Text => line.push_str(&format!("'{}'", token.text.replace('\'', "''"))),
            Kind::Quoted => line.push_str(&spelled(&token.text)),
            _ => line.push_str(&token.text),
        }
    }
    line
}

/// A name in that spelling: in quotes where it needs them.
pub(crate) fn spelled(name: &str) -> String {
    if is_plain(name) { name.to_owned() } else { format!("\"{name}\"") }
}

/// Without the parentheses that stand around the whole.
pub(crate) fn without_parentheses(mut tokens: &[Token]) -> &[Token] {
    while let [first, inner @ .., last] = tokens {
        if !(first.is("(") && last.is(")") && closes_at_end(tokens)) {
            break;
        }
        tokens = inner;
    }
    tokens
}

fn closes_at_end(tokens: &[Token]) -> bool {
    let mut depth = 0_i32;
    for (at, token) in tokens.iter().enumerate() {
        depth += nesting(token);
        if depth == 0 {
            return at + 1 == tokens.len();
        }
    }
    false
}

/// How much deeper the text after this token is nested.
pub(crate) fn nesting(token: &Token) -> i32 {
    match (token.kind, token.text.as_str()) {
        (Kind::Symbol, "(" | "[") => 1,
        (Kind::Symbol, ")" | "]") => -1,
        _ => 0,
    }
}

/// The parts between commas that stand in no brackets.
pub(crate) fn split_commas(tokens: &[Token]) -> Vec<&[Token]> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (at, token) in tokens.iter().enumerate() {
        depth += nesting(token);
        if depth == 0 && token.is(",") {
            parts.push(tokens.get(start..at).unwrap_or_default());
            start = at + 1;
        }
    }
    if start < tokens.len() {
        parts.push(tokens.get(start..).unwrap_or_default());
    }
    parts
}

fn is_plain(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_ascii_lowercase() || first == '_')
        && characters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '$')
}

//! A reader of tokens, one step at a time.

use crate::name::Name;
use crate::token::{Kind, Token, nesting};

/// Where a reader stands in tokens that are known to be a whole, right statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'t> {
    tokens: &'t [Token],
    at: usize,
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(tokens: &'t [Token]) -> Self {
        Self { tokens, at: 0 }
    }

    pub(crate) fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.at)
    }

    pub(crate) fn next(&mut self) -> Option<&'t Token> {
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        Some(token)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// What is left.
    pub(crate) fn rest(&self) -> &'t [Token] {
        self.tokens.get(self.at..).unwrap_or_default()
    }

    /// Whether these words come next; they are separated by spaces.
    pub(crate) fn sees(&self, words: &str) -> bool {
        // Most questions end at the first letters, before anything is split.
        if !self.peek().is_some_and(|token| words.starts_with(&token.text)) {
            return false;
        }
        let mut words = (self.at..).zip(words.split(' '));
        words.all(|(at, word)| self.tokens.get(at).is_some_and(|token| token.is(word)))
    }

    /// Takes these words if they come next.
    pub(crate) fn eat(&mut self, words: &str) -> bool {
        let seen = self.sees(words);
        if seen {
            self.at += words.split(' ').count();
        }
        seen
    }

    /// Takes the first of these that comes next.
    pub(crate) fn eat_one<'w>(&mut self, choices: &[&'w str]) -> Option<&'w str> {
        choices.iter().copied().find(|words| self.eat(words))
    }

    /// A name without a schema.
    pub(crate) fn name(&mut self) -> Option<String> {
        let name = self.peek()?.name()?.to_owned();
        self.at += 1;
        Some(name)
    }

    /// A name, with its schema where one stands before it; of three parts the last two count.
    pub(crate) fn path(&mut self) -> Option<Name> {
        let mut parts = vec![self.name()?];
        while self.sees(".") {
            self.at += 1;
            parts.push(self.name()?);
        }
        let name = parts.pop()?;
        Some(Name { schema: parts.pop(), name })
    }

    /// The content of the brackets that come next.
    pub(crate) fn brackets(&mut self) -> Option<&'t [Token]> {
        if !self.sees("(") && !self.sees("[") {
            return None;
        }
        let start = self.at + 1;
        let mut depth = 0;
        while let Some(token) = self.next() {
            depth += nesting(token);
            if depth == 0 {
                return self.tokens.get(start..self.at - 1);
            }
        }
        None
    }

    /// Everything up to the first of these words that stands in no brackets, or to the end.
    pub(crate) fn until(&mut self, stops: &[&str]) -> &'t [Token] {
        let start = self.at;
        let mut depth = 0;
        while let Some(token) = self.peek() {
            if depth == 0 && stops.iter().any(|stop| self.sees(stop)) {
                break;
            }
            depth += nesting(token);
            self.at += 1;
        }
        self.tokens.get(start..self.at).unwrap_or_default()
    }

    /// A list of names in brackets; anything else in it is left out.
    pub(crate) fn columns(&mut self) -> Option<Vec<String>> {
        let inner = self.brackets()?;
        let parts = crate::token::split_commas(inner);
        Some(parts.iter().filter_map(|part| Some(part.first()?.name()?.to_owned())).collect())
    }

    /// A string.
    pub(crate) fn text(&mut self) -> Option<&'t Token> {
        let token = self.peek().filter(|token| token.kind == Kind::Text)?;
        self.at += 1;
        Some(token)
    }

    /// Skips one token, whatever it is.
    pub(crate) fn skip(&mut self) {
        self.at += 1;
    }
}

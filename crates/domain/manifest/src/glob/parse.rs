//! The text of a pattern -> a sequence of nodes.

use std::sync::Arc;

use super::class::{self, Class};
use super::node::{Atom, Node};
use super::refusal::{Refusal, Refused};

/// A pattern, read.
pub(crate) struct Parsed {
    pub(crate) nodes: Vec<Node>,
    /// Letters and digits that were escaped for no reason.
    pub(crate) needless_escapes: Vec<char>,
}

/// Reads `text`, which has neither a leading `!` nor a leading `./` any more.
pub(crate) fn parse(text: &str) -> Result<Parsed, Refused> {
    let mut parser =
        Parser { text, at: 0, sequence: Vec::new(), open: Vec::new(), needless_escapes: Vec::new() };
    while let Some(c) = parser.rest().chars().next() {
        parser.step(c)?;
    }
    parser.close_what_is_open()?;
    Ok(Parsed { nodes: parser.sequence, needless_escapes: parser.needless_escapes })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    /// The nodes since the innermost open brace or its last comma.
    sequence: Vec<Node>,
    open: Vec<OpenBrace>,
    needless_escapes: Vec<char>,
}

/// A `{` whose `}` was not seen yet.
struct OpenBrace {
    at: usize,
    /// What stood before it.
    before: Vec<Node>,
    /// The alternatives that a comma ended.
    ended: Vec<Vec<Node>>,
    has_dots: bool,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn push(&mut self, atom: Atom, length: usize) {
        self.sequence.push(Node::Atom(atom));
        self.at += length;
    }

    fn step(&mut self, c: char) -> Result<(), Refused> {
        if "?*+@!".contains(c) && self.rest()[1..].starts_with('(') {
            return Err((Refusal::Extglob, group(self.rest())));
        }
        match c {
            '\\' => self.escape()?,
            '*' => self.stars()?,
            '[' => self.bracket()?,
            '{' => self.open_brace()?,
            '}' if !self.open.is_empty() => self.close_brace()?,
            ',' if !self.open.is_empty() => self.comma(),
            '?' => self.push(Atom::AnyChar, 1),
            '/' => self.push(Atom::Slash, 1),
            '.' => self.dot(),
            c => self.push(Atom::Char(c), c.len_utf8()),
        }
        Ok(())
    }

    fn escape(&mut self) -> Result<(), Refused> {
        let Some(escaped) = self.rest().chars().nth(1) else {
            return Err((Refusal::TrailingBackslash, self.rest().to_owned()));
        };
        if escaped.is_ascii_alphanumeric() {
            self.needless_escapes.push(escaped);
        }
        self.push(literal(escaped), 1 + escaped.len_utf8());
        Ok(())
    }

    fn stars(&mut self) -> Result<(), Refused> {
        let run = self.rest().bytes().take_while(|&b| b == b'*').count();
        if self.rest()[run..].starts_with('(') {
            return Err((Refusal::Extglob, group(&self.rest()[run - 1..])));
        }
        let atom = match run {
            1 => Atom::Star,
            2 => Atom::Globstar { deeper: self.follows_starred_segment() },
            _ => return Err((Refusal::GlobstarInSegment, self.segment_here())),
        };
        self.push(atom, run);
        Ok(())
    }

    /// Whether what comes before ends in `*/`, or in `*/**/`.
    fn follows_starred_segment(&self) -> bool {
        let outer = self.open.iter().rev().flat_map(|b| b.before.iter().rev());
        let mut before = self.sequence.iter().rev().chain(outer);
        matches!(before.next(), Some(Node::Atom(Atom::Slash)))
            && matches!(before.next(), Some(Node::Atom(Atom::Star | Atom::Globstar { deeper: true })))
    }

    fn bracket(&mut self) -> Result<(), Refused> {
        let Some(bracket) = class::read(self.rest())? else {
            self.push(Atom::Char('['), 1);
            return Ok(());
        };
        self.needless_escapes.extend(bracket.needless_escapes);
        if bracket.class.crosses_segments() {
            self.sequence.push(across_segments(bracket.class));
            self.at += bracket.length;
        } else {
            self.push(Atom::Class(Arc::new(bracket.class)), bracket.length);
        }
        Ok(())
    }

    fn open_brace(&mut self) -> Result<(), Refused> {
        if self.open.len() == super::MAX_NESTING {
            return Err((Refusal::NestedTooDeep, self.text.to_owned()));
        }
        self.open.push(OpenBrace {
            at: self.at,
            before: std::mem::take(&mut self.sequence),
            ended: Vec::new(),
            has_dots: false,
        });
        self.at += 1;
        Ok(())
    }

    fn comma(&mut self) {
        let ended = std::mem::take(&mut self.sequence);
        if let Some(brace) = self.open.last_mut() {
            brace.ended.push(ended);
        }
        self.at += 1;
    }

    fn close_brace(&mut self) -> Result<(), Refused> {
        self.at += 1;
        let Some(brace) = self.open.pop() else {
            return Ok(());
        };
        if brace.has_dots {
            let mut segments = self.text[brace.at + 1..self.at - 1].split([',', '/']);
            if segments.any(|segment| segment == "..") {
                return Err((Refusal::DotSegment, "..".to_owned()));
            }
            return Err((Refusal::Range, self.text[brace.at..self.at].to_owned()));
        }
        let last = std::mem::replace(&mut self.sequence, brace.before);
        if brace.ended.is_empty() {
            // A brace without a comma is two characters, as in a shell.
            self.sequence.push(Node::Atom(Atom::Char('{')));
            self.sequence.extend(last);
            self.sequence.push(Node::Atom(Atom::Char('}')));
        } else {
            let mut alternatives = brace.ended;
            alternatives.push(last);
            self.sequence.push(Node::Alternatives(alternatives));
        }
        Ok(())
    }

    fn dot(&mut self) {
        if let Some(brace) = self.open.last_mut() {
            brace.has_dots |= self.text[self.at + 1..].starts_with('.');
        }
        self.push(Atom::Char('.'), 1);
    }

    /// Braces that were never closed are characters, unless they look like a list.
    fn close_what_is_open(&mut self) -> Result<(), Refused> {
        while let Some(brace) = self.open.pop() {
            if !brace.ended.is_empty() {
                return Err((Refusal::UnclosedBrace, self.text[brace.at..].to_owned()));
            }
            let after = std::mem::replace(&mut self.sequence, brace.before);
            self.sequence.push(Node::Atom(Atom::Char('{')));
            self.sequence.extend(after);
        }
        Ok(())
    }

    fn segment_here(&self) -> String {
        let start = self.text[..self.at].rfind('/').map_or(0, |slash| slash + 1);
        let segment = &self.text[start..];
        segment.split('/').next().unwrap_or(segment).to_owned()
    }
}

/// An extglob's text, up to the parenthesis that ends it.
fn group(text: &str) -> String {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => return text[..=at].to_owned(),
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    text.to_owned()
}

/// `a[/]b`: a slash ends a segment, so it becomes an alternative of its own.
fn across_segments(class: Class) -> Node {
    let own_text = class.verbatim().map(|text| text.chars().map(literal).map(Node::Atom).collect());
    let mut alternatives =
        vec![vec![Node::Atom(Atom::Class(Arc::new(class)))], vec![Node::Atom(Atom::Slash)]];
    alternatives.extend(own_text);
    Node::Alternatives(alternatives)
}

fn literal(c: char) -> Atom {
    if c == '/' { Atom::Slash } else { Atom::Char(c) }
}

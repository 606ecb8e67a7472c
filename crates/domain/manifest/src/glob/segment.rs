//! Matching one segment of a path: what stands between two slashes.

use std::mem;
use std::sync::Arc;

use bstr::ByteSlice;

use super::class::Class;
use super::node::Atom;

/// One segment of a pattern, compiled.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Segment {
    /// Only this.
    Literal(Box<[u8]>),
    /// Anything of a certain shape.
    Wild(Wild),
    /// `**`: any number of segments, none included.
    AnyDepth,
}

/// A segment with wildcards: literal ends, which decide nearly every question, around a program.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Wild {
    prefix: Box<[u8]>,
    suffix: Box<[u8]>,
    /// `None` for a single `*`.
    middle: Option<Program>,
}

impl Segment {
    /// Compiles the atoms of a segment.
    pub(crate) fn new(atoms: &[Atom]) -> Self {
        if matches!(atoms, [Atom::Globstar { .. }]) {
            return Self::AnyDepth;
        }
        let is_literal = |atom: &&Atom| matches!(atom, Atom::Char(_));
        let before = atoms.iter().take_while(is_literal).count();
        if before == atoms.len() {
            return Self::Literal(bytes(atoms));
        }
        let after = atoms.iter().rev().take_while(is_literal).count();
        let middle = &atoms[before..atoms.len() - after];
        Self::Wild(Wild {
            prefix: bytes(&atoms[..before]),
            suffix: bytes(&atoms[atoms.len() - after..]),
            middle: (!matches!(middle, [Atom::Star])).then(|| Program::new(middle)),
        })
    }
}

fn bytes(atoms: &[Atom]) -> Box<[u8]> {
    let mut text = String::with_capacity(atoms.len());
    text.extend(atoms.iter().filter_map(|atom| match atom {
        Atom::Char(c) => Some(*c),
        _ => None,
    }));
    text.into_bytes().into()
}

impl Wild {
    /// What every match starts with.
    pub(crate) fn prefix(&self) -> &[u8] {
        &self.prefix
    }

    /// What every match ends with.
    pub(crate) fn suffix(&self) -> &[u8] {
        &self.suffix
    }

    /// Whether `segment` has this shape; an empty segment never has.
    pub(crate) fn matches(&self, segment: &[u8]) -> bool {
        if segment.is_empty() {
            return false;
        }
        let middle = segment.strip_prefix(&*self.prefix).and_then(|rest| rest.strip_suffix(&*self.suffix));
        match (middle, &self.middle) {
            (Some(_), None) => true,
            (Some(middle), Some(program)) => program.matches(middle),
            (None, _) => false,
        }
    }
}

/// A small automaton. It is in several states at once, so its time is bounded by
/// the product of both lengths whatever the pattern is.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Program(Vec<Step>);

#[derive(Clone, Debug, Eq, PartialEq)]
enum Step {
    Char(char),
    AnyChar,
    Class(Arc<Class>),
    /// Any number of characters.
    Star,
    /// Goes on with the next step and with that one.
    Split(usize),
    /// Goes on with that step.
    Jump(usize),
}

impl Program {
    fn new(atoms: &[Atom]) -> Self {
        let mut steps = Vec::new();
        for atom in atoms {
            match atom {
                Atom::Char(c) => steps.push(Step::Char(*c)),
                Atom::AnyChar => steps.push(Step::AnyChar),
                // Neither a slash nor `**` is ever inside a segment.
                Atom::Star | Atom::Globstar { .. } | Atom::Slash => steps.push(Step::Star),
                Atom::Class(class) => push_class(&mut steps, class),
            }
        }
        Self(steps)
    }

    fn matches(&self, text: &[u8]) -> bool {
        let end = self.0.len();
        let mut now = vec![false; end + 1];
        let mut next = now.clone();
        self.enter(0, &mut now);
        for (start, after, c) in text.char_indices() {
            let valid = c != char::REPLACEMENT_CHARACTER || after - start == c.len_utf8();
            let c = valid.then_some(c);
            next.fill(false);
            for at in (0..end).filter(|&at| now[at]) {
                match &self.0[at] {
                    Step::Star => self.enter(at, &mut next),
                    step if step.takes(c) => self.enter(at + 1, &mut next),
                    _ => {}
                }
            }
            mem::swap(&mut now, &mut next);
        }
        now[end]
    }

    /// Adds the state `at` and those that are reached from it without a character.
    fn enter(&self, at: usize, states: &mut [bool]) {
        let mut to_enter = vec![at];
        while let Some(at) = to_enter.pop() {
            if mem::replace(&mut states[at], true) {
                continue;
            }
            match self.0.get(at) {
                Some(Step::Star) => to_enter.push(at + 1),
                Some(Step::Split(other)) => to_enter.extend([at + 1, *other]),
                Some(Step::Jump(other)) => to_enter.push(*other),
                _ => {}
            }
        }
    }
}

/// One of the characters, or the text of the expression itself where that counts.
fn push_class(steps: &mut Vec<Step>, class: &Arc<Class>) {
    let one = Step::Class(Arc::clone(class));
    let Some(text) = class.verbatim() else {
        steps.push(one);
        return;
    };
    let start = steps.len();
    let end = start + 3 + text.chars().count();
    steps.extend([Step::Split(start + 3), one, Step::Jump(end)]);
    steps.extend(text.chars().map(Step::Char));
}

impl Step {
    /// Whether it consumes `c`; `None` is a byte sequence that is not UTF-8.
    fn takes(&self, c: Option<char>) -> bool {
        match self {
            Self::Char(wanted) => c == Some(*wanted),
            Self::AnyChar => true,
            Self::Class(class) => class.contains(c),
            Self::Star | Self::Split(_) | Self::Jump(_) => false,
        }
    }
}

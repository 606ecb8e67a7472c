//! Nodes -> alternatives without braces, each a list of segments.

use super::class::Class;
use super::parse::{Node, Refused};
use super::refusal::Refusal;

/// What a segment of an alternative is made of; no slashes, no braces.
#[derive(Clone, Debug)]
pub(crate) enum Atom {
    Char(char),
    AnyChar,
    Star,
    Globstar { deeper: bool },
    Class(Class),
}

/// One of the plain patterns that a pattern with braces stands for.
pub(crate) type Alternative = Vec<Vec<Atom>>;

/// All alternatives of `nodes`, at most [`super::MAX_ALTERNATIVES`] and each of them judged.
pub(crate) fn expand(text: &str, nodes: &[Node]) -> Result<Vec<Alternative>, Refused> {
    let extent = Extent::of(nodes);
    if extent.alternatives > super::MAX_ALTERNATIVES || extent.atoms > super::MAX_ATOMS {
        return Err((Refusal::TooManyAlternatives, text.to_owned()));
    }
    let mut alternatives = Vec::new();
    for flat in flatten(nodes) {
        let segments = split(flat);
        if !matches!(&segments[..], [only] if only.is_empty()) {
            judge(&segments)?;
            alternatives.push(segments);
        }
    }
    if alternatives.is_empty() {
        return Err((Refusal::Empty, text.to_owned()));
    }
    Ok(alternatives)
}

/// How large an expansion will be; saturates, so that nothing has to be built to refuse it.
#[derive(Clone, Copy)]
struct Extent {
    alternatives: usize,
    /// In all alternatives together.
    atoms: usize,
}

impl Extent {
    const NOTHING: Self = Self { alternatives: 1, atoms: 0 };
    const ATOM: Self = Self { alternatives: 1, atoms: 1 };

    fn of(nodes: &[Node]) -> Self {
        nodes.iter().fold(Self::NOTHING, |before, node| {
            before.followed_by(match node {
                Node::Alternatives(alternatives) => Self::of_any(alternatives),
                _ => Self::ATOM,
            })
        })
    }

    fn of_any(alternatives: &[Vec<Node>]) -> Self {
        let extents = alternatives.iter().map(|nodes| Self::of(nodes));
        extents
            .reduce(|one, other| Self {
                alternatives: one.alternatives.saturating_add(other.alternatives),
                atoms: one.atoms.saturating_add(other.atoms),
            })
            .unwrap_or(Self::NOTHING)
    }

    fn followed_by(self, next: Self) -> Self {
        let mine = self.atoms.saturating_mul(next.alternatives);
        let its = next.atoms.saturating_mul(self.alternatives);
        Self {
            alternatives: self.alternatives.saturating_mul(next.alternatives),
            atoms: mine.saturating_add(its),
        }
    }
}

/// An atom, or `None` for a slash.
type Flat = Vec<Option<Atom>>;

fn flatten(nodes: &[Node]) -> Vec<Flat> {
    let mut heads: Vec<Flat> = vec![Vec::new()];
    for node in nodes {
        let Node::Alternatives(alternatives) = node else {
            for head in &mut heads {
                head.push(atom(node));
            }
            continue;
        };
        let tails: Vec<Flat> = alternatives.iter().flat_map(|nodes| flatten(nodes)).collect();
        heads =
            heads.iter().flat_map(|head| tails.iter().map(|tail| [&head[..], &tail[..]].concat())).collect();
    }
    heads
}

fn atom(node: &Node) -> Option<Atom> {
    match node {
        Node::Char(c) => Some(Atom::Char(*c)),
        Node::AnyChar => Some(Atom::AnyChar),
        Node::Star => Some(Atom::Star),
        Node::Globstar { deeper } => Some(Atom::Globstar { deeper: *deeper }),
        Node::Class(class) => Some(Atom::Class(class.clone())),
        Node::Slash | Node::Alternatives(_) => None,
    }
}

fn split(flat: Flat) -> Alternative {
    let mut segments = vec![Vec::new()];
    for atom in flat {
        match (atom, segments.last_mut()) {
            (Some(atom), Some(segment)) => segment.push(atom),
            _ => segments.push(Vec::new()),
        }
    }
    segments
}

/// Refuses what no path of a repository looks like, and `**` within a segment.
fn judge(segments: &Alternative) -> Result<(), Refused> {
    let last = segments.len() - 1;
    for (index, segment) in segments.iter().enumerate() {
        let refusal = match &segment[..] {
            [] if index == 0 => Some(Refusal::Absolute),
            [] if index < last => Some(Refusal::EmptySegment),
            [Atom::Char('.')] | [Atom::Char('.'), Atom::Char('.')] => Some(Refusal::DotSegment),
            [Atom::Globstar { .. }] => None,
            atoms if atoms.iter().any(|a| matches!(a, Atom::Globstar { .. })) => {
                Some(Refusal::GlobstarInSegment)
            }
            _ => None,
        };
        if let Some(refusal) = refusal {
            return Err((refusal, offending(refusal, segments, index)));
        }
    }
    Ok(())
}

/// The segment at fault, or enough around it where it is an empty one.
fn offending(refusal: Refusal, segments: &Alternative, index: usize) -> String {
    match refusal {
        Refusal::Absolute => format!("/{}", render(&segments[1])),
        Refusal::EmptySegment => {
            format!("{}//{}", render(&segments[index - 1]), render(&segments[index + 1]))
        }
        _ => render(&segments[index]),
    }
}

/// A segment as text that a person recognizes.
pub(crate) fn render(segment: &[Atom]) -> String {
    segment
        .iter()
        .map(|atom| match atom {
            Atom::Char(c) => c.to_string(),
            Atom::AnyChar => "?".to_owned(),
            Atom::Star => "*".to_owned(),
            Atom::Globstar { .. } => "**".to_owned(),
            Atom::Class(class) => class.text().to_owned(),
        })
        .collect()
}

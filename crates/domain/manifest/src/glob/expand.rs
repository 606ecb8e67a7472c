//! Nodes -> alternatives without braces, each a list of segments.

use super::node::{Atom, Node};
use super::refusal::{Refusal, Refused};

/// One of the plain patterns that a pattern with braces stands for.
pub(crate) type Alternative = Vec<Atom>;

/// The segments of an alternative, which are parted by slashes.
pub(crate) fn segments(alternative: &[Atom]) -> impl Iterator<Item = &[Atom]> {
    alternative.split(|atom| matches!(atom, Atom::Slash))
}

/// All alternatives of `nodes`, at most [`super::MAX_ALTERNATIVES`] and each of them judged.
pub(crate) fn expand(text: &str, nodes: Vec<Node>) -> Result<Vec<Alternative>, Refused> {
    let extent = Extent::of(&nodes);
    if extent.alternatives > super::MAX_ALTERNATIVES || extent.atoms > super::MAX_ATOMS {
        return Err((Refusal::TooManyAlternatives, text.to_owned()));
    }
    let mut alternatives = flatten(&nodes);
    alternatives.retain(|alternative| !alternative.is_empty());
    if alternatives.is_empty() {
        return Err((Refusal::Empty, text.to_owned()));
    }
    alternatives.iter().try_for_each(|alternative| judge(alternative))?;
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

fn flatten(nodes: &[Node]) -> Vec<Alternative> {
    let mut heads = vec![Vec::with_capacity(nodes.len())];
    for node in nodes {
        match node {
            Node::Atom(atom) => heads.iter_mut().for_each(|head| head.push(atom.clone())),
            Node::Alternatives(alternatives) => {
                let tails: Vec<Alternative> = alternatives.iter().flat_map(|nodes| flatten(nodes)).collect();
                let with_each_tail = |head: &Alternative| {
                    tails.iter().map(|tail| [&head[..], &tail[..]].concat()).collect::<Vec<_>>()
                };
                heads = heads.iter().flat_map(with_each_tail).collect();
            }
        }
    }
    heads
}

/// Refuses what no path of a repository looks like, and `**` within a segment.
fn judge(alternative: &[Atom]) -> Result<(), Refused> {
    let segments: Vec<&[Atom]> = segments(alternative).collect();
    let last = segments.len() - 1;
    for (index, segment) in segments.iter().enumerate() {
        let refusal = match segment {
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
            return Err((refusal, offending(refusal, &segments, index)));
        }
    }
    Ok(())
}

/// The segment at fault, or enough around it where it is an empty one.
fn offending(refusal: Refusal, segments: &[&[Atom]], index: usize) -> String {
    match refusal {
        Refusal::Absolute => format!("/{}", render(segments[1])),
        Refusal::EmptySegment => {
            format!("{}//{}", render(segments[index - 1]), render(segments[index + 1]))
        }
        _ => render(segments[index]),
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
            Atom::Slash => "/".to_owned(),
            Atom::Class(class) => class.text().to_owned(),
        })
        .collect()
}

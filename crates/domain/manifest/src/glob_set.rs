//! Many patterns at once, in one pass over a path.

mod wilds;

use std::collections::HashMap;

use crate::glob::{Glob, Segment};
use wilds::Wilds;

/// A set of patterns, merged into a tree by their segments.
///
/// A path walks down it one segment at a time, in several places at once, so
/// patterns that begin alike cost as much as one, and those that begin unlike
/// the path cost nothing.
#[derive(Debug)]
pub struct GlobSet {
    nodes: Vec<Node>,
    globs: usize,
}

/// Where a walk can stand after some segments.
#[derive(Debug, Default)]
struct Node {
    literals: HashMap<Box<[u8]>, usize>,
    wilds: Wilds,
    /// The node of a `**` that follows here.
    any_depth: Option<usize>,
    /// Whether this is the node of a `**`: any segment leads back to it.
    stays: bool,
    /// The patterns that end here.
    ends: Vec<usize>,
}

impl Default for GlobSet {
    /// The set that matches nothing.
    fn default() -> Self {
        Self { nodes: vec![Node::default()], globs: 0 }
    }
}

impl GlobSet {
    /// A set of `globs`; each is known by its place among them.
    #[must_use]
    pub fn new<'a>(globs: impl IntoIterator<Item = &'a Glob>) -> Self {
        let mut set = Self::default();
        for glob in globs {
            set.add(glob);
        }
        set
    }

    /// Adds a pattern, which is known by how many were added before it.
    pub fn add(&mut self, glob: &Glob) {
        for segments in glob.alternatives() {
            self.insert(segments);
        }
        self.globs += 1;
    }

    /// A matcher, which keeps its buffers between paths.
    #[must_use]
    pub fn matcher(&self) -> Matcher<'_> {
        Matcher {
            set: self,
            depths: vec![self.start()],
            previous: Vec::new(),
            seen: vec![0; self.nodes.len()],
            visit: 0,
            found: Vec::new(),
        }
    }

    fn insert(&mut self, segments: &[Segment]) {
        let end = segments.iter().fold(0, |at, segment| self.child(at, segment));
        let ends = &mut self.nodes[end].ends;
        if ends.last() != Some(&self.globs) {
            ends.push(self.globs);
        }
    }

    /// The node that `segment` leads to from `at`, made if there is none.
    fn child(&mut self, at: usize, segment: &Segment) -> usize {
        let next = self.nodes.len();
        let node = &mut self.nodes[at];
        let child = match segment {
            Segment::Literal(name) => *node.literals.entry(name.clone()).or_insert(next),
            Segment::AnyDepth if node.stays => at,
            Segment::AnyDepth => *node.any_depth.get_or_insert(next),
            Segment::Wild(wild) => node.wilds.child(wild, next),
        };
        if child == next {
            self.nodes.push(Node { stays: matches!(segment, Segment::AnyDepth), ..Node::default() });
        }
        child
    }

    /// Where a walk stands before the first segment.
    fn start(&self) -> Vec<usize> {
        let mut start = vec![0];
        start.extend(self.nodes[0].any_depth);
        start
    }
}

/// Matches one path after the other.
///
/// Paths that share leading directories with the one before, as in a sorted
/// list, are matched from where they part.
#[derive(Debug)]
pub struct Matcher<'a> {
    set: &'a GlobSet,
    /// The nodes after 0, 1, 2, .. segments of the previous path.
    depths: Vec<Vec<usize>>,
    previous: Vec<u8>,
    /// The last visit to each node, so that none is entered twice in one.
    seen: Vec<u64>,
    visit: u64,
    found: Vec<usize>,
}

impl Matcher<'_> {
    /// The places of the patterns that match `path`, ascending, each once.
    ///
    /// `path` has its segments parted by `/` and starts at the top of the
    /// repository, as git prints it.
    pub fn matches(&mut self, path: &[u8]) -> &[usize] {
        let (shared, parted) = common_segments(&self.previous, path);
        let mut depth = shared;
        for segment in path[parted..].split(|&byte| byte == b'/') {
            self.step(depth, segment);
            depth += 1;
        }
        self.previous.clear();
        self.previous.extend_from_slice(path);
        self.collect(depth)
    }

    /// Fills the nodes after `depth` segments and one more, `segment`.
    fn step(&mut self, depth: usize, segment: &[u8]) {
        self.visit += 1;
        if self.depths.len() < depth + 2 {
            self.depths.push(Vec::new());
        }
        let (before, after) = self.depths.split_at_mut(depth + 1);
        let next = &mut after[0];
        next.clear();
        let mut entry = Entry { nodes: &self.set.nodes, seen: &mut self.seen, visit: self.visit, into: next };
        for &at in &before[depth] {
            let node = &self.set.nodes[at];
            if node.stays {
                entry.enter(at);
            }
            if let Some(&child) = node.literals.get(segment) {
                entry.enter(child);
            }
            node.wilds.for_each_match(segment, |child| entry.enter(child));
        }
    }

    fn collect(&mut self, depth: usize) -> &[usize] {
        self.found.clear();
        for &at in &self.depths[depth] {
            self.found.extend_from_slice(&self.set.nodes[at].ends);
        }
        self.found.sort_unstable();
        self.found.dedup();
        &self.found
    }
}

/// Nodes being entered after a segment.
struct Entry<'a> {
    nodes: &'a [Node],
    seen: &'a mut [u64],
    visit: u64,
    into: &'a mut Vec<usize>,
}

impl Entry<'_> {
    /// Enters `at`, and the `**` that may follow it, as that also stands for nothing.
    fn enter(&mut self, at: usize) {
        for node in [Some(at), self.nodes[at].any_depth].into_iter().flatten() {
            if self.seen[node] != self.visit {
                self.seen[node] = self.visit;
                self.into.push(node);
            }
        }
    }
}

/// How many leading directories two paths share, and how many bytes these are with their slashes.
fn common_segments(one: &[u8], other: &[u8]) -> (usize, usize) {
    let mut segments = 0;
    let mut bytes = 0;
    for (index, (a, b)) in one.iter().zip(other).enumerate() {
        if a != b {
            break;
        }
        if *a == b'/' {
            segments += 1;
            bytes = index + 1;
        }
    }
    (segments, bytes)
}

//! The directories of the tree, and what is in those under the roots.

use std::collections::HashSet;

use bstr::{BStr, BString, ByteSlice as _};
use git::Kind;
use manifest::Matcher;

use super::{Fate, Pattern};

/// How many paths are kept to be shown.
const FIRST: usize = 3;

/// A directory that a root matches.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    pub(crate) path: BString,
    /// The roots that match it.
    pub(crate) roots: Vec<usize>,
    /// How many files are in it, at any depth.
    pub(crate) files: usize,
    /// How many of them belong to a target.
    pub(crate) deployed: usize,
    /// How many a pattern with a `!` takes away, and the first such pattern.
    pub(crate) taken: usize,
    pub(crate) taken_by: Option<Pattern>,
    /// How many no pattern says anything about, and the first of them.
    pub(crate) unmentioned: usize,
    pub(crate) first: Vec<BString>,
}

/// All directories, found as paths go by.
#[derive(Debug)]
pub(super) struct Directories<'c> {
    matcher: Matcher<'c>,
    pub(super) all: HashSet<BString>,
    pub(super) under_roots: Vec<Directory>,
    /// The directories of the last path: where each ends in it, and its place in `under_roots`.
    open: Vec<(usize, Option<usize>)>,
    last: BString,
}

impl<'c> Directories<'c> {
    pub(super) fn new(matcher: Matcher<'c>) -> Self {
        let (all, under_roots, open) = (HashSet::new(), Vec::new(), Vec::new());
        Self { matcher, all, under_roots, open, last: BString::default() }
    }

    pub(super) fn add(&mut self, path: &BStr, kind: Kind, fate: Fate) {
        self.leave(path);
        let known = self.open.last().map_or(0, |(end, _)| end + 1);
        let ends: Vec<usize> = path[known..].find_iter("/").map(|slash| known + slash).collect();
        for end in ends {
            self.all.insert(path[..end].into());
            self.enter(path[..end].as_bstr(), end);
        }
        // A submodule is a directory without any file of this repository.
        if kind == Kind::Directory {
            self.enter(path, path.len());
        }
        for &(_, place) in &self.open {
            if let Some(directory) = place.and_then(|place| self.under_roots.get_mut(place)) {
                directory.count(path, fate);
            }
        }
        self.last.clear();
        self.last.extend_from_slice(path);
    }

    /// Closes the directories that the path is not in. Git's order keeps what is in one together.
    fn leave(&mut self, path: &BStr) {
        let shared = path.iter().zip(self.last.iter()).take_while(|(one, other)| one == other).count();
        self.open.retain(|(end, _)| *end < shared);
    }

    fn enter(&mut self, directory: &BStr, end: usize) {
        let roots = self.matcher.matches(directory).to_vec();
        let place = (!roots.is_empty()).then_some(self.under_roots.len());
        if place.is_some() {
            self.under_roots.push(Directory::new(directory, roots));
        }
        self.open.push((end, place));
    }
}

impl Directory {
    fn new(path: &BStr, roots: Vec<usize>) -> Self {
        Self {
            path: path.to_owned(),
            roots,
            files: 0,
            deployed: 0,
            taken: 0,
            taken_by: None,
            unmentioned: 0,
            first: Vec::new(),
        }
    }

    fn count(&mut self, path: &BStr, fate: Fate) {
        self.files += 1;
        match fate {
            Fate::Deployed => self.deployed += 1,
            Fate::Mentioned => {}
            Fate::Taken(pattern) => {
                self.taken += 1;
                self.taken_by.get_or_insert(pattern);
            }
            Fate::Unmentioned => {
                self.unmentioned += 1;
                if self.first.len() < FIRST {
                    self.first.push(path.to_owned());
                }
            }
        }
    }
}

//! What the manifest makes of every path that git tracks, in one pass.

mod directories;

use std::collections::HashSet;

use bstr::{BStr, BString};
use git::Kind;
use manifest::{Classifier, GlobSet, Matcher, Owners, Ownership};

use crate::lists::List;
use crate::roots::Roots;
use directories::Directories;
pub(crate) use directories::Directory;

/// All patterns, compiled.
#[derive(Debug)]
pub(crate) struct Compiled<'m> {
    pub(crate) owners: Owners,
    lists: &'m [List<'m>],
    globs: GlobSet,
    /// What each glob of the set is.
    roles: Vec<Role>,
    roots: GlobSet,
}

/// A pattern by the places of its list and of its entry.
pub(crate) type Pattern = (usize, usize);

#[derive(Clone, Copy, Debug)]
struct Role {
    pattern: Pattern,
    negative: bool,
    /// Whether the brackets of the pattern are read as characters.
    verbatim: bool,
}

/// How often a pattern counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Uses {
    /// How many paths it matches.
    pub(crate) matched: usize,
    /// How many of them it brings in, if it is positive; how many it takes away, if it is negative.
    pub(crate) effective: usize,
    /// The first path that it matches if its brackets are a name.
    pub(crate) verbatim: Option<BString>,
}

/// The paths that are fed to it, and what came of them.
#[derive(Debug)]
pub(crate) struct Survey<'c> {
    compiled: &'c Compiled<'c>,
    classifier: Classifier<'c>,
    matcher: Matcher<'c>,
    directories: Directories<'c>,
    /// For each list, then entry.
    pub(crate) uses: Vec<Vec<Uses>>,
    /// How many paths there are.
    pub(crate) paths: usize,
    /// Room for one path's lists.
    brought: Vec<bool>,
    taken: Vec<Option<Pattern>>,
}

impl<'m> Compiled<'m> {
    pub(crate) fn new(owners: Owners, lists: &'m [List<'m>], roots: &Roots) -> Self {
        let (mut globs, mut roles) = (GlobSet::default(), Vec::new());
        for (list, entries) in lists.iter().enumerate().map(|(place, list)| (place, list.entries)) {
            for (place, entry) in entries.iter().enumerate() {
                let role = Role { pattern: (list, place), negative: entry.negative, verbatim: false };
                globs.add(&entry.glob);
                roles.push(role);
                if let Some(verbatim) = entry.glob.with_verbatim_brackets() {
                    globs.add(&verbatim);
                    roles.push(Role { verbatim: true, ..role });
                }
            }
        }
        Self { owners, lists, globs, roles, roots: GlobSet::new(&roots.globs) }
    }

    pub(crate) fn survey(&self) -> Survey<'_> {
        let uses = self.lists.iter().map(|list| vec![Uses::default(); list.entries.len()]).collect();
        Survey {
            compiled: self,
            classifier: self.owners.classifier(),
            matcher: self.globs.matcher(),
            directories: Directories::new(self.roots.matcher()),
            uses,
            paths: 0,
            brought: vec![false; self.lists.len()],
            taken: vec![None; self.lists.len()],
        }
    }
}

impl Survey<'_> {
    /// Adds one tracked path; they come in git's order.
    pub(crate) fn add(&mut self, path: &BStr, kind: Kind) {
        self.paths += 1;
        let matches = self.matcher.matches(path);
        self.brought.fill(false);
        self.taken.fill(None);
        for role in matches.iter().map(|&glob| self.compiled.roles[glob]).filter(|role| !role.verbatim) {
            let (list, _) = role.pattern;
            match role.negative {
                true => self.taken[list] = self.taken[list].or(Some(role.pattern)),
                false => self.brought[list] = true,
            }
        }
        for role in matches.iter().map(|&glob| self.compiled.roles[glob]) {
            let (list, entry) = role.pattern;
            let uses = &mut self.uses[list][entry];
            if role.verbatim {
                uses.verbatim.get_or_insert_with(|| path.to_owned());
                continue;
            }
            let counts = if role.negative { self.brought[list] } else { self.taken[list].is_none() };
            uses.matched += 1;
            uses.effective += usize::from(counts);
        }
        let taken =
            self.taken.iter().zip(&self.brought).find_map(|(taken, brought)| taken.filter(|_| *brought));
        let fate = match self.classifier.classify(path) {
            Ownership::Targets(_) => Fate::Deployed,
            Ownership::Everything | Ownership::NonDeployed => Fate::Mentioned,
            Ownership::Unowned => taken.map_or(Fate::Unmentioned, Fate::Taken),
        };
        self.directories.add(path, kind, fate);
    }

    /// The directories under the roots, in git's order.
    pub(crate) fn under_roots(&self) -> &[Directory] {
        &self.directories.under_roots
    }

    /// Whether something is tracked in this directory.
    pub(crate) fn has_directory(&self, path: &BStr) -> bool {
        self.directories.all.contains(path)
    }

    /// Every directory in which something is tracked.
    pub(crate) fn all_directories(&self) -> &HashSet<BString> {
        &self.directories.all
    }

    /// How many directories each root matches.
    pub(crate) fn of_root(&self, root: usize) -> usize {
        self.directories.under_roots.iter().filter(|directory| directory.roots.contains(&root)).count()
    }
}

/// What becomes of a path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    /// It belongs to a target.
    Deployed,
    /// It is in `everything` or `non_deployed`.
    Mentioned,
    /// A pattern of some list brings it in, and this one takes it away again.
    Taken(Pattern),
    /// No pattern says anything about it.
    Unmentioned,
}

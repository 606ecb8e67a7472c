//! Who owns a path.

use bstr::{BStr, BString};

use crate::glob_set::{GlobSet, Matcher};
use crate::manifest::Manifest;
use crate::pattern_list::Entry;
use crate::warnings::{Warning, bracket_is_name};

/// Who owns a path; earlier wins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ownership<'a> {
    /// It affects every target: a path under `everything`, or the manifest itself.
    Everything,
    /// It belongs to these targets, given by their places in the manifest.
    Targets(&'a [usize]),
    /// It is known to affect no target.
    NonDeployed,
    /// The manifest does not mention it.
    Unowned,
}

/// All patterns of a manifest, compiled into one set.
#[derive(Debug)]
pub struct Owners {
    set: GlobSet,
    /// What each glob of the set is for.
    roles: Vec<Role>,
    /// Patterns with a bracket expression behind a wildcard, after the names of their lists.
    doubts: Vec<(String, String)>,
    targets: usize,
    manifest_path: Option<BString>,
}

/// What it means when a glob matches.
#[derive(Debug)]
enum Role {
    /// The path belongs to the list at that place, unless a negative glob matches.
    Positive(usize),
    /// The path does not belong to it.
    Negative(usize),
    /// The path has the bracket expression of a pattern as a name; the place in `doubts`.
    Bracket(usize),
}

impl Owners {
    /// Compiles a manifest. `manifest_path` is its own path in the repository,
    /// which affects every target, if it has one.
    #[must_use]
    pub fn new(manifest: &Manifest, manifest_path: Option<&BStr>) -> Self {
        let mut owners = Self {
            set: GlobSet::default(),
            roles: Vec::new(),
            doubts: Vec::new(),
            targets: manifest.targets.len(),
            manifest_path: manifest_path.map(BStr::to_owned),
        };
        for (place, (name, list)) in manifest.lists().enumerate() {
            for entry in list.entries() {
                owners.add(place, &name, entry);
            }
        }
        owners
    }

    fn add(&mut self, place: usize, list: &str, entry: &Entry) {
        self.set.add(&entry.glob);
        self.roles.push(if entry.negative { Role::Negative(place) } else { Role::Positive(place) });
        // Where no wildcard comes first, the tree is asked instead.
        if entry.glob.bracket_paths().next().is_none()
            && let Some(verbatim) = entry.glob.with_verbatim_brackets()
        {
            self.set.add(&verbatim);
            self.roles.push(Role::Bracket(self.doubts.len()));
            self.doubts.push((list.to_owned(), entry.glob.text().to_owned()));
        }
    }

    /// The warning about a pattern that [`Classifier::doubts`] named.
    pub(crate) fn warning(&self, doubt: usize, path: &BStr) -> Option<Warning> {
        let (list, pattern) = self.doubts.get(doubt)?;
        Some(bracket_is_name(list, pattern, path))
    }

    /// A classifier, which keeps its buffers between paths.
    #[must_use]
    pub fn classifier(&self) -> Classifier<'_> {
        Classifier {
            owners: self,
            matcher: self.set.matcher(),
            verdicts: vec![Verdict::default(); self.targets + 2],
            path: 0,
            affected: Vec::new(),
            doubts: Vec::new(),
        }
    }
}

/// Which path, counted from 1, a list's globs last matched.
#[derive(Clone, Copy, Debug, Default)]
struct Verdict {
    positive: usize,
    negative: usize,
}

impl Verdict {
    fn holds(self, path: usize) -> bool {
        self.positive == path && self.negative != path
    }
}

/// Classifies one path after the other; sorted paths are cheapest.
#[derive(Debug)]
pub struct Classifier<'o> {
    owners: &'o Owners,
    matcher: Matcher<'o>,
    /// One for each target, then `everything`, then `non_deployed`.
    verdicts: Vec<Verdict>,
    /// How many paths there were.
    path: usize,
    affected: Vec<usize>,
    doubts: Vec<usize>,
}

impl Classifier<'_> {
    /// Who owns `path`, which is given as git prints it: from the top, with slashes.
    pub fn classify(&mut self, path: &BStr) -> Ownership<'_> {
        self.judge(path);
        let targets = self.owners.targets;
        let (everything, non_deployed) = (self.verdicts[targets], self.verdicts[targets + 1]);
        let is_manifest = self.owners.manifest_path.as_ref().is_some_and(|own| own == path);
        if is_manifest || everything.holds(self.path) {
            return Ownership::Everything;
        }
        let current = self.path;
        self.affected.retain(|&place| self.verdicts[place].holds(current));
        if !self.affected.is_empty() {
            return Ownership::Targets(&self.affected);
        }
        if non_deployed.holds(self.path) {
            return Ownership::NonDeployed;
        }
        Ownership::Unowned
    }

    /// The patterns whose bracket expression is a name in the path that was classified last.
    pub(crate) fn doubts(&self) -> &[usize] {
        &self.doubts
    }

    /// Writes down for each list what its globs say of `path`.
    fn judge(&mut self, path: &BStr) {
        self.path += 1;
        self.affected.clear();
        self.doubts.clear();
        for &glob in self.matcher.matches(path) {
            match &self.owners.roles[glob] {
                Role::Bracket(doubt) => self.doubts.push(*doubt),
                Role::Negative(place) => self.verdicts[*place].negative = self.path,
                Role::Positive(place) => {
                    let verdict = &mut self.verdicts[*place];
                    if verdict.positive != self.path && *place < self.owners.targets {
                        self.affected.push(*place);
                    }
                    verdict.positive = self.path;
                }
            }
        }
    }
}

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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use manifest::Manifest;
    use proptest::prelude::*;

    use super::*;

    const MANIFEST: &str = "\
version: 1
targets:
  one: { paths: ['a/**', '**/b', '!a/-/**'] }
  two: { paths: ['*/a/*', 'b-/**', '!b-/b', '!**/a-'] }
everything: ['**/-']
non_deployed: ['b/**', '!b/a/**']
roots: ['*', '*/*', 'a']
";

    /// Paths of which none is the directory of another, in git's order; names sort before and after the slash.
    fn trees() -> impl Strategy<Value = BTreeSet<String>> {
        let name = prop::sample::select(vec!["a", "b", "-", "a-", "b-"]);
        let path = prop::collection::vec(name, 1..5).prop_map(|names| names.join("/"));
        prop::collection::btree_set(path, 0..40).prop_map(|paths| {
            let is_directory =
                |path: &String| paths.iter().any(|other| other.starts_with(&format!("{path}/")));
            paths.iter().filter(|path| !is_directory(path)).cloned().collect()
        })
    }

    proptest! {
        /// One pass over the tree finds what looking at each directory and each pattern by itself finds.
        #[test]
        fn one_pass_is_as_good_as_many(tree in trees()) {
            let manifest = Manifest::parse("m", MANIFEST.as_bytes()).unwrap();
            let (lists, roots) = (List::all(&manifest), Roots::of(&manifest).unwrap());
            let compiled = Compiled::new(Owners::new(&manifest, None), &lists, &roots);
            let mut survey = compiled.survey();
            tree.iter().for_each(|path| survey.add(BStr::new(path), Kind::File));

            let parents = tree.iter().flat_map(|path| path.match_indices('/').map(|(at, _)| path[..at].to_owned()));
            let all: BTreeSet<String> = parents.collect();
            let known: BTreeSet<String> = survey.all_directories().iter().map(ToString::to_string).collect();
            prop_assert_eq!(&known, &all);
            let wanted: Vec<String> = all.iter().filter(|path| path.matches('/').count() < 2).cloned().collect();
            let mut found: Vec<String> = survey.under_roots().iter().map(|one| one.path.to_string()).collect();
            found.sort_unstable();
            prop_assert_eq!(found, wanted);
            for directory in survey.under_roots() {
                let inside = format!("{}/", directory.path);
                let mut counts = [0; 4];
                for path in tree.iter().filter(|path| path.starts_with(&inside)) {
                    counts[0] += 1;
                    counts[match owner(&manifest, path) {
                        "target" => 1,
                        "taken" => 2,
                        "nobody" => 3,
                        _ => continue,
                    }] += 1;
                }
                let Directory { files, deployed, taken, unmentioned, .. } = *directory;
                prop_assert_eq!([files, deployed, taken, unmentioned], counts, "{}", directory.path);
            }
            for (list, uses) in lists.iter().zip(&survey.uses) {
                for (entry, uses) in list.entries.iter().zip(uses) {
                    let matched = tree.iter().filter(|path| is_match(&entry.glob, path));
                    let effective = |path: &&String| match entry.negative {
                        true => list.entries.iter().any(|other| !other.negative && is_match(&other.glob, path)),
                        false => !list.entries.iter().any(|other| other.negative && is_match(&other.glob, path)),
                    };
                    prop_assert_eq!(uses.matched, matched.clone().count());
                    prop_assert_eq!(uses.effective, matched.filter(effective).count());
                }
            }
        }
    }

    fn is_match(glob: &manifest::Glob, path: &str) -> bool {
        !GlobSet::new([glob]).matcher().matches(path.as_bytes()).is_empty()
    }

    /// Who owns a path, by the crate of manifests; "taken" if a list has it and takes it away again.
    fn owner(manifest: &Manifest, path: &str) -> &'static str {
        let owners = Owners::new(manifest, None);
        let fate = match owners.classifier().classify(BStr::new(path)) {
            Ownership::Everything => "everything",
            Ownership::Targets(_) => "target",
            Ownership::NonDeployed => "non_deployed",
            Ownership::Unowned => "nobody",
        };
        let lists = List::all(manifest);
        let positive = lists
            .iter()
            .flat_map(|list| list.entries)
            .any(|entry| !entry.negative && is_match(&entry.glob, path));
        if fate == "nobody" && positive { "taken" } else { fate }
    }
}

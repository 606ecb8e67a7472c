//! Changed paths -> the targets that they affect, and why.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString};

use crate::classify::{Classifier, Owners, Ownership};
use crate::manifest::{Manifest, TargetName};
use crate::warnings::Warning;

/// How many paths are kept of each kind, to be shown; the rest is only counted.
pub const FIRST: usize = 20;

/// Paths, of which the first are kept.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Paths {
    /// How many there were.
    pub count: usize,
    /// The first [`FIRST`], in the order in which they came.
    pub first: Vec<BString>,
}

impl Paths {
    fn add(&mut self, path: &BStr) {
        self.count += 1;
        if self.first.len() < FIRST {
            self.first.push(path.to_owned());
        }
    }
}

/// Why a target is affected. Of several reasons the first of this order is told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Why {
    /// Nothing was compared, so nothing is known to be unchanged.
    Unknown,
    /// Paths of its own changed.
    Own(Paths),
    /// Paths changed that affect every target.
    Everything(Paths),
    /// It is coupled to these, and paths of theirs changed.
    Coupled(Vec<TargetName>),
}

/// What a set of changed paths means.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Outcome {
    /// The affected targets.
    pub targets: BTreeMap<TargetName, Why>,
    /// How many paths changed.
    pub changed: usize,
    /// Changed paths that nothing in the manifest mentions.
    pub unowned: Paths,
    /// Doubts that only the changed paths raise.
    pub warnings: Vec<Warning>,
}

impl Outcome {
    /// Every target, because nothing could be compared.
    #[must_use]
    pub fn of_everything(manifest: &Manifest) -> Self {
        let names = manifest.targets.keys().cloned();
        Self { targets: names.map(|name| (name, Why::Unknown)).collect(), ..Self::default() }
    }
}

/// Takes changed paths one by one, so that a diff of any size needs little memory.
#[derive(Debug)]
pub struct Selection<'o> {
    manifest: &'o Manifest,
    owners: &'o Owners,
    classifier: Classifier<'o>,
    /// The changed paths of each target, in the manifest's order.
    own: Vec<Paths>,
    everything: Paths,
    changed: usize,
    unowned: Paths,
    /// The first path for each doubt.
    doubts: BTreeMap<usize, BString>,
}

impl<'o> Selection<'o> {
    /// An empty selection; `owners` are those of `manifest`.
    #[must_use]
    pub fn new(manifest: &'o Manifest, owners: &'o Owners) -> Self {
        Self {
            manifest,
            owners,
            classifier: owners.classifier(),
            own: vec![Paths::default(); manifest.targets.len()],
            everything: Paths::default(),
            changed: 0,
            unowned: Paths::default(),
            doubts: BTreeMap::new(),
        }
    }

    /// Adds one changed path, as git prints it: from the top, with slashes.
    pub fn add(&mut self, path: &BStr) {
        self.changed += 1;
        match self.classifier.classify(path) {
            Ownership::Everything => self.everything.add(path),
            Ownership::Targets(places) => {
                for &place in places {
                    self.own[place].add(path);
                }
            }
            Ownership::NonDeployed => {}
            Ownership::Unowned => self.unowned.add(path),
        }
        for &doubt in self.classifier.doubts() {
            self.doubts.entry(doubt).or_insert_with(|| path.to_owned());
        }
    }

    /// What all of them mean.
    #[must_use]
    pub fn finish(self) -> Outcome {
        let targets = if self.everything.count > 0 { self.all() } else { self.some() };
        let doubts = self.doubts.iter();
        let warnings =
            doubts.filter_map(|(doubt, path)| self.owners.warning(*doubt, path.as_ref())).collect();
        Outcome { targets, changed: self.changed, unowned: self.unowned, warnings }
    }

    fn own(&self) -> impl Iterator<Item = (&TargetName, &Paths)> {
        self.manifest.targets.keys().zip(&self.own)
    }

    fn all(&self) -> BTreeMap<TargetName, Why> {
        self.own()
            .map(|(name, paths)| {
                let why = if paths.count > 0 {
                    Why::Own(paths.clone())
                } else {
                    Why::Everything(self.everything.clone())
                };
                (name.clone(), why)
            })
            .collect()
    }

    fn some(&self) -> BTreeMap<TargetName, Why> {
        let mut targets: BTreeMap<TargetName, Why> = self
            .own()
            .filter(|(_, paths)| paths.count > 0)
            .map(|(name, paths)| (name.clone(), Why::Own(paths.clone())))
            .collect();
        let changed: BTreeSet<TargetName> = targets.keys().cloned().collect();
        for group in &self.manifest.coupling {
            let (changed, unchanged): (Vec<_>, Vec<_>) =
                group.iter().cloned().partition(|name| changed.contains(name));
            if !changed.is_empty() {
                let coupled = |name| (name, Why::Coupled(changed.clone()));
                targets.extend(unchanged.into_iter().map(coupled));
            }
        }
        targets
    }
}

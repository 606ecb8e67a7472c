//! Changed paths -> the targets that they affect, and why.

use std::collections::{BTreeMap, HashSet};

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
    /// It is coupled to these, which are affected for a reason of their own.
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
    /// Whether the comparison at hand concerns a target, in the manifest's order.
    concerned: Vec<bool>,
    /// The changed paths of each target, in the manifest's order.
    own: Vec<Paths>,
    /// Those of the comparison at hand that affect every target.
    everything: Paths,
    /// The targets whose reason is not their own paths.
    others: BTreeMap<TargetName, Why>,
    changed: usize,
    unowned: Paths,
    /// The first path for each doubt.
    doubts: BTreeMap<usize, BString>,
    /// Every path so far, where several comparisons may tell the same one.
    seen: Option<HashSet<BString>>,
}

impl<'o> Selection<'o> {
    /// For one comparison, which concerns every target; `owners` are those of `manifest`.
    #[must_use]
    pub fn new(manifest: &'o Manifest, owners: &'o Owners) -> Self {
        let targets = manifest.targets.len();
        Self {
            manifest,
            owners,
            classifier: owners.classifier(),
            concerned: vec![true; targets],
            own: vec![Paths::default(); targets],
            everything: Paths::default(),
            others: BTreeMap::new(),
            changed: 0,
            unowned: Paths::default(),
            doubts: BTreeMap::new(),
            seen: None,
        }
    }

    /// For several comparisons, each of which concerns some targets: begin every one with
    /// [`Self::begin`]. A path that several of them tell is counted once, so all are kept in memory.
    #[must_use]
    pub fn of_several(manifest: &'o Manifest, owners: &'o Owners) -> Self {
        let concerned = vec![false; manifest.targets.len()];
        Self { concerned, seen: Some(HashSet::new()), ..Self::new(manifest, owners) }
    }

    /// Begins the comparison that concerns these targets; each target is in one comparison at most.
    pub fn begin(&mut self, concerned: impl Fn(&TargetName) -> bool) {
        self.end();
        self.concerned = self.manifest.targets.keys().map(concerned).collect();
    }

    /// Counts a target as affected, because there is nothing to compare it with.
    pub fn add_unknown(&mut self, name: &TargetName) {
        self.others.insert(name.clone(), Why::Unknown);
    }

    /// Adds one changed path, as git prints it: from the top, with slashes.
    pub fn add(&mut self, path: &BStr) {
        let is_new = self.seen.as_mut().is_none_or(|seen| seen.insert(path.to_owned()));
        self.changed += usize::from(is_new);
        match self.classifier.classify(path) {
            Ownership::Everything => self.everything.add(path),
            Ownership::Targets(places) => {
                for &place in places.iter().filter(|&&place| self.concerned[place]) {
                    self.own[place].add(path);
                }
            }
            Ownership::NonDeployed => {}
            Ownership::Unowned if is_new => self.unowned.add(path),
            Ownership::Unowned => {}
        }
        for &doubt in self.classifier.doubts() {
            self.doubts.entry(doubt).or_insert_with(|| path.to_owned());
        }
    }

    /// What all of them mean.
    #[must_use]
    pub fn finish(mut self) -> Outcome {
        self.end();
        let targets = self.with_coupled(self.affected());
        let doubts = self.doubts.iter();
        let warnings =
            doubts.filter_map(|(doubt, path)| self.owners.warning(*doubt, path.as_ref())).collect();
        Outcome { targets, changed: self.changed, unowned: self.unowned, warnings }
    }

    /// Ends the comparison at hand.
    fn end(&mut self) {
        let everything = std::mem::take(&mut self.everything);
        if everything.count == 0 {
            return;
        }
        let concerned =
            self.manifest.targets.keys().zip(&self.concerned).filter(|(_, concerned)| **concerned);
        self.others.extend(concerned.map(|(name, _)| (name.clone(), Why::Everything(everything.clone()))));
    }

    /// The targets that are affected for a reason of their own.
    fn affected(&self) -> BTreeMap<TargetName, Why> {
        let own = self.manifest.targets.keys().zip(&self.own).filter(|(_, paths)| paths.count > 0);
        let own = own.map(|(name, paths)| (name.clone(), Why::Own(paths.clone())));
        self.others.clone().into_iter().chain(own).collect()
    }

    fn with_coupled(&self, mut targets: BTreeMap<TargetName, Why>) -> BTreeMap<TargetName, Why> {
        for group in &self.manifest.coupling {
            let (affected, others): (Vec<_>, Vec<_>) =
                group.iter().cloned().partition(|name| targets.contains_key(name));
            if !affected.is_empty() {
                let coupled = |name| (name, Why::Coupled(affected.clone()));
                targets.extend(others.into_iter().map(coupled));
            }
        }
        targets
    }
}

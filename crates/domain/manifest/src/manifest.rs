//! A manifest that follows every rule.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;

use crate::pattern_list::PatternList;
pub use crate::schema::Kind;
use crate::variables::Value;

/// The deploy manifest: which paths of the repository belong to which target.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// What can be deployed, by name.
    pub targets: BTreeMap<TargetName, Target>,
    /// Groups of targets that are always deployed together: each target is in
    /// one group at most, and a group has two targets or more.
    pub coupling: Vec<Vec<TargetName>>,
    /// Paths that affect every target, such as a lock file.
    pub everything: PatternList,
    /// Paths that are known to affect no target.
    pub non_deployed: PatternList,
    /// Which directories must be owned, for the coverage lint (ADR-053 D19), without a trailing
    /// slash: one without wildcards stands for its children, as `apps/*` does; one with `*` or `?`
    /// for the directories that it matches. Empty means the lint's own.
    pub roots: Vec<String>,
    /// Where each variable belongs (ADR-053 D8).
    pub env: EnvClasses,
}

impl Manifest {
    /// Every list of patterns with its name in words: the targets' in their
    /// order, then `everything`, then `non_deployed`.
    pub(crate) fn lists(&self) -> impl Iterator<Item = (String, &PatternList)> {
        let targets = self.targets.iter();
        targets.map(|(name, target)| (format!("target `{name}`"), &target.paths)).chain([
            ("`everything`".to_owned(), &self.everything),
            ("`non_deployed`".to_owned(), &self.non_deployed),
        ])
    }
}

/// Something that is deployed on its own.
#[derive(Clone, Debug)]
pub struct Target {
    /// What it is built from.
    pub paths: PatternList,
    /// What it is, if the manifest says so.
    pub kind: Option<Kind>,
    /// The public names that a cutover moves.
    pub hostnames: Vec<String>,
    /// The service that is blue, if the target has two.
    pub blue: Option<Service>,
    /// The service that is green, if the target has two.
    pub green: Option<Service>,
    /// Whether a deploy of this target applies database migrations first.
    pub schema: bool,
}

/// One of the two services of a target. Blue and green are places, not roles:
/// which of them is live changes with each cutover.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Service {
    /// The vendor's id of the service.
    pub id: Value,
    /// Where it answers without the public name; a worker has none.
    pub origin: Option<Value>,
}

/// Where each variable belongs, by the classes of ADR-053 D8.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EnvClasses {
    /// `per_service`: tied to the code that runs, or the tuning of one service;
    /// set on the service with each deploy.
    pub per_service: Vec<String>,
    /// `group`: shared between services and seldom rotated; in an environment group.
    pub group: Vec<String>,
    /// `image_baked`: fixed when the image is built, such as the schema version.
    pub image_baked: Vec<String>,
    /// `github`: needed by the workflow alone; a secret or variable of GitHub.
    pub github: Vec<String>,
}

/// The name of a target: `[a-z][a-z0-9-]*`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TargetName(String);

impl TargetName {
    /// `None` for a name of another form.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let fits = name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(rest);
        fits.then(|| Self(name.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TargetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for TargetName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

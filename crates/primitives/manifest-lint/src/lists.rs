//! The lists of patterns of a manifest, and where each stands.

use manifest::{Entry, Manifest};
use yaml::Step;

/// What a list is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Role<'m> {
    /// What the target of this name is built from.
    Target(&'m str),
    /// What affects every target.
    Everything,
    /// What affects none.
    NonDeployed,
}

/// A list of patterns.
#[derive(Debug)]
pub(crate) struct List<'m> {
    /// In words: "target `api`".
    pub(crate) name: String,
    /// What belongs to it.
    pub(crate) role: Role<'m>,
    pub(crate) entries: &'m [Entry],
    at: Vec<Step>,
}

impl<'m> List<'m> {
    /// All of them: the targets' in their order, then `everything`, then `non_deployed`.
    pub(crate) fn all(manifest: &'m Manifest) -> Vec<Self> {
        let of_target = manifest.targets.iter().map(|(name, target)| Self {
            name: format!("target `{name}`"),
            role: Role::Target(name.as_str()),
            entries: target.paths.entries(),
            at: [key("targets"), key(name.as_str()), key("paths")].to_vec(),
        });
        let others = [
            ("everything", Role::Everything, &manifest.everything),
            ("non_deployed", Role::NonDeployed, &manifest.non_deployed),
        ];
        let others = others.map(|(name, role, list)| Self {
            name: format!("`{name}`"),
            role,
            entries: list.entries(),
            at: [key(name)].to_vec(),
        });
        of_target.chain(others).collect()
    }

    /// The name of the target that it is of, if it is of one.
    pub(crate) fn target(&self) -> Option<&'m str> {
        match self.role {
            Role::Target(name) => Some(name),
            Role::Everything | Role::NonDeployed => None,
        }
    }

    /// Where an entry stands.
    pub(crate) fn at(&self, entry: usize) -> Vec<Step> {
        let mut steps = self.at.clone();
        steps.push(Step::Item(entry));
        steps
    }
}

/// The value of a key.
pub(crate) fn key(name: &str) -> Step {
    Step::Key(name.to_owned())
}

/// A pattern as it is written in its list.
pub(crate) fn written(entry: &Entry) -> String {
    format!("{}{}", if entry.negative { "!" } else { "" }, entry.glob.text())
}

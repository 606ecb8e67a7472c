//! The lists of patterns of a manifest, and where each stands.

use manifest::{Entry, Manifest};
use yaml::Step;

/// A list of patterns.
#[derive(Debug)]
pub(crate) struct List<'m> {
    /// In words: "target `api`".
    pub(crate) name: String,
    /// Which target's it is, if it is one's.
    pub(crate) target: Option<&'m str>,
    pub(crate) entries: &'m [Entry],
    at: Vec<Step>,
}

impl<'m> List<'m> {
    /// All of them: the targets' in their order, then `everything`, then `non_deployed`.
    pub(crate) fn all(manifest: &'m Manifest) -> Vec<Self> {
        let of_target = manifest.targets.iter().map(|(name, target)| Self {
            name: format!("target `{name}`"),
            target: Some(name.as_str()),
            entries: target.paths.entries(),
            at: [key("targets"), key(name.as_str()), key("paths")].to_vec(),
        });
        let others = [("everything", &manifest.everything), ("non_deployed", &manifest.non_deployed)];
        let others = others.map(|(name, list)| Self {
            name: format!("`{name}`"),
            target: None,
            entries: list.entries(),
            at: [key(name)].to_vec(),
        });
        of_target.chain(others).collect()
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

//! What is cut over together.

use std::collections::BTreeSet;

use crate::colour::Colour;

/// A target, as far as a cutover cares.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    /// Its name in the manifest.
    pub name: String,
    /// The public names that a cutover of it moves.
    pub hostnames: Vec<String>,
    /// Its two places; none for what has no colours, such as a Pages project.
    pub pair: Option<Pair>,
}

/// The two places of a target.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pair {
    /// The blue one.
    pub blue: Place,
    /// The green one.
    pub green: Place,
}

/// One service.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// The vendor's id of the service.
    pub service: String,
    /// The host name that public names point at when they lead here; a worker,
    /// which answers nobody, has none.
    pub host: Option<String>,
}

impl Pair {
    /// The place of a colour.
    #[must_use]
    pub const fn of(&self, colour: Colour) -> &Place {
        match colour {
            Colour::Blue => &self.blue,
            Colour::Green => &self.green,
        }
    }
}

/// The groups: coupled targets together, each other target alone. Groups of
/// `coupling` that share a target are one; names that are no target are passed over.
/// Every target is in exactly one group. In the order of the targets.
#[must_use]
pub fn groups<'t>(targets: &'t [Target], coupling: &[Vec<String>]) -> Vec<Vec<&'t Target>> {
    let mut left: Vec<&Target> = targets.iter().collect();
    let mut groups = Vec::new();
    while let Some(first) = left.first() {
        let names = closure(&first.name, coupling);
        let (group, rest) =
            left.iter().partition::<Vec<&Target>, _>(|target| names.contains(target.name.as_str()));
        groups.push(group);
        left = rest;
    }
    groups
}

/// Everything that is coupled to `name`, directly or by others, and `name`.
fn closure<'c>(name: &'c str, coupling: &'c [Vec<String>]) -> BTreeSet<&'c str> {
    let mut names = BTreeSet::from([name]);
    loop {
        let before = names.len();
        for group in coupling {
            if group.iter().any(|other| names.contains(other.as_str())) {
                names.extend(group.iter().map(String::as_str));
            }
        }
        if names.len() == before {
            return names;
        }
    }
}

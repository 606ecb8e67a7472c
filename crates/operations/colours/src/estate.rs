//! The groups of the manifest that some targets belong to, with their services.

use std::collections::BTreeMap;

use action::Failure;
use cutover::{Colour, Pair, Place, Pointing, Problem, Target, groups, live};
use manifest::{Manifest, Service};

use crate::roles::{Origin, Side, TargetRoles};

/// What is affected and has two colours.
#[derive(Debug)]
pub struct Estate {
    groups: Vec<Vec<Target>>,
    /// Origins as they are written, by service.
    origins: BTreeMap<String, Origin>,
}

impl Estate {
    /// Takes the groups of the affected targets out of the manifest. `resolve` gives the id and the origin of a
    /// service; nothing if a variable of it is not set, which it is for the caller to tell.
    ///
    /// # Errors
    /// `invalid`: the manifest has no such target, one that is coupled to an affected one is left out, or a target
    /// has one colour only.
    pub fn new(
        manifest: &Manifest,
        affected: &[String],
        mut resolve: impl FnMut(&Service) -> Option<(String, Option<Origin>)>,
    ) -> Result<Self, Failure> {
        if let Some(unknown) = affected.iter().find(|name| !manifest.targets.contains_key(name.as_str())) {
            return Err(Failure::invalid(format!("input `targets`: the manifest has no target {unknown:?}"))
                .hint("name targets of this manifest: the output `targets` of manifest-resolve, of the same commit"));
        }
        let bare: Vec<Target> = manifest
            .targets
            .iter()
            .map(|(name, target)| Target {
                name: name.to_string(),
                hostnames: target.hostnames.clone(),
                pair: None,
            })
            .collect();
        let coupling: Vec<Vec<String>> =
            manifest.coupling.iter().map(|group| group.iter().map(ToString::to_string).collect()).collect();
        let mut estate = Self { groups: Vec::new(), origins: BTreeMap::new() };
        for group in groups(&bare, &coupling) {
            if group.iter().any(|target| affected.contains(&target.name)) {
                let group =
                    group.into_iter().filter_map(|target| estate.paired(manifest, target, &mut resolve));
                let group: Vec<Target> = group.collect::<Result<_, _>>()?;
                whole(&group, affected)?;
                estate.groups.push(group);
            }
        }
        estate.groups.retain(|group| !group.is_empty());
        Ok(estate)
    }

    /// The target with its places; nothing if it has no colours.
    fn paired(
        &mut self,
        manifest: &Manifest,
        bare: &Target,
        resolve: &mut impl FnMut(&Service) -> Option<(String, Option<Origin>)>,
    ) -> Option<Result<Target, Failure>> {
        let target = manifest.targets.get(bare.name.as_str())?;
        let (blue, green) = match (&target.blue, &target.green) {
            (Some(blue), Some(green)) => (blue, green),
            (None, None) => return None,
            _ => return Some(Err(one_colour(&bare.name))),
        };
        let mut place = |service| {
            let (service, origin) = resolve(service)?;
            let host = origin.as_ref().map(|origin| origin.host.clone());
            if let Some(origin) = origin {
                self.origins.insert(service.clone(), origin);
            }
            Some(Place { service, host })
        };
        // Both, so that every variable that is missing is told.
        let (blue, green) = (place(blue), place(green));
        let pair = blue.zip(green).map(|(blue, green)| Pair { blue, green });
        Some(Ok(Target { pair, ..bare.clone() }))
    }

    /// The groups, with those of their targets that have two colours.
    #[must_use]
    pub fn groups(&self) -> &[Vec<Target>] {
        &self.groups
    }

    /// Whether nothing of it has two colours.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// The public names of all groups.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().flatten().flat_map(|target| target.hostnames.iter().map(String::as_str))
    }

    /// The roles, by where the names point `now`; or, for the rest of a flip that was
    /// begun, by where they pointed `before` it. Sorted by the targets' names.
    ///
    /// # Errors
    /// `invalid`: the manifest contradicts itself; `stale`: names of one group disagree; `refused`: a name points
    /// nowhere, or elsewhere.
    pub fn roles(&self, now: &Pointing, before: Option<&Pointing>) -> Result<Vec<TargetRoles>, Failure> {
        let (mut targets, mut problems) = (Vec::new(), Vec::new());
        for group in &self.groups {
            let group: Vec<&Target> = group.iter().collect();
            let found = match before {
                None => live(&group, now),
                // Half way names may disagree, but none may be elsewhere.
                Some(before) => elsewhere(&group, now).and_then(|()| live(&group, before)),
            };
            match found {
                Ok(Some(colour)) => {
                    targets.extend(group.iter().filter_map(|target| self.sides(target, colour)))
                }
                Ok(None) => {}
                Err(found) => problems.extend(found),
            }
        }
        targets.sort_by(|one, other| one.name.cmp(&other.name));
        if problems.is_empty() { Ok(targets) } else { Err(failure(&problems)) }
    }

    fn sides(&self, target: &Target, colour: Colour) -> Option<TargetRoles> {
        let pair = target.pair.as_ref()?;
        let side = |colour| {
            let place = pair.of(colour);
            let origin = self.origins.get(&place.service).cloned();
            Side { colour, service: place.service.clone(), origin }
        };
        Some(TargetRoles {
            name: target.name.clone(),
            hostnames: target.hostnames.clone(),
            live: side(colour),
            standby: side(colour.other()),
        })
    }
}

/// Everything but a disagreement, which is what an unfinished flip looks like.
fn elsewhere(group: &[&Target], now: &Pointing) -> Result<(), Vec<Problem>> {
    let mut problems = live(group, now).err().unwrap_or_default();
    problems.retain(|problem| !matches!(problem, Problem::Disagree { .. }));
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// Coupled targets are cut over together or not at all.
fn whole(group: &[Target], affected: &[String]) -> Result<(), Failure> {
    match group.iter().find(|target| !affected.contains(&target.name)) {
        None => Ok(()),
        Some(left_out) => Err(Failure::invalid(format!(
            "input `targets`: {} is not listed, and it is coupled to a target that is",
            left_out.name
        ))
        .hint("coupled targets are cut over together: pass the output `targets` of manifest-resolve, of the same commit")),
    }
}

fn one_colour(target: &str) -> Failure {
    Failure::invalid(format!("target {target} has one of `blue` and `green` only"))
        .hint("a cutover needs two services: give both in the manifest, or neither")
}

fn failure(problems: &[Problem]) -> Failure {
    let text = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let failure = if problems.iter().any(Problem::is_of_the_manifest) {
        Failure::invalid(text)
    } else if problems.iter().any(|problem| matches!(problem, Problem::Disagree { .. })) {
        Failure::stale(text)
    } else {
        Failure::refused(text)
    };
    let mut hints: Vec<&str> = Vec::new();
    for hint in problems.iter().map(Problem::hint) {
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    hints.into_iter().fold(failure, Failure::hint)
}

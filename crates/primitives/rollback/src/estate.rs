//! The services of a generation: where each of its targets ran before it, and where it
//! put them.

use action::{Context, Failure};
use cutover::{Pair, Place, Pointing, Problem, Target, groups, live};
use manifest::Manifest;
use manifest_file::Values;

/// One target of the generation that has two colours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) target: String,
    /// What served before.
    pub(crate) former: Place,
    /// What the generation was deployed onto.
    pub(crate) standby: Place,
}

/// All of them, and where the generation moved its names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Estate {
    pub(crate) moved: Vec<Moved>,
    pub(crate) after: Pointing,
}

impl Estate {
    /// For the generation `generation` of `targets`, whose names pointed to `before`.
    ///
    /// # Errors
    /// `invalid`: a variable of the manifest is not set; `stale`: the manifest has other
    /// names or origins than the generation had.
    pub(crate) fn new(
        manifest: &Manifest,
        generation: u64,
        targets: &[String],
        before: &Pointing,
        context: &Context,
    ) -> Result<Self, Failure> {
        let groups = paired(manifest, targets, context)?;
        let (mut estate, mut problems) = (Self::default(), Vec::new());
        for group in &groups {
            let group: Vec<&Target> = group.iter().collect();
            match live(&group, before) {
                Ok(Some(colour)) => {
                    for target in group {
                        let Some(pair) = &target.pair else { continue };
                        estate.add(target, pair.of(colour), pair.of(colour.other()));
                    }
                }
                Ok(None) => {}
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(estate) } else { Err(other_manifest(generation, &problems)) }
    }

    fn add(&mut self, target: &Target, former: &Place, standby: &Place) {
        if let Some(origin) = &standby.host {
            let names = target.hostnames.iter().map(|host| (host.to_ascii_lowercase(), origin.clone()));
            self.after.extend(names);
        }
        let (former, standby) = (former.clone(), standby.clone());
        self.moved.push(Moved { target: target.name.clone(), former, standby });
    }
}

/// The groups that any of `targets` is in, with those of their targets that have two
/// colours.
fn paired(manifest: &Manifest, targets: &[String], context: &Context) -> Result<Vec<Vec<Target>>, Failure> {
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
    let mut values = Values::new(context);
    let mut found = Vec::new();
    for group in groups(&bare, &coupling) {
        if group.iter().any(|target| targets.contains(&target.name)) {
            let with_pair = group.into_iter().filter_map(|target| {
                let pair = pair(manifest, &target.name, &mut values)?;
                Some(Target { pair: Some(pair), ..target.clone() })
            });
            found.push(with_pair.collect());
        }
    }
    values.finish()?;
    Ok(found)
}

/// The two places of a target; nothing if it has no colours, or if a variable is not set,
/// of which `values` tells.
fn pair(manifest: &Manifest, target: &str, values: &mut Values<'_>) -> Option<Pair> {
    let target = manifest.targets.get(target)?;
    let (blue, green) = (target.blue.as_ref()?, target.green.as_ref()?);
    let mut place = |service| {
        let resolved = values.service(service)?;
        Some(Place { service: resolved.service, host: resolved.origin.map(|origin| origin.host) })
    };
    let (blue, green) = (place(blue), place(green));
    Some(Pair { blue: blue?, green: green? })
}

fn other_manifest(generation: u64, problems: &[Problem]) -> Failure {
    let text = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    Failure::stale(format!(
        "the manifest does not fit what the ledger recorded before generation {generation}: {text}"
    ))
    .hint("check out the commit of that generation, with the variables of its environment")
    .hint("nothing was changed")
}

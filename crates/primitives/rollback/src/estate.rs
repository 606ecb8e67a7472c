//! The services of a generation: where each of its targets ran before it, and where it
//! put them.

use action::{Context, Failure};
use cutover::{Place, Pointing, Problem, Target, live};
use manifest::Manifest;
use manifest_file::{Origin, Resolved, Values};

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
    /// targets, names or origins than the generation had.
    pub(crate) fn new(
        manifest: &Manifest,
        generation: u64,
        targets: &[String],
        before: &Pointing,
        context: &Context,
    ) -> Result<Self, Failure> {
        if let Some(gone) = targets.iter().find(|name| !manifest.targets.contains_key(name.as_str())) {
            return Err(other_manifest(generation, &format!("it has no target {gone}")));
        }
        let mut values = Values::new(context);
        let colours = colours::Estate::new(manifest, targets, |service| {
            let Resolved { service, origin } = values.service(service)?;
            Some((service, origin.map(|Origin { host, url }| colours::Origin { host, url })))
        })?;
        values.finish()?;
        let (mut estate, mut problems) = (Self::default(), Vec::new());
        for group in colours.groups() {
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
        if problems.is_empty() {
            return Ok(estate);
        }
        let text = problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("; ");
        Err(other_manifest(generation, &text))
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

fn other_manifest(generation: u64, text: &str) -> Failure {
    Failure::stale(format!(
        "the manifest does not fit what the ledger recorded before generation {generation}: {text}"
    ))
    .hint("check out the commit of that generation, with the variables of its environment")
    .hint("nothing was changed")
}

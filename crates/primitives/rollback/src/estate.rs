//! The services of a generation: where each of its targets ran before it, and where it
//! put them.

use action::{Context, Failure};
use colours::{Side, TargetRoles};
use cutover::Pointing;
use manifest::Manifest;
use manifest_file::{Origin, Resolved, Values};

/// One target of the generation that has two colours.
#[derive(Clone, Debug)]
pub(crate) struct Moved {
    pub(crate) target: String,
    /// What served before.
    pub(crate) former: Side,
    /// What the generation was deployed onto.
    pub(crate) standby: Side,
}

/// All of them, and where the generation moved its names.
#[derive(Clone, Debug, Default)]
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
        let mut values = Values::new(context);
        let colours = colours::Estate::new(manifest, targets, |service| {
            let Resolved { service, origin } = values.service(service)?;
            Some((service, origin.map(|Origin { host, url }| colours::Origin { host, url })))
        });
        let colours = colours.map_err(|failure| other_manifest(generation, &failure))?;
        values.finish()?;
        // What served before is what was live then.
        let roles = colours.roles(before, None).map_err(|failure| other_manifest(generation, &failure))?;
        let mut estate = Self::default();
        for target in roles {
            estate.add(target);
        }
        Ok(estate)
    }

    fn add(&mut self, target: TargetRoles) {
        let TargetRoles { name, hostnames, live, standby } = target;
        if let Some(origin) = standby.host() {
            let names = hostnames.iter().map(|host| (host.to_ascii_lowercase(), origin.to_owned()));
            self.after.extend(names);
        }
        self.moved.push(Moved { target: name, former: live, standby });
    }
}

fn other_manifest(generation: u64, failure: &Failure) -> Failure {
    Failure::stale(format!(
        "the manifest does not fit what the ledger recorded before generation {generation}: {}",
        // The targets are the ledger's, and no input.
        failure.message().trim_start_matches("input `targets`: ")
    ))
    .hint("check out the commit of that generation, with the variables of its environment")
    .hint("nothing was changed")
}

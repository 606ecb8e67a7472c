//! The services of a generation: where each of its targets ran before it, and where it
//! put them.

use action::{Context, Failure, bash_word};
use colours::{Side, TargetRoles};
use cutover::Pointing;
use manifest::Manifest;
use manifest_file::{Origin, Resolved, Values};
use postgres::ledger::Deployment;

use crate::command_line::command_line;
use crate::job::Job;

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
    /// For the targets of `row`, whose names pointed to `before`.
    ///
    /// # Errors
    /// `invalid`: a variable of the manifest is not set; `stale`: the manifest has other
    /// targets, names or origins than the generation had.
    pub(crate) fn new(
        manifest: &Manifest,
        row: &Deployment,
        before: &Pointing,
        job: &Job,
        context: &Context,
    ) -> Result<Self, Failure> {
        let mut values = Values::new(context);
        let colours = colours::Estate::new(manifest, &row.targets, |service| {
            let Resolved { service, origin } = values.service(service)?;
            Some((service, origin.map(|Origin { host, url }| colours::Origin { host, url })))
        });
        let colours = colours.map_err(|failure| other_manifest(row, job, &failure))?;
        values.finish()?;
        // What served before is what was live then.
        let roles = colours.roles(before, None).map_err(|failure| other_manifest(row, job, &failure))?;
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

/// A workflow that only runs at the main branch has no other manifest: a computer has.
fn other_manifest(row: &Deployment, job: &Job, failure: &Failure) -> Failure {
    let generation = row.generation;
    let file = format!("manifest-{generation}.yml");
    let show = bash_word(&format!("{}:{}", row.sha, job.manifest));
    Failure::stale(format!(
        "the manifest does not fit what the ledger recorded before generation {generation}: {}",
        // The targets are the ledger's, and no input.
        failure.message().trim_start_matches("input `targets`: ")
    ))
    .hint("ask on a computer, in a clone of the repository, where the secrets and the variables of its environment are set, with the manifest of that generation's commit:")
    .hint(format!("git show {show} >{file}"))
    .hint(command_line(job.mode, generation, job, &file))
    .hint("nothing was changed")
}

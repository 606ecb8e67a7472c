//! Validated inputs.

use std::time::Duration;

use action::BadInput;

use crate::Inputs;

/// What to sync, and when that is due.
#[derive(Debug)]
pub struct Job {
    /// Nothing when all of the manifest is meant.
    pub(crate) targets: Option<Vec<String>>,
    pub(crate) zone_id: String,
    pub(crate) hold: Duration,
    pub(crate) worker_target: String,
    pub(crate) manifest: String,
    pub(crate) timeout: Duration,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        if inputs.timeout.is_zero() {
            return Err(BadInput::new("timeout", "must be longer than nothing").hint("such as `25m`"));
        }
        Ok(Self {
            targets: inputs.targets.as_deref().map(targets).transpose()?,
            zone_id: colours::zone_id(inputs.zone_id)?,
            hold: inputs.hold,
            worker_target: inputs.worker_target,
            manifest: manifest_file::path("manifest", &inputs.manifest)?,
            timeout: inputs.timeout,
        })
    }
}

fn targets(text: &str) -> Result<Vec<String>, BadInput> {
    let all = "leave `targets` out to sync whatever is due";
    let names = manifest::target_list(text)
        .map_err(|problem| BadInput::new("targets", problem.to_string()).hint(all))?;
    match names.is_empty() {
        true => Err(BadInput::new("targets", "names no target").hint(all)),
        false => Ok(names),
    }
}

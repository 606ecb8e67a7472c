//! Validated inputs.

use std::time::Duration;

use action::BadInput;
use cutover::rollback;
use flip::NameServer;

use crate::{Inputs, Mode, Symptom};

/// What is to be done about which generation.
#[derive(Debug)]
pub struct Job {
    pub(crate) mode: Mode,
    pub(crate) symptom: rollback::Symptom,
    /// None for the newest.
    pub(crate) generation: Option<u64>,
    pub(crate) zone_id: String,
    pub(crate) manifest: String,
    pub(crate) migrations: String,
    pub(crate) hold: Duration,
    pub(crate) flip_limit: Duration,
    pub(crate) worker_target: String,
    pub(crate) servers: Vec<NameServer>,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        if inputs.generation == Some(0) {
            return Err(BadInput::new("generation", "must be at least 1"));
        }
        Ok(Self {
            mode: inputs.mode,
            symptom: match inputs.symptom {
                Symptom::Behaviour => rollback::Symptom::Behaviour,
                Symptom::Data => rollback::Symptom::Data,
                Symptom::Migration => rollback::Symptom::Migration,
            },
            generation: inputs.generation,
            zone_id: colours::zone_id(inputs.zone_id)?,
            manifest: manifest_file::path("manifest", &inputs.manifest)?,
            migrations: migration_files::folder("migrations", &inputs.migrations)?,
            hold: inputs.hold,
            flip_limit: inputs.flip_limit,
            worker_target: inputs.worker_target,
            servers: flip::servers("nameserver", inputs.nameserver.as_deref())?,
        })
    }
}

//! Validated inputs.

use action::BadInput;
use manifest::TargetName;

use crate::names::Names;
use crate::roles::Roles;
use crate::{Inputs, Mode};

/// What to do about which generation.
#[derive(Debug)]
pub struct Job {
    pub(crate) generation: u64,
    pub(crate) work: Work,
}

/// What to do.
#[derive(Debug)]
pub(crate) enum Work {
    Record(Event),
    MayDeploy(Onto),
    WayBack { previous: Option<Names>, zone: Option<String>, nameserver: Option<String> },
}

/// What a deploy would replace.
#[derive(Debug)]
pub(crate) enum Onto {
    /// What stands by, by these roles if they are known.
    Standby(Option<Roles>),
    /// What is seen at once: one target, or all of the generation.
    InPlace(Option<String>),
}

/// What becomes of the generation.
#[derive(Debug)]
pub(crate) enum Event {
    Intent(Names),
    CutOver,
    Publish(String),
    RolledBack,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        let Inputs { mode, generation, previous, target, expect, zone_id, nameserver } = inputs;
        if generation == 0 {
            return Err(BadInput::new("generation", "must be at least 1"));
        }
        let previous = previous.as_deref().map(Names::parse).transpose();
        let previous = previous.map_err(|problem| BadInput::new("previous", problem))?;
        if target.is_some() && !matches!(mode, Mode::Publish | Mode::MayDeployInPlace) {
            return Err(BadInput::new(
                "target",
                "is for `mode: publish` and `mode: may-deploy-in-place` only",
            ));
        }
        if previous.is_some() && !matches!(mode, Mode::Intent | Mode::WayBack) {
            return Err(BadInput::new("previous", "is for `mode: intent` and `mode: way-back` only"));
        }
        if expect.is_some() && mode != Mode::MayDeploy {
            return Err(BadInput::new("expect", "is for `mode: may-deploy` only"));
        }
        if zone_id.is_some() && mode != Mode::WayBack && expect.is_none() {
            return Err(BadInput::new(
                "zone-id",
                "is for `mode: way-back`, and for `mode: may-deploy` with `expect`, only",
            ));
        }
        if nameserver.is_some() && mode != Mode::WayBack {
            return Err(BadInput::new("nameserver", "is for `mode: way-back` only"));
        }
        let work = match mode {
            Mode::Intent => Work::Record(Event::Intent(previous.ok_or_else(|| {
                BadInput::new("previous", "is needed for `mode: intent`: where do the names point now?")
                    .hint("pass the output `expect` of color-resolve")
            })?)),
            Mode::CutOver => Work::Record(Event::CutOver),
            Mode::Publish => {
                let target = target.ok_or_else(|| {
                    BadInput::new("target", "is needed for `mode: publish`: which target was it?")
                })?;
                Work::Record(Event::Publish(named(target)?))
            }
            Mode::MayDeploy => {
                Work::MayDeploy(Onto::Standby(expect.map(|expect| roles(&expect, zone_id)).transpose()?))
            }
            Mode::MayDeployInPlace => Work::MayDeploy(Onto::InPlace(target.map(named).transpose()?)),
            Mode::RolledBack => Work::Record(Event::RolledBack),
            Mode::WayBack => Work::WayBack { previous, zone: zone_id, nameserver },
        };
        Ok(Self { generation, work })
    }
}

fn roles(expect: &str, zone: Option<String>) -> Result<Roles, BadInput> {
    let expect = Names::parse(expect).map_err(|problem| BadInput::new("expect", problem))?;
    let zone =
        zone.ok_or_else(|| BadInput::new("zone-id", "is needed with `expect`: where are the names?"))?;
    Ok(Roles { zone: colours::zone_id(zone)?, expect })
}

/// A target's name, by the manifest's rule.
fn named(target: String) -> Result<String, BadInput> {
    if TargetName::new(&target).is_some() {
        return Ok(target);
    }
    Err(BadInput::new("target", "is no target's name: small letters, digits and hyphens, a letter first"))
}

//! Why names cannot simply go back.

use std::fmt;

use super::world::{Former, FormerState, Names, Stage, World};

/// One reason against class 2, which needs what served before to run as it did.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Closed {
    /// It moved no names.
    NoFlip,
    /// The hold is over (ADR-053 D11).
    HoldOver,
    /// The former colour was made the same as the live one.
    Synced,
    /// A service that served before is not what it was.
    Changed(Former),
}

impl Closed {
    /// Every reason in this world.
    pub(super) fn reasons(world: &World) -> Vec<Self> {
        let mut reasons = Vec::new();
        if world.names == Names::None {
            reasons.push(Self::NoFlip);
        }
        if let Stage::CutOver { held, synced } = world.stage {
            // Names that are back already need no hold: what they lead to is looked at below.
            if !held && world.names != Names::Before && world.names != Names::None {
                reasons.push(Self::HoldOver);
            }
            if synced {
                reasons.push(Self::Synced);
            }
        }
        let changed = world.former.iter().filter(|former| former.state != FormerState::AsBefore);
        reasons.extend(changed.cloned().map(Self::Changed));
        reasons
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFlip => f.write_str("it moved no name"),
            Self::HoldOver => f.write_str("its hold is over"),
            Self::Synced => f.write_str("the colour that served before was made the same since"),
            Self::Changed(Former { target, service, state }) => {
                write!(f, "{service}, which served {target} before, ")?;
                match state {
                    FormerState::AsBefore => f.write_str("is as it was"),
                    FormerState::Deploying => f.write_str("is being deployed onto"),
                    FormerState::Runs(Some(commit)) => write!(f, "runs {commit} now"),
                    FormerState::Runs(None) => f.write_str("runs nothing that is known"),
                    FormerState::Overtaken(generation) => {
                        write!(f, "may have been deployed onto for generation {generation} since")
                    }
                    FormerState::Suspended => f.write_str("is suspended"),
                }
            }
        }
    }
}

//! Why nobody can tell which colour is live.

use crate::colour::Colour;

/// One reason. Each names what it is about.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Problem {
    /// Both colours are the same service.
    #[error("target {target} has the same service for blue and green: {service}")]
    SameService {
        /// The target.
        target: String,
        /// The service.
        service: String,
    },
    /// Both colours have the same origin.
    #[error("target {target} has the same origin for blue and green: {host}")]
    SameOrigin {
        /// The target.
        target: String,
        /// The origin.
        host: String,
    },
    /// A public name has nowhere to point.
    #[error("target {target} has public names and no origin for {colour}")]
    NoOrigin {
        /// The target.
        target: String,
        /// The colour without an origin.
        colour: Colour,
    },
    /// Nobody in the group has a public name, so nothing tells.
    #[error("nothing tells which colour of {} is live: no public name, and none in what is coupled to it", targets.join(", "))]
    NoName {
        /// The targets of the group that have two colours.
        targets: Vec<String>,
    },
    /// Nobody told where a public name points.
    #[error("{host} (target {target}) has no CNAME")]
    NoCname {
        /// The public name.
        host: String,
        /// Its target.
        target: String,
    },
    /// A public name points at neither colour.
    #[error(
        "{host} points at {found}, which is neither blue ({blue}) nor green ({green}) of target {target}"
    )]
    Neither {
        /// The public name.
        host: String,
        /// Its target.
        target: String,
        /// Where it points.
        found: String,
        /// Where blue is.
        blue: String,
        /// Where green is.
        green: String,
    },
    /// Some public names of one group lead to blue and some to green.
    #[error("the public names of {} disagree: {} on blue, {} on green", targets.join(", "), blue.join(", "), green.join(", "))]
    Disagree {
        /// The targets of the group that have two colours.
        targets: Vec<String>,
        /// The names that lead to blue.
        blue: Vec<String>,
        /// The names that lead to green.
        green: Vec<String>,
    },
}

impl Problem {
    /// Whether the manifest itself is wrong, wherever the names point.
    #[must_use]
    pub const fn is_of_the_manifest(&self) -> bool {
        matches!(self, Self::SameService { .. } | Self::SameOrigin { .. } | Self::NoOrigin { .. })
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::SameService { .. } | Self::SameOrigin { .. } => {
                "two colours are two services with two origins: check the manifest and the variables that it names"
            }
            Self::NoOrigin { .. } => {
                "give both colours of a target with `hostnames` their `origin` in the manifest"
            }
            Self::NoName { .. } => {
                "couple it in the manifest to a target that has `hostnames`, or give it one: `coupling: [[api, workers]]`"
            }
            Self::NoCname { .. } => {
                "a cutover moves CNAME records: create one for the name, to the origin that serves now"
            }
            Self::Neither { .. } => {
                "point the name at the origin that serves, or mend `blue` and `green` in the manifest and their variables"
            }
            Self::Disagree { .. } => {
                "a flip stopped half way, or somebody moved one name by hand: the workflow rollback tells which way to go, and does it"
            }
        }
    }
}

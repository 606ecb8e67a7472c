//! The roles of one target.

use cutover::Colour;

/// Where a service answers without the public name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The host name: what a CNAME points at.
    pub host: String,
    /// The address without a path.
    pub url: String,
}

/// One target, and what its two places do now.
#[derive(Clone, Debug)]
pub struct TargetRoles {
    /// Its name in the manifest.
    pub name: String,
    /// Its public names; a worker has none.
    pub hostnames: Vec<String>,
    /// What serves.
    pub live: Side,
    /// What does not.
    pub standby: Side,
}

/// One of its two places.
#[derive(Clone, Debug)]
pub struct Side {
    /// Which of the two.
    pub colour: Colour,
    /// The vendor's id of the service.
    pub service: String,
    /// Where it answers without the public name; a worker answers nobody.
    pub origin: Option<Origin>,
}

impl Side {
    /// The host name that public names point at when they lead here.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.origin.as_ref().map(|origin| origin.host.as_str())
    }
}

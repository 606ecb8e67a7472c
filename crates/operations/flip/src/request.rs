//! What is asked for.

use std::time::Duration;

use action::BadInput;
use dns::NameServer;

use crate::lines::{Pointing, Service};
use crate::step::Wish;
use crate::{DEFAULT_PROBE, DEFAULT_TTL, attachment, previous};

/// What a run is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Move the names.
    Flip,
    /// Verify everything that a flip would, and change nothing.
    Check,
    /// Put back what was. It is the emergency way back: most of what would stop a flip
    /// gives a warning only, and it is never taken back by itself (ADR-053 D14.2).
    Restore,
}

/// Whether the authoritative name servers are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyDns {
    /// Until they answer the new target, or this long.
    For(Duration),
    /// No.
    Off,
}

impl VerifyDns {
    /// Cloudflare spreads a change in seconds, each name for itself (Cloudflare
    /// docs, "Batch record changes"); this leaves room.
    pub const USUAL: Self = Self::For(Duration::from_secs(120));
}

/// How long the API has to show what a batch did, unless told otherwise.
pub(crate) const DEFAULT_READ_BACK: Duration = Duration::from_secs(30);

/// The change that is wanted, and how to go about it.
#[derive(Clone, Debug)]
pub struct Request {
    /// What to do.
    pub mode: Mode,
    /// The zone that holds the names.
    pub zone_id: String,
    /// What is wanted of each name, at least one.
    pub wishes: Vec<Wish>,
    /// What names must point at now, unless they are where they are wanted already.
    pub expect: Vec<Pointing>,
    /// The longest TTL that a flip tolerates and sets, in seconds.
    pub ttl: u32,
    /// For how long the TTL must have been that short; zero flips regardless.
    pub min_ttl_age: Duration,
    /// The path that targets are asked for; nothing to ask for nothing.
    pub probe: Option<String>,
    /// Whether name servers are asked, and for how long.
    pub verify_dns: VerifyDns,
    /// How long the API has to show a change; never zero.
    pub read_back: Duration,
    /// The servers to ask; none for the zone's own.
    pub servers: Vec<NameServer>,
    /// The Render services behind the targets, whose custom domains are looked at.
    pub services: Vec<Service>,
}

impl Request {
    /// Puts back what the lines of `previous` say, with the habits of a careful flip.
    ///
    /// # Errors
    /// A line that cannot be understood, or none.
    pub fn restore(zone_id: &str, previous: &str) -> Result<Self, BadInput> {
        Ok(Self {
            mode: Mode::Restore,
            zone_id: zone_id.to_owned(),
            wishes: previous::parse("previous", previous)?.into_iter().map(Wish::from).collect(),
            expect: Vec::new(),
            ttl: DEFAULT_TTL,
            min_ttl_age: Duration::from_secs(2 * 3600),
            probe: Some(DEFAULT_PROBE.to_owned()),
            verify_dns: VerifyDns::USUAL,
            read_back: DEFAULT_READ_BACK,
            servers: Vec::new(),
            services: Vec::new(),
        })
    }

    /// The first name whose new target no line of `services` names, and that target: a
    /// target that is misspelt on one of the two sides must not lose its check. Without
    /// any line nothing is asked for.
    #[must_use]
    pub fn unnamed(&self) -> Option<&Pointing> {
        let moves = self.wishes.iter().map(|wish| (&wish.pointing.host, &wish.pointing.target));
        let (host, _) = attachment::unnamed(&self.services, moves)?;
        self.wishes.iter().map(|wish| &wish.pointing).find(|pointing| pointing.host == *host)
    }
}

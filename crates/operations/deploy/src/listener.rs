//! Who is told what is learnt of a deploy, as it is learnt.

use std::time::Duration;

use action::Failure;
use render::{Deploy, Service};

/// A deploy as last seen, and the service that it is of.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The deploy.
    pub deploy: &'a Deploy,
    /// Its service.
    pub service: &'a Service,
}

/// Hears of a deploy.
pub trait Listener {
    /// It is known which deploy it is. Whoever wants to keep that must do so at once:
    /// the run may be killed before the next call.
    ///
    /// # Errors
    /// It could not be kept; the run ends with this.
    fn identified(&mut self, seen: Seen<'_>) -> Result<(), Failure>;

    /// It was looked at.
    fn seen(&mut self, seen: Seen<'_>);

    /// How long it took, from asking for it or attaching to it to its end or to the time-out; nothing at all when
    /// nothing was to be done.
    fn took(&mut self, duration: Duration);
}

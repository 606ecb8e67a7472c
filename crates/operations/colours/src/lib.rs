//! Which colour of each target is live and which stands by (ADR-052 D5, ADR-053 D9 step
//! 11): the manifest says where both colours are, and the public names say which of
//! them serves.
//!
//! An [`Estate`] is what the manifest says of some targets, [`pointing`] reads the names,
//! and both together give the [roles](Estate::roles).

mod estate;
mod names;
mod roles;

pub use estate::Estate;
pub use names::{TOKEN, pointing, zone_id};
pub use roles::{Origin, Side, TargetRoles};

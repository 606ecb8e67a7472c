//! Pure rules of a blue/green cutover.
//!
//! *Colour* is a place: two services, blue and green. *Role* is what a colour does
//! now: one is live, the other stands by, and a cutover swaps them. Roles belong to
//! groups, since coupled targets are cut over together; they follow from where the
//! public names point (ADR-052 D5, ADR-053 D9 step 11). [`rollback`] tells which way
//! back there is.

mod colour;
mod group;
mod problem;
mod roles;
pub mod rollback;

pub use colour::Colour;
pub use group::{Pair, Place, Target, groups};
pub use problem::Problem;
pub use roles::{Pointing, live, same_host};

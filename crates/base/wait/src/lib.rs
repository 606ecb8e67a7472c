//! Deadline-bounded polling on a clock that tests control.
//!
//! [`until()`] asks again and again until the answer is good, bad or too late;
//! [`ensure()`] is the only find-or-create of the house.

mod ensure;
mod schedule;
mod until;

pub use ensure::{Created, EnsureError, Ensured, ensure};
pub use schedule::Schedule;
pub use until::{Ended, Fault, Look, TimedOut, until};

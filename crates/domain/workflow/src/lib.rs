//! GitHub Actions workflow files as data.
//!
//! Pure: nothing here reads a file, starts a process or knows the time.

pub mod expression;
pub mod value;

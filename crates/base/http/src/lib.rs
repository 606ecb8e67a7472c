//! One HTTP client: timeouts, retries, rate limits, redaction, and errors that
//! say how far a request came.
//!
//! Vendors' clients are thin layers over [`Client`]. A request that only reads
//! is repeated after a passing fault; one that writes takes a `Permit` and is
//! repeated only when it certainly was not applied.

mod address;
mod answer;
mod client;
mod error;
mod hosts;
mod limits;
mod multipart;
mod request;
mod retry;
pub mod time;
pub mod tls;
mod verbs;
mod words;

pub use address::Address;
pub use answer::Answer;
pub use client::{Builder, Client};
pub use error::{Error, Outcome, VendorError};
pub use request::Request;
pub use retry::{Repeat, Retries, with_retries};

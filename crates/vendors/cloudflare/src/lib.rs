//! A thin typed client of the parts of Cloudflare's API v4 that Greenroom uses.
//!
//! No policy: it asks, reads and reports. What may be changed, in which order and
//! what to do when an answer is lost is decided by its callers. A call that writes
//! takes a `Permit`.
//!
//! Every type holds only what is used. Where a caller reads a part of Cloudflare's
//! configuration, changes it and writes it back, the rest is kept as it came.

mod client;
mod dns_records;
mod envelope;
mod kv;
mod pages;
mod workers;
mod zones;

pub use client::Cloudflare;
pub use dns_records::{Record, RecordPatch, RecordSettings};
pub use kv::Namespace;
pub use pages::{Environment, PagesProject};
pub use workers::{Binding, WorkerSettings};
pub use zones::{Plan, Zone};

/// Cloudflare's own error codes that callers tell apart; match on these, never on
/// the text, which changes.
pub mod code {
    /// A DNS record is not there (any more). Not in Cloudflare's reference; used by
    /// its Terraform provider and many public clients.
    pub const RECORD_NOT_FOUND: i64 = 81_044;
    /// A KV namespace of this title exists already. Not in Cloudflare's reference;
    /// answered by the API and relied on by public clients.
    pub const NAMESPACE_EXISTS: i64 = 10_014;
    /// The API token is malformed (6003, with status 400), wrong (9109) or lacks a
    /// permission (10000, both with 403). Not in Cloudflare's reference; quoted in
    /// public issues of its clients.
    pub(crate) const CREDENTIAL: [i64; 3] = [6_003, 9_109, 10_000];
}

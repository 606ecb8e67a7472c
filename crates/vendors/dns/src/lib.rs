//! One question to one DNS server, and its answer.
//!
//! A thin client without policy: it asks an authoritative server which CNAME a
//! host has, over UDP and, when the answer does not fit, over TCP. It asks once:
//! whoever waits for a change to arrive asks again.

mod error;
mod host;
mod lookup;
mod message;
mod name_server;

pub use error::{Error, Rcode};
pub use lookup::{CnameAnswer, lookup_cname};
pub use name_server::NameServer;

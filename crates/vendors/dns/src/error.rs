//! Why there is no answer.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

/// Why a lookup brought no answer that can be trusted.
///
/// Each text is a fragment that reads after "failed to".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The host is not a name that can be asked for.
    #[error("ask for the CNAME of {host:?}: {reason}")]
    InvalidHost {
        /// The host as it was given.
        host: String,
        /// Which rule it breaks.
        reason: &'static str,
    },

    /// The text does not name a server.
    #[error(
        "read {text:?} as a name server: {reason} (wanted an address or a host name, with or without a port: 192.0.2.1:53, [2001:db8::1]:53, ns1.example.com)"
    )]
    InvalidServer {
        /// The text as it was given.
        text: String,
        /// Which rule it breaks.
        reason: &'static str,
    },

    /// The operating system knows no address for the server's host name.
    #[error("find the address of the name server {server}: {cause}")]
    ServerUnknown {
        /// The server as it was given.
        server: String,
        /// What the operating system said.
        cause: String,
    },

    /// The server could not be asked: nothing listens, or no route leads there.
    #[error("reach the name server {server}: {cause}")]
    Unreachable {
        /// The address that was tried.
        server: SocketAddr,
        /// What the operating system said.
        cause: String,
    },

    /// No answer to this question came in time.
    #[error("get an answer for {host} from the name server {server} within {limit:?}")]
    Timeout {
        /// The server as it was given, or the address that was tried.
        server: String,
        /// The host that was asked for.
        host: String,
        /// How long this server had.
        limit: Duration,
    },

    /// The server answered that it will not or cannot answer.
    #[error("look up {host}: the name server {server} answered {rcode}")]
    Declined {
        /// The address that answered.
        server: SocketAddr,
        /// The host that was asked for.
        host: String,
        /// Its response code.
        rcode: Rcode,
    },

    /// The server says "no such record", but has no authority to say so: it is a
    /// resolver, or the server of another zone.
    #[error("look up {host}: the name server {server} is not authoritative for it")]
    NotAuthoritative {
        /// The address that answered.
        server: SocketAddr,
        /// The host that was asked for.
        host: String,
    },

    /// The answer breaks the rules of DNS messages, or contradicts itself.
    #[error("read the answer of the name server {server} for {host}: {reason}")]
    Malformed {
        /// The address that answered.
        server: SocketAddr,
        /// The host that was asked for.
        host: String,
        /// What is wrong with it.
        reason: String,
    },

    /// This program could not build the question.
    #[error("build the DNS question for {host}: {reason}")]
    Question {
        /// The host that was to be asked for.
        host: String,
        /// What stood in the way.
        reason: String,
    },
}

/// A response code of RFC 1035, section 4.1.1: the low four bits of the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rcode(
    /// The code as it was received, 0 to 15.
    pub u8,
);

impl Rcode {
    /// The name exists, and the answer is what there is.
    pub const NO_ERROR: Self = Self(0);
    /// The server failed, and may not the next time.
    pub const SERVER_FAILURE: Self = Self(2);
    /// The name does not exist.
    pub const NAME_ERROR: Self = Self(3);
    /// The server does not serve this zone, or not to us.
    pub const REFUSED: Self = Self(5);
}

impl fmt::Display for Rcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The names of IANA's registry of DNS RCODEs.
        match self.0 {
            0 => f.write_str("NOERROR"),
            1 => f.write_str("FORMERR"),
            2 => f.write_str("SERVFAIL"),
            3 => f.write_str("NXDOMAIN"),
            4 => f.write_str("NOTIMP"),
            5 => f.write_str("REFUSED"),
            9 => f.write_str("NOTAUTH"),
            other => write!(f, "response code {other}"),
        }
    }
}

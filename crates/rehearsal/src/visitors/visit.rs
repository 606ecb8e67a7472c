//! One visit: resolve, connect, request, read to the end.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use fastrand::Rng;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::classify::{Classify, Seen, Verdict};
use super::resolver::{Resolver, Unresolved};

/// A longer body fails the visit.
const LONGEST_BODY: usize = 64 * 1024;

/// What is visited, and how.
pub(super) struct Visit<'a> {
    pub(super) host: &'a str,
    pub(super) path: &'a str,
    pub(super) port: u16,
    pub(super) timeout: Duration,
    pub(super) classify: &'a Classify,
}

/// Why a visit was not served.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error(transparent)]
    Unresolved(#[from] Unresolved),
    #[error("connecting to {address}: {cause}")]
    Unreachable { address: SocketAddr, cause: io::Error },
    #[error("connecting to {address}: nothing within {limit:?}")]
    NoConnection { address: SocketAddr, limit: Duration },
    #[error("{address} gave no whole answer: {cause}")]
    BrokenAnswer { address: SocketAddr, cause: Box<dyn std::error::Error + Send + Sync> },
    #[error("{address} gave no whole answer within {limit:?}")]
    NoAnswer { address: SocketAddr, limit: Duration },
}

impl Visit<'_> {
    /// Never fails: a visit that was not served is a verdict, too.
    pub(super) async fn make(&self, resolver: &mut Resolver, dice: &mut Rng) -> Verdict {
        match self.attempt(resolver, dice).await {
            Ok(seen) => self.classify.tell(&seen),
            Err(trouble) => Verdict::Failed(trouble.to_string()),
        }
    }

    /// What the host answered, whatever it is worth.
    pub(super) async fn attempt(&self, resolver: &mut Resolver, dice: &mut Rng) -> Result<Seen, Trouble> {
        let ip: Ipv4Addr = resolver.resolve(self.host, dice).await?;
        let (address, limit) = (SocketAddr::from((ip, self.port)), self.timeout);
        let stream = tokio::time::timeout(limit, TcpStream::connect(address))
            .await
            .map_err(|_| Trouble::NoConnection { address, limit })?
            .map_err(|cause| Trouble::Unreachable { address, cause })?;
        tokio::time::timeout(limit, self.request(stream))
            .await
            .map_err(|_| Trouble::NoAnswer { address, limit })?
            .map_err(|cause| Trouble::BrokenAnswer { address, cause })
    }

    /// A connection of its own, as a new visitor's is: a kept one would go on to
    /// the old address.
    async fn request(&self, stream: TcpStream) -> Result<Seen, Box<dyn std::error::Error + Send + Sync>> {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let request = Request::get(self.path)
            .header(header::HOST, self.host)
            .header(header::USER_AGENT, "greenroom-visitor")
            .header(header::CONNECTION, "close")
            .body(Empty::<Bytes>::new())?;
        let exchange = async move {
            let response = sender.send_request(request).await?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, LONGEST_BODY).collect().await?.to_bytes();
            let (status, headers) = (parts.status, parts.headers);
            Ok(Seen { host: self.host.to_owned(), status, headers, body })
        };
        // The connection moves the bytes; what it has to say of an error, the
        // exchange says as well.
        let (seen, _) = tokio::join!(exchange, connection);
        seen
    }
}

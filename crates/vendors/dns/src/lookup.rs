//! The lookup itself: UDP, then TCP when the answer does not fit.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::Instant;

use crate::host::HostName;
use crate::message::{self, Reading};
use crate::{Error, NameServer};

/// The longest message that is read. Without EDNS a UDP message has at most 512
/// bytes (RFC 1035, section 2.3.4), and an answer about one CNAME is far from
/// 16 KiB.
const LONGEST_DATAGRAM: usize = 4 * 1024;
const LONGEST_STREAM: usize = 16 * 1024;

/// How many of a server's addresses are tried.
const MOST_ADDRESSES: usize = 8;

/// What a server says about the CNAME of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CnameAnswer {
    /// There is a CNAME.
    Target {
        /// Where it points: lower case, no dot at its end, unusual bytes as `\DDD`.
        name: String,
        /// For how many seconds a resolver may keep it.
        ttl: u32,
        /// Whether the server speaks for the zone; otherwise it may repeat
        /// something old.
        authoritative: bool,
    },
    /// The server speaks for the zone, and the host exists without a CNAME. So
    /// answers Cloudflare for a proxied record (Cloudflare docs, proxied DNS
    /// records: queries return Cloudflare's addresses).
    NoCname {
        /// The types that the answer shows, sorted; mostly none, for a question
        /// about a CNAME is not answered with others.
        types: Vec<String>,
    },
    /// The server speaks for the zone, and the host does not exist.
    NxDomain,
}

/// Asks `server` once which CNAME `host` has.
///
/// `host` is ASCII (Punycode); case and a dot at its end make no difference.
/// `timeout` bounds everything: finding the server's addresses, UDP and TCP. A
/// server with several addresses is asked at one after the other, each getting
/// an even share of the time left, until one answers.
///
/// The question goes out over a connected socket with a random id. What does not
/// come from the server, repeat the id and repeat the question is passed over.
///
/// # Errors
///
/// [`Error`] says what stood in the way; with several addresses, at the last one.
pub async fn lookup_cname(server: &NameServer, host: &str, timeout: Duration) -> Result<CnameAnswer, Error> {
    let name =
        HostName::parse(host).map_err(|reason| Error::InvalidHost { host: host.to_owned(), reason })?;
    let deadline = Instant::now() + timeout;
    let mut addresses = tokio::time::timeout_at(deadline, server.resolve()).await.map_err(|_| {
        Error::Timeout { server: server.to_string(), host: name.as_str().to_owned(), limit: timeout }
    })??;
    addresses.truncate(MOST_ADDRESSES);
    first_answer(&addresses, &name, deadline).await.unwrap_or_else(|| {
        Err(Error::ServerUnknown { server: server.to_string(), cause: "it has no address".to_owned() })
    })
}

/// The first answer in the order of the addresses, else the last error; nothing
/// when there is no address.
async fn first_answer(
    addresses: &[SocketAddr],
    host: &HostName,
    deadline: Instant,
) -> Option<Result<CnameAnswer, Error>> {
    let mut last = None;
    for (tried, &address) in addresses.iter().enumerate() {
        let share = share_of(deadline, addresses.len() - tried);
        let outcome = match Question::new(address, host) {
            Ok(question) => question.ask_within(share).await,
            Err(error) => Err(error),
        };
        let is_answer = outcome.is_ok();
        last = Some(outcome);
        if is_answer {
            break;
        }
    }
    last
}

/// An even part of the time left, in whole milliseconds since people read it.
fn share_of(deadline: Instant, untried: usize) -> Duration {
    let left = deadline.saturating_duration_since(Instant::now());
    let share = left / u32::try_from(untried).unwrap_or(u32::MAX).max(1);
    Duration::from_secs_f64((share.as_secs_f64() * 1000.0).round() / 1000.0)
}

/// One question to one address.
struct Question<'a> {
    server: SocketAddr,
    host: &'a HostName,
    id: u16,
    bytes: Vec<u8>,
}

impl<'a> Question<'a> {
    fn new(server: SocketAddr, host: &'a HostName) -> Result<Self, Error> {
        let failed = |reason: String| Error::Question { host: host.as_str().to_owned(), reason };
        let mut id = [0; 2];
        getrandom::fill(&mut id).map_err(|error| failed(error.to_string()))?;
        let id = u16::from_be_bytes(id);
        let bytes = message::question(id, host).map_err(failed)?;
        Ok(Self { server, host, id, bytes })
    }

    async fn ask_within(&self, limit: Duration) -> Result<CnameAnswer, Error> {
        tokio::time::timeout(limit, self.ask()).await.unwrap_or_else(|_| {
            Err(Error::Timeout {
                server: self.server.to_string(),
                host: self.host.as_str().to_owned(),
                limit,
            })
        })
    }

    async fn ask(&self) -> Result<CnameAnswer, Error> {
        match self.ask_udp().await? {
            Reading::Truncated => self.conclude(self.ask_tcp().await?),
            reading => self.conclude(reading),
        }
    }

    /// Reads messages until one belongs to this question.
    async fn ask_udp(&self) -> Result<Reading, Error> {
        let socket = self.send_udp().await.map_err(|e| self.unreachable(&e))?;
        let mut buffer = vec![0; LONGEST_DATAGRAM];
        loop {
            let length = socket.recv(&mut buffer).await.map_err(|error| self.unreachable(&error))?;
            match message::read(&buffer[..length], self.id, self.host) {
                Reading::NotOurs => {}
                reading => return Ok(reading),
            }
        }
    }

    /// Connected, so that the system drops what comes from elsewhere and reports
    /// a port on which nobody listens.
    async fn send_udp(&self) -> io::Result<UdpSocket> {
        let any: SocketAddr = if self.server.is_ipv4() {
            (Ipv4Addr::UNSPECIFIED, 0).into()
        } else {
            (Ipv6Addr::UNSPECIFIED, 0).into()
        };
        let socket = UdpSocket::bind(any).await?;
        socket.connect(self.server).await?;
        socket.send(&self.bytes).await?;
        Ok(socket)
    }

    /// Over TCP a message has two bytes of length in front (RFC 1035, section
    /// 4.2.2).
    async fn ask_tcp(&self) -> Result<Reading, Error> {
        let unreachable = |error: io::Error| self.unreachable(&error);
        let mut stream = TcpStream::connect(self.server).await.map_err(unreachable)?;
        let mut framed = self.length_of_question()?.to_be_bytes().to_vec();
        framed.extend_from_slice(&self.bytes);
        stream.write_all(&framed).await.map_err(unreachable)?;

        let length = usize::from(stream.read_u16().await.map_err(unreachable)?);
        if length > LONGEST_STREAM {
            let reason = format!("it is {length} bytes long, more than {LONGEST_STREAM}");
            return Ok(Reading::Malformed(reason));
        }
        let mut bytes = vec![0; length];
        stream.read_exact(&mut bytes).await.map_err(unreachable)?;
        Ok(message::read(&bytes, self.id, self.host))
    }

    fn length_of_question(&self) -> Result<u16, Error> {
        u16::try_from(self.bytes.len()).map_err(|_| Error::Question {
            host: self.host.as_str().to_owned(),
            reason: "it is longer than a DNS message can be".to_owned(),
        })
    }

    fn conclude(&self, reading: Reading) -> Result<CnameAnswer, Error> {
        let server = self.server;
        let host = self.host.as_str().to_owned();
        let malformed =
            |reason: &str| Err(Error::Malformed { server, host: host.clone(), reason: reason.to_owned() });
        match reading {
            Reading::Answer(answer) => Ok(answer),
            Reading::Declined(rcode) => Err(Error::Declined { server, host, rcode }),
            Reading::NotAuthoritative => Err(Error::NotAuthoritative { server, host }),
            Reading::Malformed(reason) => malformed(&reason),
            Reading::Truncated => malformed("it is marked as cut off over TCP, too"),
            Reading::NotOurs => malformed("it belongs to another question"),
        }
    }

    fn unreachable(&self, error: &io::Error) -> Error {
        Error::Unreachable { server: self.server, cause: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A socket that answers NXDOMAIN as often as it is asked, until dropped.
    async fn serve_nxdomain(socket: UdpSocket) {
        let mut buffer = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            buffer[2..4].copy_from_slice(&[0x84, 3]);
            socket.send_to(&buffer[..length], from).await.unwrap();
        }
    }

    #[tokio::test]
    async fn the_next_address_is_asked_when_one_is_dead_or_silent() {
        let socket = || async { UdpSocket::bind("127.0.0.1:0").await.unwrap() };
        let (silent, dead, alive) = (socket().await, socket().await, socket().await);
        let [quiet, gone, there] = [&silent, &dead, &alive].map(|s| s.local_addr().unwrap());
        drop(dead);
        let server = tokio::spawn(serve_nxdomain(alive));
        let host = HostName::parse("api.example.com").unwrap();
        let ask = |addresses: Vec<SocketAddr>| {
            let host = host.clone();
            async move {
                let deadline = Instant::now() + Duration::from_secs(3);
                first_answer(&addresses, &host, deadline).await
            }
        };

        let found = Some(Ok(CnameAnswer::NxDomain));
        assert_eq!(ask(vec![gone, there]).await, found);
        assert_eq!(ask(vec![quiet, there]).await, found);
        assert_eq!(ask(vec![there, gone]).await, found);
        let nobody = ask(vec![quiet, gone]).await;
        assert!(matches!(nobody, Some(Err(Error::Unreachable { .. }))));
        assert_eq!(ask(vec![]).await, None);
        server.abort();
    }
}

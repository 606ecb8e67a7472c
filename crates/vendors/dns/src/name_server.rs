//! Which server to ask.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use crate::Error;
use crate::host::HostName;

/// The port of DNS, RFC 1035 section 4.2.
const DEFAULT_PORT: u16 = 53;

/// A server by address or host name, and its port.
///
/// Read from `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:53`,
/// `ns1.example.com` or `ns1.example.com:53`; without a port it is 53.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameServer {
    host: Host,
    port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Address(IpAddr),
    Name(HostName),
}

impl NameServer {
    /// Every address of this server, in the order of the operating system's
    /// resolver, which a host name is given to. At least one.
    ///
    /// # Errors
    ///
    /// [`Error::ServerUnknown`] when the resolver fails or knows none. There is no
    /// time limit here but the resolver's own.
    pub async fn resolve(&self) -> Result<Vec<SocketAddr>, Error> {
        let name = match &self.host {
            Host::Address(address) => return Ok(vec![SocketAddr::new(*address, self.port)]),
            Host::Name(name) => name,
        };
        let unknown = |cause: String| Error::ServerUnknown { server: self.to_string(), cause };
        let mut found: Vec<SocketAddr> = Vec::new();
        let addresses = tokio::net::lookup_host((name.as_str(), self.port))
            .await
            .map_err(|error| unknown(error.to_string()))?;
        for address in addresses {
            if !found.contains(&address) {
                found.push(address);
            }
        }
        if found.is_empty() {
            return Err(unknown("it has no address".to_owned()));
        }
        Ok(found)
    }
}

impl From<SocketAddr> for NameServer {
    fn from(address: SocketAddr) -> Self {
        Self { host: Host::Address(address.ip()), port: address.port() }
    }
}

impl FromStr for NameServer {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        parse(text).map_err(|reason| Error::InvalidServer { text: text.to_owned(), reason })
    }
}

fn parse(text: &str) -> Result<NameServer, &'static str> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(with_address(address, DEFAULT_PORT));
    }
    if let Some(rest) = text.strip_prefix('[') {
        return parse_bracketed(rest);
    }
    let (host, port) = match text.split_once(':') {
        None => (text, DEFAULT_PORT),
        Some((_, port)) if port.contains(':') => {
            return Err("it has more than one ':' and is no IPv6 address");
        }
        Some((host, port)) => (host, parse_port(port)?),
    };
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(with_address(address, port));
    }
    let name = HostName::parse(host)?;
    if ends_in_a_number(&name) {
        // The operating system would take 10.1 for 10.0.0.1.
        return Err("it is neither an IPv4 address nor a host name");
    }
    Ok(NameServer { host: Host::Name(name), port })
}

fn with_address(address: IpAddr, port: u16) -> NameServer {
    NameServer { host: Host::Address(address), port }
}

fn parse_bracketed(rest: &str) -> Result<NameServer, &'static str> {
    let (inside, after) = rest.split_once(']').ok_or("its '[' is not closed")?;
    let address: Ipv6Addr = inside.parse().map_err(|_| "what stands in [ ] is no IPv6 address")?;
    let port = match after.strip_prefix(':') {
        Some(port) => parse_port(port)?,
        None if after.is_empty() => DEFAULT_PORT,
        None => return Err("only ':' and a port may follow ']'"),
    };
    Ok(with_address(address.into(), port))
}

fn parse_port(text: &str) -> Result<u16, &'static str> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(port) if digits && port != 0 => Ok(port),
        _ => Err("its port is no number from 1 to 65535"),
    }
}

fn ends_in_a_number(name: &HostName) -> bool {
    let last = name.as_str().rsplit('.').next().unwrap_or_default();
    last.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for NameServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Address(address) => SocketAddr::new(*address, self.port).fmt(f),
            Host::Name(name) => write!(f, "{}:{}", name.as_str(), self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_shown_in_full() {
        for (text, shown) in [
            ("1.2.3.4", "1.2.3.4:53"),
            ("1.2.3.4:5353", "1.2.3.4:5353"),
            ("::1", "[::1]:53"),
            ("[::1]", "[::1]:53"),
            ("[::1]:5353", "[::1]:5353"),
            ("2001:db8::1", "[2001:db8::1]:53"),
            ("ns1.example.com", "ns1.example.com:53"),
            ("NS1.Example.com.:54", "ns1.example.com:54"),
            ("localhost:1053", "localhost:1053"),
        ] {
            let server: NameServer = text.parse().unwrap();
            assert_eq!(server.to_string(), shown);
            assert_eq!(shown.parse(), Ok(server), "what is shown can be read");
        }
    }

    #[test]
    fn what_names_no_server_is_refused_with_the_reason() {
        for (text, reason) in [
            ("", "empty"),
            (":53", "empty"),
            ("1.2.3.4:", "port"),
            ("1.2.3.4:0", "port"),
            ("1.2.3.4:65536", "port"),
            ("1.2.3.4:+53", "port"),
            ("1.2.3", "IPv4"),
            ("1.2.3.256", "IPv4"),
            ("[::1", "closed"),
            ("[::1]53", "follow"),
            ("[1.2.3.4]:53", "IPv6"),
            ("[fe80::1%eth0]", "IPv6"),
            ("a:b:c", "more than one"),
            (" ns1.example.com", "character"),
            ("ns1 .example.com", "character"),
            ("https://ns1.example.com", "port"),
        ] {
            let error = text.parse::<NameServer>().unwrap_err().to_string();
            assert!(error.contains(reason), "{text:?}: {error}");
        }
    }

    #[tokio::test]
    async fn an_address_needs_no_resolver() {
        let server: NameServer = "[::1]:5353".parse().unwrap();
        assert_eq!(server.resolve().await, Ok(vec!["[::1]:5353".parse().unwrap()]));
    }
}

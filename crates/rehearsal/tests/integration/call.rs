//! A client that hides nothing: one request on one connection, and every byte
//! that came back.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rehearsal::server::Server;
use serde_json::Value;

/// An answer as it came over the wire.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// As many bytes as came, whatever `Content-Length` promised.
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; panics when it is not.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

/// A request in the making.
#[derive(Clone)]
pub(crate) struct Call {
    head: String,
    body: Vec<u8>,
    patience: Duration,
}

/// Starts a request; the path may carry a query.
pub(crate) fn call(method: &str, path: &str) -> Call {
    Call {
        head: format!("{method} {path} HTTP/1.1\r\nHost: twin.test\r\nConnection: close\r\n"),
        body: Vec::new(),
        patience: Duration::from_secs(20),
    }
}

impl Call {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.head.push_str(&format!("{name}: {value}\r\n"));
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn bytes(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    /// A body without a content type.
    pub(crate) fn raw(mut self, body: &str) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.bytes("application/json", body.to_string())
    }

    /// How long to wait for bytes before giving up with `WouldBlock`.
    pub(crate) fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sends it; panics when no answer comes.
    #[track_caller]
    pub(crate) fn send(self, server: &Server) -> Reply {
        match self.attempt(server) {
            Ok(Some(reply)) => reply,
            other => panic!("no answer: {other:?}"),
        }
    }

    /// Sends it. `None`: the connection was closed without a byte.
    pub(crate) fn attempt(self, server: &Server) -> io::Result<Option<Reply>> {
        self.attempt_at(server.address())
    }

    /// As [`Call::attempt`], by address: for a thread of its own.
    pub(crate) fn attempt_at(self, address: SocketAddr) -> io::Result<Option<Reply>> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(self.patience))?;
        let length = format!("content-length: {}\r\n\r\n", self.body.len());
        stream.write_all(&[self.head.as_bytes(), length.as_bytes(), &self.body].concat())?;
        let mut raw = Vec::new();
        stream.read_to_end(&mut raw)?;
        Ok((!raw.is_empty()).then(|| parse(&raw)))
    }
}

fn parse(raw: &[u8]) -> Reply {
    let end = raw.windows(4).position(|part| part == b"\r\n\r\n").expect("the head ends");
    let head = String::from_utf8_lossy(&raw[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status line");
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = &raw[end + 4..];
    Reply {
        status: status.parse().expect("a number"),
        body: if chunked { unchunk(body) } else { body.to_vec() },
        headers,
    }
}

fn unchunk(mut raw: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = raw.windows(2).position(|part| part == b"\r\n") {
        let size = std::str::from_utf8(&raw[..end]).expect("a size");
        let size = usize::from_str_radix(size, 16).expect("a size");
        raw = &raw[end + 2..];
        if size == 0 || raw.len() < size {
            break;
        }
        body.extend_from_slice(&raw[..size]);
        raw = &raw[size + 2..];
    }
    body
}

//! A server between client and twin in which a client's bug can be planted: it says
//! to the twin what a client with the bug would say, and tells the client what such
//! a client would understand.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use rehearsal::server::{Options, Server};
use serde_json::Value;

use crate::call::{Reply, call};

/// Headers that belong to one connection alone.
const OF_THE_CONNECTION: [&str; 4] = ["host", "connection", "content-length", "transfer-encoding"];

/// What the client says.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Said {
    /// Whether it is this method on a path that ends so, the query aside.
    pub(crate) fn is(&self, method: &str, end: &str) -> bool {
        let path = self.path.split('?').next().unwrap_or_default();
        self.method == method && path.ends_with(end)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn with_json(self, body: &Value) -> Self {
        Self { body: body.to_string().into_bytes(), ..self }
    }

    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        self = self.without_header(name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without_header(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }
}

/// The way to the twin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line(SocketAddr);

impl Line {
    /// Says this to the twin.
    pub(crate) fn send(self, said: &Said) -> Reply {
        let mut request = call(&said.method, &said.path);
        for (name, value) in &said.headers {
            if !OF_THE_CONNECTION.contains(&name.as_str()) && name != "content-type" {
                request = request.header(name, value);
            }
        }
        let content_type = said.headers.iter().find(|(name, _)| name == "content-type");
        if let Some((_, value)) = content_type {
            request = request.bytes(value, said.body.clone());
        }
        request.attempt_at(self.0).unwrap().expect("the twin answers")
    }
}

/// A client's bug: from what is said, over what is sent, to what is understood.
pub(crate) trait Bug: Fn(Line, Said) -> Reply + Send + Sync + 'static {}

impl<F: Fn(Line, Said) -> Reply + Send + Sync + 'static> Bug for F {}

/// Leads to `twin` through the bug.
pub(crate) fn detour<B: Bug>(twin: &Server, bug: B) -> Server {
    let router = Router::new().fallback(answer::<B>).with_state((Line(twin.address()), Arc::new(bug)));
    Server::start("detour", router, Options::default()).unwrap()
}

async fn answer<B: Bug>(State((line, bug)): State<(Line, Arc<B>)>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    respond(bug(line, said(&parts, &body)))
}

fn said(parts: &Parts, body: &Bytes) -> Said {
    let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
    Said {
        method: parts.method.to_string(),
        path: parts.uri.to_string(),
        headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: body.to_vec(),
    }
}

fn respond(reply: Reply) -> Response {
    let mut response = Response::new(reply.body.into());
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap();
    for (name, value) in &reply.headers {
        if !OF_THE_CONNECTION.contains(&name.as_str()) {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            response.headers_mut().append(name, HeaderValue::from_str(value).unwrap());
        }
    }
    response
}

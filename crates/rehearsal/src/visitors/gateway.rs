//! A way to the public names for clients that cannot ask the zone's name server:
//! each request is resolved anew and passed on to where the name points.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use action::SystemClock;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::server::{Options, Server};

use super::classify::Classify;
use super::resolver::Resolver;
use super::visit::Visit;

/// How long each step of passing on may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Starts a gateway on loopback. It asks `nameserver` about the host of every
/// request, without a cache, and requests the address found at `port`. It takes
/// `GET` only, and hands on status, content type and at most 64 KiB of body.
///
/// # Errors
/// No port or no thread is to be had.
pub fn gateway(nameserver: SocketAddr, port: u16) -> io::Result<Server> {
    let router = Router::new().fallback(pass_on).with_state(Way { nameserver, port });
    Server::start("gateway", router, Options::default())
}

#[derive(Clone, Copy, Debug)]
struct Way {
    nameserver: SocketAddr,
    port: u16,
}

async fn pass_on(State(way): State<Way>, request: Request<Body>) -> Response {
    if request.method() != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let path = request.uri().path();
    let classify = Classify::default();
    let visit = Visit { host, path, port: way.port, timeout: TIMEOUT, classify: &classify };
    let mut resolver = Resolver::new(way.nameserver, TIMEOUT, Duration::ZERO, Arc::new(SystemClock));
    match visit.attempt(&mut resolver, &mut fastrand::Rng::new()).await {
        Ok(seen) => {
            let kind = seen.headers.get(CONTENT_TYPE).cloned();
            let kind = kind.map(|kind| [(CONTENT_TYPE, kind)]);
            (seen.status, kind.into_iter().flatten().collect::<axum::http::HeaderMap>(), seen.body)
                .into_response()
        }
        Err(trouble) => (StatusCode::BAD_GATEWAY, format!("{trouble}\n")).into_response(),
    }
}

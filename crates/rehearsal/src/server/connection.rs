//! The accept loop, and one connection's way through the layers.

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::Journal;
use crate::contract::Judge;
use crate::effects::{Effects, Ends, Next};
use crate::fault::{Call, Effect, Faults};

/// How long requests under way may go on once the server is told to stop.
const GRACE: Duration = Duration::from_secs(1);

/// Everything that a connection needs; cloned for each.
#[derive(Clone)]
pub(super) struct Handler {
    pub(super) name: &'static str,
    pub(super) router: Router,
    pub(super) journal: Journal,
    pub(super) faults: Faults,
    pub(super) contract: Option<Judge>,
    pub(super) effects: Arc<OnceLock<Effects>>,
    pub(super) closed: watch::Receiver<bool>,
}

/// Serves connections until the server is told to stop.
pub(super) async fn accept(listener: TcpListener, handler: Handler) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let mut closed = handler.closed.clone();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, handler.clone()));
                }
                // The peer gave up between its knock and our answer, or the
                // process is out of file descriptors: neither ends a server.
                Err(error) => {
                    tracing::debug!(server = handler.name, %error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            },
            Some(_) = connections.join_next() => {}
            _ = closed.wait_for(|closed| *closed) => break,
        }
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    // Whoever is still busy after this is cut off with the runtime.
    let _ = tokio::time::timeout(GRACE, drained).await;
    Ok(())
}

async fn serve(stream: TcpStream, handler: Handler) {
    // An answer of two small packets must not wait for the peer's delayed ACK.
    let _ = stream.set_nodelay(true);
    let ends = ends(&stream);
    let reset = Arc::new(AtomicBool::new(false));
    let wire = Wire { stream, reset: Arc::clone(&reset) };
    let mut closed = handler.closed.clone();
    let service = service_fn(|request| handler.handle(request, &reset, ends));
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(wire), service);
    let mut connection = pin!(connection);
    // Errors are the peer's business or a fault's work.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = closed.wait_for(|closed| *closed) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

fn ends(stream: &TcpStream) -> Option<Ends> {
    Some(Ends { client: stream.peer_addr().ok()?, server: stream.local_addr().ok()? })
}

/// In the extensions of a router's answer: the connection ends without one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoAnswer;

/// Tells hyper to drop the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("connection dropped on purpose")]
struct Dropped;

impl Handler {
    async fn handle(
        &self,
        request: Request<Incoming>,
        reset: &AtomicBool,
        ends: Option<Ends>,
    ) -> Result<Response, Dropped> {
        let (parts, body) = request.into_parts();
        // The whole body first: a connection that is closed with unread bytes is
        // reset by the kernel, and then every fault would look like that one.
        let body = body.collect().await.map_err(|_| Dropped)?.to_bytes();
        let call = Call::new(self.name, &parts.method, &parts.uri);
        let struck = self.faults.strike(&call);
        let answer = match &struck {
            Some(strike) if !strike.applies() => None,
            _ => {
                let answer = self.process(Request::from_parts(parts, body)).await;
                self.faults.remember(&call, &answer);
                if let Some(Next::Withhold) = self.report(&call, &answer, ends) {
                    return self.hang().await;
                }
                if answer.extensions().get::<NoAnswer>().is_some() {
                    return Err(Dropped);
                }
                Some(answer)
            }
        };
        match Faults::effect(struck, answer) {
            Effect::Answer(answer) => Ok(answer),
            Effect::Close => Err(Dropped),
            Effect::Reset => {
                reset.store(true, Ordering::Relaxed);
                Err(Dropped)
            }
            Effect::Hang => self.hang().await,
        }
    }

    /// No answer until the client gives up or the server stops.
    async fn hang(&self) -> Result<Response, Dropped> {
        let mut closed = self.closed.clone();
        let _ = closed.wait_for(|closed| *closed).await;
        Err(Dropped)
    }

    /// Lists what a request changed, where there is a list.
    fn report(&self, call: &Call, answer: &Response<Bytes>, ends: Option<Ends>) -> Option<Next> {
        let (effects, ends) = (self.effects.get()?, ends?);
        let asks = matches!(*call.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        let granted = answer.status().is_success();
        (!asks && granted).then(|| effects.requested(self.name, call.method().as_str(), call.path(), ends))
    }

    /// Journal, contract, router.
    async fn process(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (parts, body) = request.into_parts();
        let order = self.journal.asked(self.name, &parts, body.clone());
        let question = self.contract.as_ref().map(|judge| (judge, parts.clone(), body.clone()));
        let request = Request::from_parts(parts, Body::from(body));
        let answer: Result<Response, Infallible> = self.router.clone().oneshot(request).await;
        let Ok(answer) = answer;
        let answer = whole(answer).await;
        self.journal.answered(order, answer.status());
        if let Some((judge, parts, body)) = question {
            judge.judge(&parts, &body, &answer).await;
        }
        answer
    }
}

/// A twin's answer with its body in memory.
async fn whole(answer: Response) -> Response<Bytes> {
    let (parts, body) = answer.into_parts();
    match body.collect().await {
        Ok(body) => Response::from_parts(parts, body.to_bytes()),
        Err(error) => {
            let mut broken = Response::new(Bytes::from(format!("the twin's body broke: {error}\n")));
            *broken.status_mut() = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
            broken
        }
    }
}

/// A connection that can be told to end in a reset.
struct Wire {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            // With no time to linger the kernel sends RST instead of FIN.
            let _ = SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

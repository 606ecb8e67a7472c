//! Answers that a fault makes: chosen ones, spoiled ones, cut ones.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use hyper::body::{Body as HttpBody, Frame};
use serde_json::Value;

/// The size of [`Garble::Huge`], in bytes.
pub const HUGE: usize = 100 << 20;

/// An answer chosen by the test: status, headers, body.
#[derive(Clone, Debug)]
pub struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl Answer {
    /// An answer with these bytes as body and no headers of its own. A status
    /// outside 100..=999 becomes 500.
    #[must_use]
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// An answer that says it is JSON; nothing checks that it is.
    #[must_use]
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self::new(status, body).header("content-type", "application/json")
    }

    /// An answer in plain text.
    #[must_use]
    pub fn text(status: u16, body: impl Into<Bytes>) -> Self {
        Self::new(status, body).header("content-type", "text/plain; charset=utf-8")
    }

    /// Adds a header. One that HTTP cannot carry (a newline, say) is left out
    /// with a warning in the log.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            (Ok(name), Ok(value)) => self.headers.push((name, value)),
            _ => tracing::warn!(name, "a fault's header cannot be sent"),
        }
        self
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    pub(super) fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        response
    }
}

/// An answer that is not what the vendor documents.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Garble {
    /// 200 and a page of HTML that says it is HTML. The twin sees nothing.
    Html,
    /// The twin's answer with its JSON types turned around: texts become
    /// numbers, numbers texts, lists objects. The twin processes the request.
    WrongTypes,
    /// The first half of the twin's body, with a `Content-Length` that fits. The
    /// twin processes the request.
    Truncated,
    /// 200 and [`HUGE`] bytes that say they are JSON. The twin sees nothing.
    Huge,
    /// 200 and these bytes, saying they are JSON. The twin sees nothing.
    Bytes(Bytes),
}

impl fmt::Display for Garble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Html => "html",
            Self::WrongTypes => "wrong types",
            Self::Truncated => "truncated",
            Self::Huge => "huge",
            Self::Bytes(_) => "chosen bytes",
        })
    }
}

impl Garble {
    pub(super) fn applies(&self) -> bool {
        matches!(self, Self::WrongTypes | Self::Truncated)
    }

    /// The spoiled answer; `answer` is the twin's, for those that need one.
    pub(super) fn spoil(self, answer: Option<Response<Bytes>>) -> Response {
        let answer = answer.unwrap_or_default();
        match self {
            Self::Html => Answer::new(200, "<!DOCTYPE html><html><body>Just a moment</body></html>")
                .header("content-type", "text/html; charset=UTF-8")
                .into_response(),
            Self::Huge => json_headers(Body::new(Filler { left: HUGE })),
            Self::Bytes(bytes) => json_headers(Body::from(bytes)),
            Self::WrongTypes => replace_body(answer, |body| {
                let value: Value = serde_json::from_slice(&body).unwrap_or_default();
                turn_around(value).to_string().into()
            }),
            Self::Truncated => replace_body(answer, |body| body.slice(..body.len() / 2)),
        }
    }
}

fn json_headers(body: Body) -> Response {
    let mut response = Response::new(body);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

fn replace_body(answer: Response<Bytes>, change: impl FnOnce(Bytes) -> Bytes) -> Response {
    let (mut parts, body) = answer.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(change(body)))
}

fn turn_around(value: Value) -> Value {
    match value {
        Value::Null => Value::Bool(true),
        Value::Bool(flag) => Value::String(flag.to_string()),
        Value::Number(number) => Value::String(number.to_string()),
        Value::String(text) => Value::from(text.len()),
        Value::Array(items) => {
            let items = items.into_iter().enumerate();
            Value::Object(items.map(|(i, item)| (i.to_string(), turn_around(item))).collect())
        }
        Value::Object(fields) => {
            let fields = fields.into_iter();
            Value::Object(fields.map(|(name, field)| (name, turn_around(field))).collect())
        }
    }
}

/// The answer with half of the body that its `Content-Length` promises.
pub(super) fn cut(answer: Response<Bytes>) -> Response {
    let (mut parts, body) = answer.into_parts();
    // An empty body cannot be cut, so one byte more than there is gets promised.
    let promised = body.len().max(1);
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(promised));
    let half = body.slice(..body.len() / 2);
    Response::from_parts(parts, Body::new(Cut::Half(half)))
}

/// Half a body, a pause in which it is flushed, and an error that makes hyper
/// close the connection.
enum Cut {
    Half(Bytes),
    Flush,
    Break,
}

impl HttpBody for Cut {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match std::mem::replace(&mut *self, Self::Break) {
            Self::Half(half) => {
                *self = Self::Flush;
                Poll::Ready(Some(Ok(Frame::data(half))))
            }
            Self::Flush => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Self::Break => Poll::Ready(Some(Err(io::Error::other("cut on purpose")))),
        }
    }
}

/// A JSON text of `HUGE` bytes without an end, made as it is sent.
struct Filler {
    left: usize,
}

impl HttpBody for Filler {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        static CHUNK: [u8; 1 << 16] = [b'['; 1 << 16];
        let size = self.left.min(CHUNK.len());
        self.left -= size;
        if size == 0 {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&CHUNK[..size])))))
    }
}

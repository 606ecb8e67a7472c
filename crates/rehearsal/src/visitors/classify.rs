//! What answered a visit.

use std::fmt;
use std::sync::Arc;

use hyper::body::Bytes;
use hyper::{HeaderMap, StatusCode};

/// Which of the two services of a target answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Colour {
    /// The one that is called blue.
    Blue,
    /// The one that is called green.
    Green,
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blue => "blue",
            Self::Green => "green",
        })
    }
}

/// An answer as a visitor saw it: whole, whatever its status.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The public name that was visited.
    pub host: String,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, at most 64 KiB.
    pub body: Bytes,
}

/// A visit that was served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// By which colour.
    pub colour: Colour,
    /// By which service, such as `srv-...`; empty when it did not say.
    pub service: String,
    /// Running which commit; empty when it did not say.
    pub commit: String,
}

/// What a visit came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Somebody served it.
    Served(Served),
    /// It failed, with the reason.
    Failed(String),
}

/// Tells what an answer is worth; by default [`by_headers`]. An answer that it
/// does not know should be a failure.
#[derive(Clone)]
pub struct Classify(Arc<dyn Fn(&Seen) -> Verdict + Send + Sync>);

impl Classify {
    /// Asks `tell` about every answer.
    pub fn new(tell: impl Fn(&Seen) -> Verdict + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    pub(super) fn tell(&self, seen: &Seen) -> Verdict {
        (self.0)(seen)
    }
}

impl Default for Classify {
    fn default() -> Self {
        Self::new(by_headers)
    }
}

impl fmt::Debug for Classify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Classify(..)")
    }
}

/// By the headers `x-colour` (`blue` or `green`), `x-service` and `x-commit`, as
/// the rehearsal's origins send them. Fails for any status but 2xx, and without
/// a colour.
#[must_use]
pub fn by_headers(seen: &Seen) -> Verdict {
    if !seen.status.is_success() {
        return Verdict::Failed(format!("answered {}", seen.status.as_u16()));
    }
    let header = |name: &str| seen.headers.get(name).and_then(|value| value.to_str().ok());
    let colour = match header("x-colour") {
        Some("blue") => Colour::Blue,
        Some("green") => Colour::Green,
        _ => return Verdict::Failed("answered without an x-colour of blue or green".to_owned()),
    };
    let text = |name: &str| header(name).unwrap_or_default().to_owned();
    Verdict::Served(Served { colour, service: text("x-service"), commit: text("x-commit") })
}

//! What a server was asked, in order, so that a test can say "exactly one POST".

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode};

use crate::order::next_order;
use crate::route::Route;

/// One request that reached a router, and how it was answered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Entry {
    /// Grows over all servers of this process; shared with the faults' strikes.
    pub order: u64,
    /// The server's name.
    pub server: &'static str,
    /// The method.
    pub method: Method,
    /// The path as sent, percent signs and all.
    pub path: String,
    /// The query as sent, without the question mark.
    pub query: Option<String>,
    /// The headers, without the credential ones (`authorized` tells of those).
    pub headers: HeaderMap,
    /// Whether the request carried credentials.
    pub authorized: bool,
    /// The body as sent.
    pub body: Bytes,
    /// The status of the router's answer; `None` while it is being made.
    pub status: Option<StatusCode>,
}

impl Entry {
    /// Whether this request may have changed something: any method but GET, HEAD
    /// and OPTIONS.
    #[must_use]
    pub fn is_write(&self) -> bool {
        !matches!(self.method, Method::GET | Method::HEAD | Method::OPTIONS)
    }

    /// The body read as JSON; `Null` when it is not JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Whether `needle` stands anywhere in the request outside the credential
    /// headers: for secrets planted by a test.
    #[must_use]
    pub fn contains(&self, needle: &str) -> bool {
        let in_headers = || self.headers.values().any(|value| contains(value.as_bytes(), needle));
        self.path.contains(needle)
            || self.query.as_deref().is_some_and(|q| q.contains(needle))
            || contains(&self.body, needle)
            || in_headers()
    }
}

fn contains(haystack: &[u8], needle: &str) -> bool {
    !needle.is_empty() && haystack.windows(needle.len()).any(|part| part == needle.as_bytes())
}

/// Every request that reached a server's router; a handle, cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Journal(Arc<Mutex<Vec<Entry>>>);

impl Journal {
    /// A copy of all entries so far.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.with(|entries| entries.clone())
    }

    /// The entries of one route.
    #[must_use]
    pub fn of(&self, route: impl Into<Route>) -> Vec<Entry> {
        let route = route.into();
        self.filtered(|entry| route.matches(&entry.method, &entry.path))
    }

    /// How many requests a route got.
    #[must_use]
    pub fn count(&self, route: impl Into<Route>) -> usize {
        self.of(route).len()
    }

    /// The requests that may have changed something (see [`Entry::is_write`]).
    #[must_use]
    pub fn writes(&self) -> Vec<Entry> {
        self.filtered(Entry::is_write)
    }

    /// `METHOD path` of every request, for comparing whole conversations.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.with(|entries| entries.iter().map(|entry| format!("{} {}", entry.method, entry.path)).collect())
    }

    /// Forgets all entries, so that a test can look at its second act alone.
    pub fn clear(&self) {
        self.with(Vec::clear);
    }

    /// Notes a request; the number that comes back is for [`Journal::answered`].
    pub(super) fn asked(&self, server: &'static str, parts: &axum::http::request::Parts, body: Bytes) -> u64 {
        let mut headers = parts.headers.clone();
        let authorized = CREDENTIALS.iter().filter(|name| headers.remove(**name).is_some()).count() > 0;
        let order = next_order();
        let entry = Entry {
            order,
            server,
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers,
            authorized,
            body,
            status: None,
        };
        self.with(|entries| entries.push(entry));
        order
    }

    /// Notes how the request with this number was answered.
    pub(super) fn answered(&self, order: u64, status: StatusCode) {
        self.with(|entries| {
            if let Some(entry) = entries.iter_mut().find(|entry| entry.order == order) {
                entry.status = Some(status);
            }
        });
    }

    fn filtered(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        self.with(|entries| entries.iter().filter(|entry| wanted(entry)).cloned().collect())
    }

    fn with<T>(&self, look: impl FnOnce(&mut Vec<Entry>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Headers that carry secrets: never kept.
const CREDENTIALS: [&str; 3] = ["authorization", "x-auth-key", "cf-access-client-secret"];

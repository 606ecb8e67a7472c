//! KV namespaces: list, create, get, and what they hold.

use std::collections::BTreeMap;
use std::time::{Instant, SystemTime};

use axum::body::Bytes;
use axum::extract::{Path, Query as Queried, State as Shared};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::envelope::{Answer, Failure, listing, read_json, success};
use super::page::{Query, Sizes, page};
use super::{Cloudflare, new_id};

pub(super) mod bulk;
pub(super) mod values;

/// Limits of one pair (Cloudflare docs, kv/platform/limits).
const KEY_BYTES: usize = 512;
const VALUE_BYTES: usize = 25 << 20;
const METADATA_BYTES: usize = 1024;
/// The least time that an expiry must lie ahead (Cloudflare docs, kv/api/write-key-value-pairs).
const LEAST_TTL: u64 = 60;

/// A namespace and its pairs, by key.
#[derive(Clone, Debug)]
pub(super) struct Namespace {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) title: String,
    pub(super) pairs: BTreeMap<String, Pair>,
}

/// A value and what goes with it.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) value: Bytes,
    metadata: Option<Value>,
    /// In seconds since 1970.
    expiration: Option<u64>,
    written: Instant,
}

impl Namespace {
    pub(super) fn new(account: &str, title: &str) -> Self {
        Self { id: new_id(), account: account.to_owned(), title: title.to_owned(), pairs: BTreeMap::new() }
    }

    fn to_json(&self) -> Value {
        json!({ "id": self.id, "title": self.title, "supports_url_encoding": true })
    }

    /// The pair of a key, unless it has expired.
    fn live(&self, key: &str, now: SystemTime) -> Option<&Pair> {
        self.pairs.get(key).filter(|pair| !pair.has_expired(now))
    }
}

impl Pair {
    fn has_expired(&self, now: SystemTime) -> bool {
        self.expiration.is_some_and(|expiration| expiration <= seconds(now))
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// `GET /accounts/{account_id}/storage/kv/namespaces`. Pages of 20; the most,
/// 1,000, is unverified.
pub(super) async fn list(
    Shared(twin): Shared<Cloudflare>,
    Path(account): Path<String>,
    Queried(query): Queried<Query>,
) -> Answer {
    const SIZES: Sizes = Sizes { default: 20, least: 1, most: 1_000 };
    let state = twin.lock();
    let mut namespaces: Vec<&Namespace> =
        state.namespaces.iter().filter(|namespace| namespace.account == account).collect();
    match query.get("order").map(String::as_str) {
        Some("title") => namespaces.sort_by(|one, other| one.title.cmp(&other.title)),
        Some("id") => namespaces.sort_by(|one, other| one.id.cmp(&other.id)),
        _ => {}
    }
    if query.get("direction").is_some_and(|direction| direction == "desc") {
        namespaces.reverse();
    }
    page(namespaces.into_iter().map(Namespace::to_json).collect(), &query, SIZES)
}

/// `POST /accounts/{account_id}/storage/kv/namespaces`. A title that is taken is
/// refused with 10014 (quoted in workers-sdk issue 13242); the status is unverified.
pub(super) async fn create(
    Shared(twin): Shared<Cloudflare>,
    Path(account): Path<String>,
    body: Bytes,
) -> Answer {
    let body = read_json(&body)?;
    let title = body["title"].as_str().filter(|title| !title.is_empty());
    // Unverified: the code of a missing title.
    let title = title.ok_or_else(|| Failure::bad_request(10012, "title is required"))?;
    let mut state = twin.lock();
    let is_taken = |other: &Namespace| other.account == account && other.title == title;
    if state.namespaces.iter().any(is_taken) {
        let message = "a namespace with this account ID and title already exists";
        return Err(Failure::bad_request(10014, message));
    }
    let namespace = Namespace::new(&account, title);
    let shown = namespace.to_json();
    state.namespaces.push(namespace);
    Ok(success(shown))
}

/// `GET /accounts/{account_id}/storage/kv/namespaces/{namespace_id}`.
pub(super) async fn get(
    Shared(twin): Shared<Cloudflare>,
    Path((account, id)): Path<(String, String)>,
) -> Answer {
    twin.in_namespace(&account, &id, |namespace| Ok(success(namespace.to_json())))
}

/// `GET .../keys`: by cursor, 10 to 1,000 at a time, an empty cursor at the end
/// (official document kept in cloudflare/workers-sdk).
pub(super) async fn keys(
    Shared(twin): Shared<Cloudflare>,
    Path((account, id)): Path<(String, String)>,
    Queried(query): Queried<Query>,
) -> Answer {
    let limit = query.get("limit").map_or(Ok(1_000), |limit| limit.parse());
    let limit = limit.ok().filter(|limit| (10..=1_000).contains(limit));
    // Unverified: the code of a limit out of bounds.
    let limit = limit.ok_or_else(|| Failure::bad_request(10029, "limit must be between 10 and 1000"))?;
    let prefix = query.get("prefix").map(String::as_str).unwrap_or_default();
    let after = query.get("cursor").filter(|cursor| !cursor.is_empty());
    let now = twin.clock.wall();
    twin.in_namespace(&account, &id, |namespace| {
        let live = namespace.pairs.iter().filter(|(_, pair)| !pair.has_expired(now));
        let wanted = live.filter(|(key, _)| key.starts_with(prefix));
        let mut wanted = wanted.filter(|(key, _)| after.is_none_or(|after| *key > after));
        let shown: Vec<(&String, &Pair)> = wanted.by_ref().take(limit).collect();
        let last = shown.last().map(|(key, _)| (*key).clone());
        // The vendor's cursor means nothing to a client; this one is the last key.
        let cursor = if wanted.next().is_some() { last.unwrap_or_default() } else { String::new() };
        let info = json!({ "count": shown.len(), "cursor": cursor });
        Ok(listing(shown.into_iter().map(|(key, pair)| key_to_json(key, pair)).collect(), info))
    })
}

fn key_to_json(key: &str, pair: &Pair) -> Value {
    let mut shown = json!({ "name": key });
    if let Some(expiration) = pair.expiration {
        shown["expiration"] = expiration.into();
    }
    if let Some(metadata) = &pair.metadata {
        shown["metadata"] = metadata.clone();
    }
    shown
}

impl Cloudflare {
    /// Runs `work` on a namespace; 404 with 10013 when there is none of that id
    /// (the message is widely seen, not in official text).
    fn in_namespace(&self, account: &str, id: &str, work: impl FnOnce(&mut Namespace) -> Answer) -> Answer {
        let mut state = self.lock();
        let mut namespaces = state.namespaces.iter_mut();
        let namespace = namespaces.find(|namespace| namespace.account == account && namespace.id == id);
        match namespace {
            Some(namespace) => work(namespace),
            None => Err(Failure::not_found(10013, "namespace not found")),
        }
    }
}

/// Checks a pair before it is kept. The limits are documented, the codes are
/// unverified.
fn check(key: &str, value: &[u8], metadata: Option<&Value>) -> Result<(), Failure> {
    if key.len() > KEY_BYTES {
        let message =
            format!("UTF-8 encoded length of {} exceeds key length limit of {KEY_BYTES}.", key.len());
        return Err(Failure::new(StatusCode::URI_TOO_LONG, 10030, message));
    }
    if key.is_empty() || key == "." || key == ".." {
        return Err(Failure::bad_request(10030, format!("{key:?} is not allowed as a key name.")));
    }
    if value.len() > VALUE_BYTES {
        return Err(Failure::new(StatusCode::PAYLOAD_TOO_LARGE, 10033, "value is too large"));
    }
    if metadata.is_some_and(|metadata| metadata.to_string().len() > METADATA_BYTES) {
        return Err(Failure::new(StatusCode::PAYLOAD_TOO_LARGE, 10040, "metadata is too large"));
    }
    Ok(())
}

/// When a pair expires, from `expiration` (seconds since 1970) and
/// `expiration_ttl` (seconds from now), which takes precedence; either must lie
/// at least 60 s ahead.
fn expiration(at: Option<u64>, after: Option<u64>, now: SystemTime) -> Result<Option<u64>, Failure> {
    let now = seconds(now);
    let expiration = after.map(|after| now + after).or(at);
    if expiration.is_some_and(|expiration| expiration < now + LEAST_TTL) {
        let message = format!(
            "Invalid expiration. Expiration times must be at least {LEAST_TTL} seconds in the future."
        );
        return Err(Failure::bad_request(10032, message));
    }
    Ok(expiration)
}

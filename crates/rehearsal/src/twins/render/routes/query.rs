//! Query parameters, filters and pages.

use std::time::SystemTime;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde_json::{Value, json};

use super::super::clock::Skew;
use super::super::time;
use super::answer::Refusal;

/// Page sizes of Render's API reference: 20 unless asked, 1 to 100.
const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 100;

/// Cursors are opaque; this keeps them from looking like numbers to count with.
const CURSOR_MASK: u64 = 0x9D5C_F19E_6A0B_3C27;

/// The parameters of one request.
#[derive(Debug)]
pub(super) struct Params(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        Query::try_from_uri(&parts.uri)
            .map(|Query(pairs)| Self(pairs))
            .map_err(|_| Refusal::bad_request("invalid query"))
    }
}

impl Params {
    /// The last value given for `name`.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        let mut given = self.0.iter().rev().filter(|(key, _)| key == name);
        given.next().map(|(_, value)| value.as_str())
    }

    /// All values given, just as they are.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let given = self.0.iter().filter(|(key, _)| key == name);
        given.map(|(_, value)| value.as_str()).collect()
    }

    /// All values of a list, given one by one or with commas between: the API
    /// reference has parameters of both styles.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        let given = self.0.iter().filter(|(key, _)| key == name);
        let values = given.flat_map(|(_, value)| value.split(','));
        values.filter(|value| !value.is_empty()).collect()
    }

    /// Whether a filter lets `value` through: it is not given, or names it.
    pub(super) fn admits(&self, name: &str, value: &str) -> bool {
        let wanted = self.list(name);
        wanted.is_empty() || wanted.contains(&value)
    }

    /// A point in time, turned from Render's calendar into the twin's.
    pub(super) fn time(&self, name: &str, skew: Skew) -> Result<Option<SystemTime>, Refusal> {
        let Some(text) = self.one(name) else {
            return Ok(None);
        };
        let time = time::parse(text).and_then(|time| skew.real(time));
        time.map(Some).ok_or_else(|| Refusal::bad_request(format!("invalid {name}")))
    }

    /// A word out of a fixed set, or its default.
    pub(super) fn word<'a>(&'a self, name: &str, known: &[&'a str]) -> Result<&'a str, Refusal> {
        match (self.one(name), known) {
            (None, [default, ..]) => Ok(default),
            (Some(word), _) if known.contains(&word) => Ok(word),
            _ => Err(Refusal::bad_request(format!("invalid {name}"))),
        }
    }

    pub(super) fn limit(&self) -> Result<usize, Refusal> {
        match self.one("limit").map(str::parse) {
            None => Ok(DEFAULT_LIMIT),
            Some(Ok(limit @ 1..=MAX_LIMIT)) => Ok(limit),
            Some(_) => Err(Refusal::bad_request("invalid limit")),
        }
    }

    /// The page that is asked for of `rows`, newest first, each as
    /// `{<name>: …, cursor}`.
    pub(super) fn page(
        &self,
        name: &str,
        rows: impl Iterator<Item = (u64, Value)>,
    ) -> Result<Value, Refusal> {
        let before = self.one("cursor").map(read_cursor).transpose()?;
        let rows = rows.filter(|(sequence, _)| before.is_none_or(|before| *sequence < before));
        Ok(page_rows(name, rows, self.limit()?))
    }
}

/// Up to `limit` of `rows`, newest first, each as `{<name>: …, cursor}`.
pub(super) fn page_rows(name: &str, rows: impl Iterator<Item = (u64, Value)>, limit: usize) -> Value {
    let mut rows: Vec<(u64, Value)> = rows.collect();
    rows.sort_by_key(|(sequence, _)| std::cmp::Reverse(*sequence));
    rows.truncate(limit);
    let row = |(sequence, value): (u64, Value)| {
        let mut row = json!({"cursor": cursor(sequence)});
        row[name] = value;
        row
    };
    rows.into_iter().map(row).collect()
}

/// A window of time: `<name>Before` and `<name>After`, both exclusive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Between {
    before: Option<SystemTime>,
    after: Option<SystemTime>,
}

impl Between {
    pub(super) fn of(params: &Params, name: &str, skew: Skew) -> Result<Self, Refusal> {
        Ok(Self {
            before: params.time(&format!("{name}Before"), skew)?,
            after: params.time(&format!("{name}After"), skew)?,
        })
    }

    /// Whether `time` is inside. What has no time yet is inside no given bound.
    pub(super) fn holds(self, time: Option<SystemTime>) -> bool {
        let early_enough = self.before.is_none_or(|before| time.is_some_and(|t| t < before));
        let late_enough = self.after.is_none_or(|after| time.is_some_and(|t| t > after));
        early_enough && late_enough
    }
}

fn cursor(sequence: u64) -> String {
    format!("{:016x}", sequence ^ CURSOR_MASK)
}

fn read_cursor(cursor: &str) -> Result<u64, Refusal> {
    match u64::from_str_radix(cursor, 16) {
        Ok(masked) if cursor.len() == 16 => Ok(masked ^ CURSOR_MASK),
        _ => Err(Refusal::bad_request("invalid cursor")),
    }
}

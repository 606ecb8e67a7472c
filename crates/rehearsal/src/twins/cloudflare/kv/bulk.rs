//! Many pairs at once.

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::super::Cloudflare;
use super::super::envelope::{Answer, Failure, read_json, success};
use super::{Namespace, Pair, check, expiration};

/// Limits of one request (official document kept in cloudflare/workers-sdk).
const PAIRS: usize = 10_000;
const BYTES: usize = 100_000_000;
const KEYS_READ: usize = 100;

type Place = Path<(String, String)>;

/// `PUT .../bulk`.
///
/// Not atomic: a 200 may name `unsuccessful_keys`, to be sent again (official
/// document kept in cloudflare/workers-sdk). Here this happens when
/// [`Cloudflare::lose_keys`] asked for it. A malformed pair refuses the whole
/// request (unverified).
pub(in super::super) async fn put(
    Shared(twin): Shared<Cloudflare>,
    Path((account, id)): Place,
    body: Bytes,
) -> Answer {
    if body.len() > BYTES {
        return Err(too_large("the request is larger than 100 megabytes"));
    }
    let body = read_json(&body)?;
    let rows = rows(&body, PAIRS)?;
    let pairs = rows.iter().map(|row| read(row, &twin)).collect::<Result<Vec<_>, _>>()?;
    let lost = std::mem::take(&mut twin.lock().keys_to_lose).min(pairs.len());
    twin.in_namespace(&account, &id, |namespace| {
        let (lost, kept) = pairs.split_at(lost);
        namespace.pairs.extend(kept.iter().cloned());
        let lost: Vec<&String> = lost.iter().map(|(key, _)| key).collect();
        Ok(success(json!({ "successful_key_count": kept.len(), "unsuccessful_keys": lost })))
    })
}

/// `POST .../bulk/delete`.
pub(in super::super) async fn delete(
    Shared(twin): Shared<Cloudflare>,
    Path((account, id)): Place,
    body: Bytes,
) -> Answer {
    let body = read_json(&body)?;
    let keys = rows(&body, PAIRS)?.iter().map(text).collect::<Result<Vec<_>, _>>()?;
    twin.in_namespace(&account, &id, |namespace| {
        for key in &keys {
            namespace.pairs.remove(*key);
        }
        Ok(success(json!({ "successful_key_count": keys.len(), "unsuccessful_keys": [] })))
    })
}

/// `POST .../bulk/get`: up to 100 keys, as text or parsed JSON; absent ones are
/// null.
pub(in super::super) async fn get(
    Shared(twin): Shared<Cloudflare>,
    Path((account, id)): Place,
    body: Bytes,
) -> Answer {
    let body = read_json(&body)?;
    let keys = rows(&body["keys"], KEYS_READ)?.iter().map(text).collect::<Result<Vec<_>, _>>()?;
    let (parse, with_metadata) = (body["type"] == "json", body["withMetadata"] == true);
    twin.clone().in_namespace(&account, &id, |namespace| {
        let mut values = Map::new();
        for key in keys {
            let value = shown(namespace, key, parse, with_metadata, &twin)?;
            values.insert(key.to_owned(), value);
        }
        Ok(success(json!({ "values": values })))
    })
}

fn shown(
    namespace: &Namespace,
    key: &str,
    parse: bool,
    with_metadata: bool,
    twin: &Cloudflare,
) -> Result<Value, Failure> {
    let Some(pair) = namespace.live(key, twin.clock.wall()) else {
        return Ok(Value::Null);
    };
    // Unverified: the code of a value that is not text, or not JSON.
    let unreadable = || Failure::bad_request(10001, format!("the value of {key} cannot be shown"));
    let value = match parse {
        true => serde_json::from_slice(&pair.value).map_err(|_| unreadable())?,
        false => Value::String(String::from_utf8(pair.value.to_vec()).map_err(|_| unreadable())?),
    };
    if !with_metadata {
        return Ok(value);
    }
    let mut row = json!({ "value": value, "metadata": pair.metadata });
    if let Some(expiration) = pair.expiration {
        row["expiration"] = expiration.into();
    }
    Ok(row)
}

fn read(row: &Value, twin: &Cloudflare) -> Result<(String, Pair), Failure> {
    let key = text(&row["key"])?;
    let value = text(&row["value"])?;
    let value = match row["base64"] == true {
        true => STANDARD.decode(value).map_err(|_| malformed("a value is not base64"))?,
        false => value.as_bytes().to_vec(),
    };
    let metadata = row.get("metadata").filter(|metadata| !metadata.is_null()).cloned();
    check(key, &value, metadata.as_ref())?;
    let number = |name: &str| row[name].as_u64();
    let expiration = expiration(number("expiration"), number("expiration_ttl"), twin.clock.wall())?;
    let pair = Pair { value: value.into(), metadata, expiration, written: twin.clock.now() };
    Ok((key.to_owned(), pair))
}

fn rows(body: &Value, most: usize) -> Result<&Vec<Value>, Failure> {
    let rows = body.as_array().ok_or_else(|| malformed("a list is required"))?;
    if rows.len() > most {
        return Err(too_large(&format!("more than {most} keys")));
    }
    Ok(rows)
}

fn text(value: &Value) -> Result<&str, Failure> {
    value.as_str().ok_or_else(|| malformed("a key or value is not a text"))
}

fn malformed(why: &str) -> Failure {
    Failure::bad_request(10012, why)
}

fn too_large(why: &str) -> Failure {
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, 10033, why)
}

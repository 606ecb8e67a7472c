//! DNS records: list, get, create, put, patch, delete, batch.

use std::time::SystemTime;

use axum::body::Bytes;
use axum::extract::{Path, Query as Queried, State as Shared};
use serde_json::{Value, json};

use super::envelope::{Answer, Failure, read_json, success};
use super::page::{Query, Sizes, page};
use super::zone::{Zone, no_zone};
use super::{Cloudflare, new_id};

mod filter;
pub(super) mod record;
mod rules;

use record::{Fields, Record, invalid};

/// `GET /zones/{zone_id}/dns_records`. Pages of 100, at most 5,000,000 (the
/// official document's `dns-records_per_page`).
pub(super) async fn list(
    Shared(twin): Shared<Cloudflare>,
    Path(zone): Path<String>,
    Queried(query): Queried<Query>,
) -> Answer {
    const SIZES: Sizes = Sizes { default: 100, least: 1, most: 5_000_000 };
    twin.in_zone(&zone, |zone, _| {
        let selected = filter::select(zone.records.iter(), &query);
        page(selected.into_iter().map(Record::to_json).collect(), &query, SIZES)
    })
}

/// `GET /zones/{zone_id}/dns_records/{id}`.
pub(super) async fn get(
    Shared(twin): Shared<Cloudflare>,
    Path((zone, id)): Path<(String, String)>,
) -> Answer {
    twin.in_zone(&zone, |zone, _| Ok(success(zone.records[position(zone, &id)?].to_json())))
}

/// `POST /zones/{zone_id}/dns_records`.
pub(super) async fn create(
    Shared(twin): Shared<Cloudflare>,
    Path(zone): Path<String>,
    body: Bytes,
) -> Answer {
    let body = read_json(&body)?;
    twin.in_zone(&zone, |zone, now| Ok(success(post(zone, &body, now)?)))
}

/// `PUT /zones/{zone_id}/dns_records/{id}`: overwrites.
pub(super) async fn update(
    Shared(twin): Shared<Cloudflare>,
    Path((zone, id)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let body = read_json(&body)?;
    twin.in_zone(&zone, |zone, now| Ok(success(put(zone, &id, &body, now)?)))
}

/// `PATCH /zones/{zone_id}/dns_records/{id}`: changes the named fields alone.
pub(super) async fn edit(
    Shared(twin): Shared<Cloudflare>,
    Path((zone, id)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let body = read_json(&body)?;
    twin.in_zone(&zone, |zone, now| Ok(success(patch(zone, &id, &body, now)?)))
}

/// `DELETE /zones/{zone_id}/dns_records/{id}`.
pub(super) async fn remove(
    Shared(twin): Shared<Cloudflare>,
    Path((zone, id)): Path<(String, String)>,
) -> Answer {
    twin.in_zone(&zone, |zone, _| {
        delete(zone, &id)?;
        Ok(success(json!({ "id": id })))
    })
}

/// `POST /zones/{zone_id}/dns_records/batch`.
///
/// One database transaction: deletes, patches, puts, posts, each list in its
/// order; if one fails, nothing is applied and the first error is answered. 200
/// records on Free, 3,500 elsewhere (Cloudflare docs, batch record changes).
/// With which code too many are refused, and that an empty batch is, is
/// unverified.
pub(super) async fn batch(Shared(twin): Shared<Cloudflare>, Path(zone): Path<String>, body: Bytes) -> Answer {
    let body = read_json(&body)?;
    twin.in_zone(&zone, |zone, now| {
        let operations: usize = LISTS.iter().map(|name| items(&body, name).len()).sum();
        if operations == 0 {
            return Err(invalid("the batch is empty"));
        }
        if operations > zone.plan.batch_limit() {
            return Err(invalid("the batch has too many records"));
        }
        Ok(success(run_batch(zone, &body, now)?))
    })
}

const LISTS: [&str; 4] = ["deletes", "patches", "puts", "posts"];

/// Works on the zone that [`Cloudflare::in_zone`] throws away on an error, so a
/// failing item cancels all.
fn run_batch(zone: &mut Zone, body: &Value, now: SystemTime) -> Result<Value, Failure> {
    let deleted = items(body, "deletes").iter().map(|item| delete(zone, id_of(item)?));
    let deleted = deleted.collect::<Result<Vec<_>, _>>()?;
    let patched = items(body, "patches").iter().map(|item| patch(zone, id_of(item)?, item, now));
    let patched = patched.collect::<Result<Vec<_>, _>>()?;
    let put_ = items(body, "puts").iter().map(|item| put(zone, id_of(item)?, item, now));
    let put_ = put_.collect::<Result<Vec<_>, _>>()?;
    let posted = items(body, "posts").iter().map(|item| post(zone, item, now));
    let posted = posted.collect::<Result<Vec<_>, _>>()?;
    Ok(json!({ "deletes": deleted, "patches": patched, "puts": put_, "posts": posted }))
}

fn items<'a>(body: &'a Value, list: &str) -> &'a [Value] {
    body.get(list).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn id_of(item: &Value) -> Result<&str, Failure> {
    item.get("id").and_then(Value::as_str).ok_or_else(|| invalid("id is required"))
}

fn post(zone: &mut Zone, body: &Value, now: SystemTime) -> Result<Value, Failure> {
    let fields = Fields::read(body)?;
    require(&fields)?;
    let mut record = Record::blank(new_id(), now);
    fields.apply(&mut record, &zone.name, now)?;
    store(zone, record)
}

/// Needs name, type and content; what is not named takes its default: `proxied`
/// false, `ttl` automatic (Cloudflare docs, batch record changes). That a comment
/// and tags go too is inferred from "all fields are always affected".
fn put(zone: &mut Zone, id: &str, body: &Value, now: SystemTime) -> Result<Value, Failure> {
    let old = &zone.records[position(zone, id)?];
    let fields = Fields::read(body)?;
    require(&fields)?;
    let mut record = Record::blank(old.id.clone(), old.created_on);
    fields.apply(&mut record, &zone.name, now)?;
    store(zone, record)
}

fn patch(zone: &mut Zone, id: &str, body: &Value, now: SystemTime) -> Result<Value, Failure> {
    let mut record = zone.records[position(zone, id)?].clone();
    Fields::read(body)?.apply(&mut record, &zone.name, now)?;
    store(zone, record)
}

fn delete(zone: &mut Zone, id: &str) -> Result<Value, Failure> {
    let position = position(zone, id)?;
    Ok(zone.records.remove(position).to_json())
}

/// Checks a record and puts it in its place, or at the end.
fn store(zone: &mut Zone, mut record: Record) -> Result<Value, Failure> {
    rules::settle(&mut record, zone.plan)?;
    rules::check_neighbours(&record, zone.records.iter(), &zone.name)?;
    let shown = record.to_json();
    match zone.records.iter_mut().find(|old| old.id == record.id) {
        Some(old) => *old = record,
        None => zone.records.push(record),
    }
    Ok(shown)
}

fn require(fields: &Fields) -> Result<(), Failure> {
    let missing =
        [("name", &fields.name), ("type", &fields.kind)].into_iter().find(|(_, field)| field.is_none());
    match missing {
        Some((name, _)) => Err(invalid(&format!("{name} is required"))),
        None => Ok(()),
    }
}

/// 81044, as quoted in zanjie1999/cloudflare-api-v4-ddns issue 5; the status is
/// unverified.
fn position(zone: &Zone, id: &str) -> Result<usize, Failure> {
    let position = zone.records.iter().position(|record| record.id == id);
    position.ok_or_else(|| Failure::not_found(81044, "Record does not exist."))
}

impl Cloudflare {
    /// Runs `work` on a copy of a zone, and keeps the copy if it succeeds.
    fn in_zone(&self, id: &str, work: impl FnOnce(&mut Zone, SystemTime) -> Answer) -> Answer {
        let now = self.clock.wall();
        let mut state = self.lock();
        let zone = state.zones.iter_mut().find(|zone| zone.id == id);
        let zone = zone.ok_or_else(|| no_zone(&format!("/zones/{id}/dns_records")))?;
        let mut changed = zone.clone();
        let answer = work(&mut changed, now)?;
        if changed.records != zone.records {
            *zone = changed;
            state.version += 1;
        }
        Ok(answer)
    }

    /// Changes the records of a name as a PATCH of each would, without a call.
    pub(super) fn seed_edit(&self, zone: &str, name: &str, fields: &Value) -> Result<(), String> {
        let answer = self.in_zone(zone, |zone, now| {
            let named = zone.records.iter().filter(|record| record.name == name);
            for id in named.map(|record| record.id.clone()).collect::<Vec<_>>() {
                patch(zone, &id, fields, now)?;
            }
            Ok(success(Value::Null))
        });
        answer.map(drop).map_err(|failure| format!("{failure:?}"))
    }

    /// Adds a record as a POST would, without a call.
    pub(super) fn seed_record(&self, zone: &str, body: &Value) -> Result<Value, String> {
        let mut made = Value::Null;
        let answer = self.in_zone(zone, |zone, now| {
            made = post(zone, body, now)?;
            Ok(success(Value::Null))
        });
        answer.map(|_| made).map_err(|failure| format!("{failure:?}"))
    }
}

//! Zones: what they are, and the routes that show them.

use std::time::SystemTime;

use axum::extract::{Path, Query as Queried, State as Shared};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::envelope::{Answer, Failure, success};
use super::page::{Query, Sizes, page};
use super::{Cloudflare, Record, timestamp};

/// A zone's plan, which sets limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plan {
    /// 200 records a batch.
    #[default]
    Free,
    /// 3,500 records a batch.
    Pro,
    /// 3,500 records a batch.
    Business,
    /// 3,500 records a batch; TTLs from 30 seconds.
    Enterprise,
}

impl Plan {
    /// How many records one batch may touch (Cloudflare docs, batch record changes).
    #[must_use]
    pub fn batch_limit(self) -> usize {
        if self == Self::Free { 200 } else { 3_500 }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Free => "Free Website",
            Self::Pro => "Pro Website",
            Self::Business => "Business Website",
            Self::Enterprise => "Enterprise Website",
        }
    }
}

/// A zone and its records, in the order of their creation.
#[derive(Clone, Debug)]
pub(super) struct Zone {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) account: String,
    pub(super) plan: Plan,
    pub(super) name_servers: Vec<String>,
    pub(super) created_on: SystemTime,
    pub(super) records: Vec<Record>,
}

impl Zone {
    fn to_json(&self) -> Value {
        let created = timestamp(self.created_on);
        json!({
            "id": self.id,
            "name": self.name,
            "account": { "id": self.account, "name": "Rehearsal" },
            "activated_on": created,
            "created_on": created,
            "modified_on": created,
            "development_mode": 0,
            "meta": { "step": 2, "custom_certificate_quota": 0, "page_rule_quota": 3, "phishing_detected": false },
            "name_servers": self.name_servers,
            "original_dnshost": null,
            "original_name_servers": null,
            "original_registrar": null,
            "owner": { "id": self.account, "type": "organization", "name": "Rehearsal" },
            "paused": false,
            "permissions": ["#dns_records:edit", "#dns_records:read", "#zone:read"],
            "plan": { "id": "plan", "name": self.plan.name() },
            "status": "active",
            "type": "full",
        })
    }
}

/// `GET /zones`. Pages of 20, at most 50 (API reference of earlier years; the
/// bounds are unverified today).
pub(super) async fn list(Shared(twin): Shared<Cloudflare>, Queried(query): Queried<Query>) -> Answer {
    const SIZES: Sizes = Sizes { default: 20, least: 1, most: 50 };
    let state = twin.lock();
    let wanted = |zone: &&Zone| {
        let is = |name: &str, value: &str| query.get(name).is_none_or(|wanted| wanted == value);
        is("name", &zone.name) && is("account.id", &zone.account) && is("status", "active")
    };
    let mut zones: Vec<&Zone> = state.zones.iter().filter(wanted).collect();
    zones.sort_by(|one, other| one.name.cmp(&other.name));
    if query.get("direction").is_some_and(|direction| direction == "desc") {
        zones.reverse();
    }
    page(zones.into_iter().map(Zone::to_json).collect(), &query, SIZES)
}

/// `GET /zones/{zone_id}`.
pub(super) async fn get(Shared(twin): Shared<Cloudflare>, Path(id): Path<String>) -> Answer {
    let state = twin.lock();
    let zone = state.zones.iter().find(|zone| zone.id == id);
    let zone = zone.ok_or_else(|| no_zone(&format!("/zones/{id}")))?;
    Ok(success(zone.to_json()))
}

/// 7003, as quoted in timothymiller/cloudflare-ddns issue 152; the status 400 in
/// cloudflare-go issue 118. What a well-formed id of somebody else's zone is
/// answered is unverified.
pub(super) fn no_zone(path: &str) -> Failure {
    let message = format!("Could not route to /client/v4{path}, perhaps your object identifier is invalid?");
    Failure::new(StatusCode::BAD_REQUEST, 7003, message)
}

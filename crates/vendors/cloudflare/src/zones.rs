//! Zones (Cloudflare API reference, "Zone details").

use http::Error;
use serde::Deserialize;

use crate::Cloudflare;

/// A zone, such as `example.com`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Zone {
    /// Its domain name, in Punycode.
    pub name: String,
    /// `active` once its name servers are in use, else `initializing`, `pending` or `moved`.
    pub status: Option<String>,
    /// The authoritative servers that Cloudflare assigned to it.
    #[serde(default)]
    pub name_servers: Vec<String>,
    /// What is paid for it. Marked as deprecated in the reference, and still the
    /// only place that tells.
    pub plan: Option<Plan>,
}

/// A zone's plan.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Plan {
    /// `free`, `pro`, `business` or `enterprise`.
    pub legacy_id: Option<String>,
    /// For people, such as `Free Website`.
    pub name: Option<String>,
}

impl Cloudflare {
    /// Reads a zone. `zone` is its id, 32 hexadecimal digits. The token needs
    /// "Zone: Read".
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn zone(&self, zone: &str) -> Result<Zone, Error> {
        self.result(self.client.get(["zones", zone])).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_read_with_and_without_its_plan() {
        let zone: Zone = serde_json::from_value(serde_json::json!({
            "id": "z", "name": "example.com", "status": "active", "name_servers": ["a.ns", "b.ns"],
            "plan": {"legacy_id": "free", "name": "Free Website", "price": 0}, "meta": {"step": 2},
        }))
        .unwrap();
        assert_eq!(zone.plan.unwrap().legacy_id.as_deref(), Some("free"));
        let bare: Zone = serde_json::from_value(serde_json::json!({"name": "example.com"})).unwrap();
        assert_eq!((bare.plan, bare.name_servers), (None, vec![]));
    }
}

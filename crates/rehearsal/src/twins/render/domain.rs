//! Custom domains: the names under which a service answers besides its own.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::clock::Skew;
use super::time::stamp;

/// A name attached to a service.
#[derive(Clone, Debug)]
pub(super) struct Domain {
    pub(super) id: String,
    pub(super) sequence: u64,
    pub(super) name: String,
    pub(super) verified: bool,
    /// Whether its certificate is there; no answer of the API shows it.
    pub(super) certificate: bool,
    pub(super) created_at: SystemTime,
}

impl Domain {
    /// Whether it stands for `host`: the same name, or a wildcard one label above.
    pub(super) fn covers(&self, host: &str) -> bool {
        match self.name.strip_prefix("*.") {
            Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest == parent),
            None => self.name == host,
        }
    }

    pub(super) fn kind(&self) -> &'static str {
        if self.name.split('.').count() > 2 { "subdomain" } else { "apex" }
    }

    pub(super) fn verification(&self) -> &'static str {
        if self.verified { "verified" } else { "unverified" }
    }

    /// Its JSON, the shape of `customDomain` in Render's API reference. The
    /// public suffix is the last label: the names of a rehearsal need no more.
    pub(super) fn json(&self, service: (&str, &str), skew: Skew) -> Value {
        let (id, name) = service;
        json!({
            "id": self.id,
            "name": self.name,
            "domainType": self.kind(),
            "publicSuffix": self.name.rsplit('.').next().unwrap_or_default(),
            "redirectForName": "",
            "verificationStatus": self.verification(),
            "createdAt": stamp(skew.shown(self.created_at)),
            "server": {"id": id, "name": name},
        })
    }
}

pub(super) fn is_wildcard(name: &str) -> bool {
    name.starts_with("*.")
}

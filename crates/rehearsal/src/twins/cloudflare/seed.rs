//! Filling the twin and looking into it, without calls: for tests.

use std::time::Duration;

use serde_json::Value;

use super::kv::Namespace;
use super::pages::Project;
use super::workers::Worker;
use super::zone::{Plan, Zone};
use super::{ACCOUNT, Cloudflare, Record, new_id};
use crate::dns;
use crate::server::Route;

/// Credentials and limits.
impl Cloudflare {
    /// Accepts this token from now on, and no other.
    pub fn set_token(&self, token: &str) {
        self.lock().credentials.token = token.to_owned();
    }

    /// Refuses a route although the token is right, as for a token that lacks
    /// the permission.
    pub fn forbid(&self, route: impl Into<Route>) {
        self.lock().credentials.forbidden.push(route.into());
    }

    /// Allows this many calls in five minutes instead of 1,200.
    pub fn set_rate_limit(&self, calls: u32) {
        self.lock().rate.limit = calls;
    }
}

/// Zones and records.
impl Cloudflare {
    /// Adds a zone; returns its id.
    pub fn add_zone(&self, name: &str, plan: Plan, name_servers: &[&str]) -> String {
        let zone = Zone {
            id: new_id(),
            name: name.to_ascii_lowercase(),
            account: ACCOUNT.to_owned(),
            plan,
            name_servers: name_servers.iter().map(|server| (*server).to_owned()).collect(),
            created_on: self.clock.wall(),
            records: Vec::new(),
        };
        let id = zone.id.clone();
        self.lock().zones.push(zone);
        id
    }

    /// Adds a record as the API would, from the same JSON; returns its id.
    ///
    /// # Errors
    /// The zone is unknown, or the API would refuse the record: why.
    pub fn add_record(&self, zone_id: &str, record: &Value) -> Result<String, String> {
        let made = self.seed_record(zone_id, record)?;
        Ok(made["id"].as_str().unwrap_or_default().to_owned())
    }

    /// Somebody changes the records of a name in the dashboard: these fields of the API's JSON, and no others.
    ///
    /// # Errors
    /// The zone is unknown, or the API would refuse the change: why.
    pub fn edit_records(&self, zone_id: &str, name: &str, fields: &Value) -> Result<(), String> {
        self.seed_edit(zone_id, name, fields)
    }

    /// Makes the last change of a name's records so much older.
    pub fn age_records(&self, zone_id: &str, name: &str, by: Duration) {
        let mut state = self.lock();
        let zone = state.zones.iter_mut().filter(|zone| zone.id == zone_id);
        for record in zone.flat_map(|zone| &mut zone.records).filter(|record| record.name == name) {
            record.modified_on -= by;
        }
    }

    /// The records of a zone, in the order of their creation; none for an unknown id.
    #[must_use]
    pub fn records(&self, zone_id: &str) -> Vec<Record> {
        let state = self.lock();
        let zone = state.zones.iter().find(|zone| zone.id == zone_id);
        zone.map(|zone| zone.records.clone()).unwrap_or_default()
    }

    /// The records of one name and zone id.
    #[must_use]
    pub fn records_named(&self, zone_id: &str, name: &str) -> Vec<Record> {
        self.records(zone_id).into_iter().filter(|record| record.name == name).collect()
    }
}

/// What a name server reads: by the zone's name.
impl dns::RecordSource for Cloudflare {
    fn records(&self, zone: &str) -> Vec<dns::Record> {
        let zone = zone.strip_suffix('.').unwrap_or(zone).to_ascii_lowercase();
        let state = self.lock();
        let zones = state.zones.iter().filter(|held| held.name == zone);
        let records = zones.flat_map(|zone| &zone.records);
        records
            .map(|record| dns::Record {
                name: record.name.clone(),
                kind: record.kind.clone(),
                content: record.content.clone(),
                ttl: record.ttl,
                proxied: record.proxied,
            })
            .collect()
    }

    fn version(&self) -> u64 {
        self.lock().version
    }
}

/// KV, Pages and Workers, all in [`ACCOUNT`].
impl Cloudflare {
    /// Adds a namespace; returns its id.
    pub fn add_namespace(&self, title: &str) -> String {
        let namespace = Namespace::new(ACCOUNT, title);
        let id = namespace.id.clone();
        self.lock().namespaces.push(namespace);
        id
    }

    /// Ids and titles of all namespaces.
    #[must_use]
    pub fn namespaces(&self) -> Vec<(String, String)> {
        let state = self.lock();
        let namespaces = state.namespaces.iter();
        namespaces.map(|namespace| (namespace.id.clone(), namespace.title.clone())).collect()
    }

    /// The value of a key, expired or not.
    #[must_use]
    pub fn value(&self, namespace_id: &str, key: &str) -> Option<Vec<u8>> {
        let state = self.lock();
        let namespace = state.namespaces.iter().find(|namespace| namespace.id == namespace_id)?;
        namespace.pairs.get(key).map(|pair| pair.value.to_vec())
    }

    /// The next bulk write reports its first `count` keys as unsuccessful and
    /// does not write them; the one after that loses none.
    pub fn lose_keys(&self, count: usize) {
        self.lock().keys_to_lose = count;
    }

    /// Adds a Pages project without bindings.
    pub fn add_pages_project(&self, name: &str) {
        let project = Project::new(self, ACCOUNT, name);
        self.lock().projects.push(project);
    }

    /// A project as it is kept, secrets and all; `Null` for an unknown name.
    #[must_use]
    pub fn pages_project(&self, name: &str) -> Value {
        let state = self.lock();
        let project = state.projects.iter().find(|project| project.name == name);
        project.map(|project| project.body.clone()).unwrap_or_default()
    }

    /// Sets a field of a project (`/deployment_configs/production/env_vars/A`, say)
    /// as somebody in the dashboard would.
    pub fn set_in_pages_project(&self, name: &str, pointer: &str, value: Value) {
        let mut state = self.lock();
        let project = state.projects.iter_mut().find(|project| project.name == name);
        let Some((project, (parent, field))) = project.zip(pointer.rsplit_once('/')) else { return };
        if let Some(parent) = project.body.pointer_mut(parent) {
            parent[field] = value;
        }
    }

    /// Adds a Worker script with these bindings in the API's JSON, secrets with
    /// their `text`.
    pub fn add_worker(&self, name: &str, bindings: Vec<Value>) {
        self.lock().workers.push(Worker::new(ACCOUNT, name, bindings));
    }

    /// A script's bindings as they are kept, secrets and all.
    #[must_use]
    pub fn worker_bindings(&self, name: &str) -> Vec<Value> {
        let state = self.lock();
        let worker = state.workers.iter().find(|worker| worker.name == name);
        worker.map(|worker| worker.bindings.clone()).unwrap_or_default()
    }
}

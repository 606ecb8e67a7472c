//! Environment variables: a service's own, and those of env groups.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use serde_json::{Value, json};

use super::clock::Skew;
use super::deploy::Snapshot;
use super::time::stamp;

/// One variable; `sequence` orders it in lists.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) sequence: u64,
    pub(super) key: String,
    pub(super) value: String,
}

impl Variable {
    pub(super) fn json(&self) -> Value {
        json!({"key": self.key, "value": self.value})
    }
}

/// A set of variables without doubles, in the order of their making.
#[derive(Clone, Debug, Default)]
pub(super) struct Variables(Vec<Variable>);

impl Variables {
    pub(super) fn get(&self, key: &str) -> Option<&Variable> {
        self.0.iter().find(|variable| variable.key == key)
    }

    /// Sets a value; a variable that exists keeps its place in the order.
    pub(super) fn set(&mut self, sequence: u64, key: &str, value: &str) {
        match self.0.iter_mut().find(|variable| variable.key == key) {
            Some(variable) => value.clone_into(&mut variable.value),
            None => self.0.push(Variable { sequence, key: key.to_owned(), value: value.to_owned() }),
        }
    }

    /// Removes it and says whether it was there.
    pub(super) fn remove(&mut self, key: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|variable| variable.key != key);
        self.0.len() < before
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Variable> {
        self.0.iter()
    }

    pub(super) fn to_map(&self) -> BTreeMap<String, String> {
        let pair = |variable: &Variable| (variable.key.clone(), variable.value.clone());
        self.0.iter().map(pair).collect()
    }
}

/// An env group: variables that several services share.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) sequence: u64,
    pub(super) name: String,
    pub(super) owner: String,
    pub(super) environment: Option<String>,
    pub(super) variables: Variables,
    pub(super) services: BTreeSet<String>,
    pub(super) created_at: SystemTime,
    pub(super) updated_at: SystemTime,
}

impl Group {
    /// Its JSON without variables, the shape of `envGroupMeta` in Render's API
    /// reference. `links` holds the JSON of the linked services.
    pub(super) fn meta_json(&self, links: Vec<Value>, skew: Skew) -> Value {
        let mut group = json!({
            "id": self.id,
            "name": self.name,
            "ownerId": self.owner,
            "createdAt": stamp(skew.shown(self.created_at)),
            "updatedAt": stamp(skew.shown(self.updated_at)),
            "serviceLinks": links,
        });
        if let Some(environment) = &self.environment {
            group["environmentId"] = json!(environment);
        }
        group
    }

    /// Its whole JSON, the shape of `envGroup`; variables are sorted by name, as
    /// in recorded traffic.
    pub(super) fn json(&self, links: Vec<Value>, skew: Skew) -> Value {
        let mut group = self.meta_json(links, skew);
        let variables = self.variables.to_map();
        let row = |(key, value): (&String, &String)| json!({"key": key, "value": value});
        group["envVars"] = variables.iter().map(row).collect();
        group["secretFiles"] = json!([]);
        group
    }
}

/// What a process of `service` sees when it starts with the variables `own`.
///
/// The service's own value always wins. Between groups Render guarantees no
/// order; today the group made last wins (Render docs, environment variables and
/// secrets).
pub(super) fn snapshot<'a>(
    service: &str,
    own: BTreeMap<String, String>,
    groups: impl Iterator<Item = &'a Group>,
) -> Snapshot {
    let mut linked: Vec<&Group> = groups.filter(|group| group.services.contains(service)).collect();
    linked.sort_by_key(|group| group.sequence);
    let mut process = BTreeMap::new();
    for group in linked {
        process.extend(group.variables.to_map());
    }
    process.extend(own.clone());
    Snapshot { own, process }
}

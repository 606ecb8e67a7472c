//! What a zone holds, and where it comes from.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// One DNS record, as Cloudflare's API describes it (API reference, DNS records).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Record {
    /// The whole name, such as `api.example.com`; case and a last dot do not matter.
    pub name: String,
    /// `A`, `AAAA`, `CNAME`, `NS` or `TXT`; others are kept and not answered.
    pub kind: String,
    /// The address, target or text.
    pub content: String,
    /// In seconds; 1 stands for "automatic", which is answered as 300
    /// (Cloudflare docs, time to live).
    pub ttl: u32,
    /// Whether Cloudflare stands in front: an A, AAAA or CNAME then answers the
    /// edge's addresses.
    pub proxied: bool,
}

impl Record {
    /// A CNAME that is not proxied.
    #[must_use]
    pub fn cname(name: &str, target: &str, ttl: u32) -> Self {
        Self::dns_only(name, "CNAME", target, ttl)
    }

    /// An IPv4 address that is not proxied.
    #[must_use]
    pub fn a(name: &str, address: std::net::Ipv4Addr, ttl: u32) -> Self {
        Self::dns_only(name, "A", &address.to_string(), ttl)
    }

    fn dns_only(name: &str, kind: &str, content: &str, ttl: u32) -> Self {
        Self {
            name: name.to_owned(),
            kind: kind.to_owned(),
            content: content.to_owned(),
            ttl,
            proxied: false,
        }
    }

    /// The same record behind Cloudflare's proxy.
    #[must_use]
    pub fn proxied(self) -> Self {
        Self { proxied: true, ..self }
    }
}

/// Where the records of a zone come from.
pub trait RecordSource: fmt::Debug + Send + Sync {
    /// Every record that `zone` (such as `example.com`) holds now.
    fn records(&self, zone: &str) -> Vec<Record>;

    /// A number that grows with every change of any record. Read often: it must
    /// be cheap, and no records are read while it stands still.
    fn version(&self) -> u64;
}

/// Records in memory: for tests, and for names that no vendor manages, such as
/// the origins' own.
///
/// A handle, cheap to clone. It serves every zone: a zone gets the records whose
/// names end in it.
#[derive(Clone, Debug, Default)]
pub struct MemoryRecords(Arc<Mutex<Memory>>);

#[derive(Debug, Default)]
struct Memory {
    /// By name and kind.
    records: BTreeMap<(String, String), Record>,
    version: u64,
}

impl MemoryRecords {
    /// Puts a record in the place of the one with its name and kind, if any.
    pub fn put(&self, record: Record) {
        self.change(|records| {
            records.insert((fold(&record.name), record.kind.clone()), record);
        });
    }

    /// Takes all records of a name away.
    pub fn remove(&self, name: &str) {
        let name = fold(name);
        self.change(|records| records.retain(|(owner, _), _| *owner != name));
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<(String, String), Record>)) {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut memory.records);
        memory.version += 1;
    }
}

impl RecordSource for MemoryRecords {
    fn records(&self, zone: &str) -> Vec<Record> {
        let memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let zone = fold(zone);
        let held = memory.records.values();
        held.filter(|record| is_within(&fold(&record.name), &zone)).cloned().collect()
    }

    fn version(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).version
    }
}

/// The one form of a name in which names are compared.
pub(super) fn fold(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// Whether `name` is `zone` or below it; both folded.
pub(super) fn is_within(name: &str, zone: &str) -> bool {
    name.strip_suffix(zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_gets_its_own_names_and_the_version_grows() {
        let memory = MemoryRecords::default();
        let before = memory.version();
        memory.put(Record::cname("api.example.com", "blue.example.net", 60));
        memory.put(Record::cname("API.Example.com.", "green.example.net", 60));
        memory.put(Record::cname("api.notexample.com", "blue.example.net", 60));
        assert!(memory.version() > before);

        let held = memory.records("example.com");
        assert_eq!(held.len(), 1, "{held:?}");
        assert_eq!(held[0].content, "green.example.net");
        memory.remove("api.example.com");
        assert_eq!(memory.records("example.com"), []);
    }
}

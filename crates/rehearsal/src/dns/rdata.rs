//! From records as a vendor's API has them to record sets as they are answered.

use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use hickory_proto::rr::rdata::{A, AAAA, CNAME, NS, SOA, TXT};
use hickory_proto::rr::{LowerName, Name, RData, Record as Answer, RecordSet, RrKey};

use super::record::{Record, fold};

/// What "automatic" means, and what every proxied record has (Cloudflare docs,
/// time to live).
const AUTOMATIC_TTL: u32 = 300;

/// The TTL that stands for "automatic" in Cloudflare's API.
const AUTOMATIC: u32 = 1;

/// Longer chains of CNAMEs than this are given up at a zone's own name.
const LONGEST_CHAIN: usize = 8;

/// All record sets of a zone by name and type.
pub(super) type RecordSets = BTreeMap<RrKey, Arc<RecordSet>>;

/// What an answer depends on beside its own record.
#[derive(Debug)]
pub(super) struct Context<'a> {
    /// The addresses of proxied names.
    pub(super) edge: &'a [Ipv4Addr],
    /// Every record that any zone answers now, by folded name.
    pub(super) all: HashMap<String, Vec<&'a Record>>,
}

impl<'a> Context<'a> {
    pub(super) fn new(edge: &'a [Ipv4Addr], records: impl Iterator<Item = &'a Record>) -> Self {
        let mut all: HashMap<String, Vec<&Record>> = HashMap::new();
        for record in records {
            all.entry(fold(&record.name)).or_default().push(record);
        }
        Self { edge, all }
    }

    /// The addresses at the end of a chain of CNAMEs, as far as this server knows.
    fn addresses_of(&self, name: &str) -> Vec<Ipv4Addr> {
        let mut name = fold(name);
        for _ in 0..LONGEST_CHAIN {
            let records = self.all.get(&name).map(Vec::as_slice).unwrap_or_default();
            match records.iter().find(|record| record.kind == "CNAME") {
                Some(alias) => name = fold(&alias.content),
                None => return records.iter().filter_map(|record| address(record)).collect(),
            }
        }
        Vec::new()
    }
}

fn address(record: &Record) -> Option<Ipv4Addr> {
    (record.kind == "A").then(|| record.content.parse().ok())?
}

/// The record sets of `records`, which belong to the zone `origin`.
///
/// A record that cannot be answered (an unknown type, a broken content) is left
/// out and logged.
pub(super) fn record_sets<'a>(
    origin: &Name,
    records: impl Iterator<Item = &'a Record>,
    context: &Context<'_>,
) -> RecordSets {
    let mut sets = RecordSets::new();
    for record in records {
        let answers = answers(origin, record, context);
        if answers.is_empty() {
            tracing::warn!(name = record.name, kind = record.kind, "a record that is not answered");
        }
        for answer in answers {
            insert(&mut sets, answer);
        }
    }
    sets
}

/// The start of authority and the name server of a zone. The times are those of
/// Cloudflare's own (Cloudflare docs, SOA record).
pub(super) fn authority(origin: &Name, serial: u32, sets: &mut RecordSets) {
    let Ok(server) = Name::from_ascii("ns.rehearsal.invalid.") else {
        return;
    };
    let soa = SOA::new(server.clone(), server.clone(), serial, 10_000, 2_400, 604_800, 1_800);
    insert(sets, Answer::from_rdata(origin.clone(), 1_800, RData::SOA(soa)));
    insert(sets, Answer::from_rdata(origin.clone(), 86_400, RData::NS(NS(server))));
}

/// A domain name with its root.
pub(super) fn absolute(name: &str) -> Option<Name> {
    let name = fold(name);
    // The parser takes the empty text for the root.
    if name.is_empty() { None } else { Name::from_ascii(format!("{name}.")).ok() }
}

fn answers(origin: &Name, record: &Record, context: &Context<'_>) -> Vec<Answer> {
    let Some(name) = absolute(&record.name) else {
        return Vec::new();
    };
    let ttl = if record.ttl == AUTOMATIC { AUTOMATIC_TTL } else { record.ttl };
    let addresses = |found: &[Ipv4Addr], ttl: u32| {
        let answer = |ip: &Ipv4Addr| Answer::from_rdata(name.clone(), ttl, RData::A(A(*ip)));
        found.iter().map(answer).collect()
    };
    let can_be_proxied = matches!(record.kind.as_str(), "A" | "AAAA" | "CNAME");
    if record.proxied && can_be_proxied {
        return addresses(context.edge, AUTOMATIC_TTL);
    }
    // A zone's own name has an SOA and so no CNAME: Cloudflare answers the
    // addresses of the target instead (Cloudflare docs, CNAME flattening).
    if record.kind == "CNAME" && name == *origin {
        return addresses(&context.addresses_of(&record.content), ttl);
    }
    let data = data(record);
    data.map(|data| Answer::from_rdata(name, ttl, data)).into_iter().collect()
}

fn data(record: &Record) -> Option<RData> {
    let content = record.content.as_str();
    match record.kind.as_str() {
        "A" => Some(RData::A(A(content.parse::<Ipv4Addr>().ok()?))),
        "AAAA" => Some(RData::AAAA(AAAA(content.parse::<Ipv6Addr>().ok()?))),
        "CNAME" => Some(RData::CNAME(CNAME(absolute(content)?))),
        "NS" => Some(RData::NS(NS(absolute(content)?))),
        "TXT" => Some(RData::TXT(TXT::new(texts(content)))),
        _ => None,
    }
}

/// A text in quotes or without, in pieces of at most 255 bytes (RFC 1035,
/// section 3.3).
fn texts(content: &str) -> Vec<String> {
    let inner = content.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let mut pieces = vec![String::new()];
    for character in inner.unwrap_or(content).chars() {
        match pieces.last_mut() {
            Some(last) if last.len() + character.len_utf8() <= 255 => last.push(character),
            _ => pieces.push(character.to_string()),
        }
    }
    pieces
}

fn insert(sets: &mut RecordSets, answer: Answer) {
    let (name, kind) = (answer.name.clone(), answer.record_type());
    let set = sets
        .entry(RrKey::new(LowerName::new(&name), kind))
        .or_insert_with(|| Arc::new(RecordSet::new(name, kind, 0)));
    Arc::make_mut(set).insert(answer, 0);
}

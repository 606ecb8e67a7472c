//! One DNS record, and how a request changes it.

use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::super::envelope::Failure;
use super::super::timestamp;

/// A TTL of 1 means "automatic" (API reference, DNS records).
pub(in super::super) const AUTOMATIC: u32 = 1;

/// A DNS record as the twin keeps it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The whole name in lower case.
    pub name: String,
    /// `A`, `AAAA`, `CNAME`, `TXT`, ...
    pub kind: String,
    /// The address, target or text.
    pub content: String,
    /// In seconds; 1 is automatic.
    pub ttl: u32,
    /// Whether Cloudflare stands in front of it.
    pub proxied: bool,
    /// A note that has no effect.
    pub comment: Option<String>,
    /// `name:value` pairs that have no effect.
    pub tags: Vec<String>,
    /// As sent; the twin gives them no effect.
    pub settings: Map<String, Value>,
    /// For MX and the like.
    pub priority: Option<u64>,
    /// For record types with structured data, as sent.
    pub data: Option<Value>,
    /// When it was created.
    pub created_on: SystemTime,
    /// When any field was last changed.
    pub modified_on: SystemTime,
    /// When the comment was last changed.
    pub comment_modified_on: Option<SystemTime>,
}

impl Record {
    /// An empty record of this id, made now.
    pub(in super::super) fn blank(id: String, now: SystemTime) -> Self {
        Self {
            id,
            name: String::new(),
            kind: String::new(),
            content: String::new(),
            ttl: AUTOMATIC,
            proxied: false,
            comment: None,
            tags: Vec::new(),
            settings: Map::new(),
            priority: None,
            data: None,
            created_on: now,
            modified_on: now,
            comment_modified_on: None,
        }
    }

    /// Whether its type can be proxied: A, AAAA and CNAME (Cloudflare docs,
    /// proxied DNS records).
    pub(super) fn is_proxiable(&self) -> bool {
        matches!(self.kind.as_str(), "A" | "AAAA" | "CNAME")
    }

    /// As the API shows it.
    pub(super) fn to_json(&self) -> Value {
        let mut shown = json!({
            "id": self.id,
            "name": self.name,
            "type": self.kind,
            "content": self.content,
            "proxiable": self.is_proxiable(),
            "proxied": self.proxied,
            "ttl": self.ttl,
            "settings": self.settings,
            "meta": {},
            "comment": self.comment,
            "tags": self.tags,
            "created_on": timestamp(self.created_on),
            "modified_on": timestamp(self.modified_on),
        });
        let optional = [
            ("priority", self.priority.map(Value::from)),
            ("data", self.data.clone()),
            ("comment_modified_on", self.comment_modified_on.map(|time| timestamp(time).into())),
        ];
        for (field, value) in optional {
            if let Some(value) = value {
                shown[field] = value;
            }
        }
        shown
    }
}

/// The fields that a request names.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    pub(super) name: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) content: Option<String>,
    ttl: Option<u64>,
    proxied: Option<bool>,
    /// `Some(None)` takes the comment away.
    comment: Option<Option<String>>,
    tags: Option<Vec<String>>,
    settings: Option<Map<String, Value>>,
    priority: Option<u64>,
    data: Option<Value>,
}

impl Fields {
    /// Reads them from a request. Fields that are not known are ignored, as the
    /// docs say of a batch's deletes; that this holds everywhere is unverified.
    pub(super) fn read(body: &Value) -> Result<Self, Failure> {
        let body = body.as_object().ok_or_else(|| invalid("the record is not an object"))?;
        let field = |name: &str| body.get(name).filter(|value| !value.is_null());
        let comment = body.get("comment").map(|value| match value {
            Value::String(text) => Ok((!text.is_empty()).then(|| text.clone())),
            Value::Null => Ok(None),
            _ => Err(invalid("comment is not a text")),
        });
        Ok(Self {
            name: text(field("name"), "name")?,
            kind: text(field("type"), "type")?,
            content: text(field("content"), "content")?,
            ttl: typed(field("ttl"), "ttl", Value::as_u64)?,
            proxied: typed(field("proxied"), "proxied", Value::as_bool)?,
            comment: comment.transpose()?,
            tags: typed(field("tags"), "tags", texts)?,
            settings: typed(field("settings"), "settings", |value| value.as_object().cloned())?,
            priority: typed(field("priority"), "priority", Value::as_u64)?,
            data: field("data").cloned(),
        })
    }

    /// Writes the named fields into `record`; the others stay.
    pub(super) fn apply(self, record: &mut Record, zone: &str, now: SystemTime) -> Result<(), Failure> {
        if let Some(name) = self.name {
            record.name = full_name(&name, zone);
        }
        if let Some(kind) = self.kind {
            record.kind = kind;
        }
        if let Some(content) = self.content {
            record.content = content.strip_suffix('.').unwrap_or(&content).to_owned();
        }
        if let Some(ttl) = self.ttl {
            record.ttl = u32::try_from(ttl).map_err(|_| invalid("ttl is out of range"))?;
        }
        if let Some(comment) = self.comment {
            if comment != record.comment {
                record.comment_modified_on = comment.as_ref().map(|_| now);
            }
            record.comment = comment;
        }
        record.proxied = self.proxied.unwrap_or(record.proxied);
        record.tags = self.tags.unwrap_or_else(|| record.tags.clone());
        record.settings = self.settings.unwrap_or_else(|| record.settings.clone());
        record.priority = self.priority.or(record.priority);
        record.data = self.data.or_else(|| record.data.clone());
        // Unverified: that a change which changes nothing counts as one.
        record.modified_on = now;
        Ok(())
    }
}

/// Names are whole in answers; a request may say `@` for the zone itself (the
/// docs' batch example does) or leave the zone out.
fn full_name(name: &str, zone: &str) -> String {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    if name == "@" || name == zone {
        return zone.to_owned();
    }
    if name.ends_with(&format!(".{zone}")) { name } else { format!("{name}.{zone}") }
}

fn text(value: Option<&Value>, name: &str) -> Result<Option<String>, Failure> {
    typed(value, name, |value| value.as_str().map(str::to_owned))
}

fn typed<T>(
    value: Option<&Value>,
    name: &str,
    read: impl FnOnce(&Value) -> Option<T>,
) -> Result<Option<T>, Failure> {
    let Some(value) = value else { return Ok(None) };
    read(value).map(Some).ok_or_else(|| invalid(&format!("{name} has the wrong type")))
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

/// 1004, "DNS Validation Error" (quoted in timothymiller/cloudflare-ddns issue
/// 179); which cause stands behind it in each case is unverified.
pub(super) fn invalid(why: &str) -> Failure {
    Failure::bad_request(1004, "DNS Validation Error").because(9000, why)
}

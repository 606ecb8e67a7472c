//! DNS records (Cloudflare API reference, "DNS records for a zone").

use action::Permit;
use http::Error;
use serde::{Deserialize, Serialize};

use crate::Cloudflare;

/// A DNS record of any type.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Record {
    /// Its id within the zone.
    pub id: String,
    /// The complete name, in Punycode.
    pub name: String,
    /// `CNAME`, `A`, ...
    #[serde(rename = "type")]
    pub kind: String,
    /// The target, address or text; types with structured data have none.
    pub content: Option<String>,
    /// Seconds; 1 means automatic, which is 300 s (Cloudflare docs, "Time to Live").
    pub ttl: u32,
    /// Whether Cloudflare answers with its own addresses and passes requests on.
    #[serde(default)]
    pub proxied: bool,
    /// A note without effect on DNS.
    pub comment: Option<String>,
    /// When any of its fields was changed last, as RFC 3339.
    pub modified_on: Option<String>,
    /// Settings of this one record.
    #[serde(default)]
    pub settings: RecordSettings,
}

/// A record's own settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct RecordSettings {
    /// Whether a CNAME is answered with the addresses behind it.
    pub flatten_cname: Option<bool>,
}

/// Changes of one record; what is `None` stays as it is (Cloudflare docs, "Batch
/// record changes": a patch changes only the named fields).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordPatch {
    /// Which record.
    pub id: String,
    /// The new target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The new TTL in seconds, or 1 for automatic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// The new comment; an empty one removes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

#[derive(Serialize)]
struct Batch<'a> {
    patches: &'a [RecordPatch],
}

/// An answer without the list is not taken for an answer, although the reference
/// calls it optional: better to look again than to trust.
#[derive(Deserialize)]
struct BatchResult {
    patches: Vec<Record>,
}

impl Cloudflare {
    /// Reads every record whose complete name is `name`, of all types. Letter case
    /// makes no difference.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn dns_records(&self, zone: &str, name: &str) -> Result<Vec<Record>, Error> {
        self.list(&["zones", zone, "dns_records"], &[("name.exact", name)]).await
    }

    /// Patches several records in one database transaction: all or none. How the
    /// change spreads to Cloudflare's servers is not atomic, each name for itself
    /// (Cloudflare docs, "Batch record changes"). The API has no conditional
    /// requests: a change that somebody else made a moment ago is overwritten.
    ///
    /// Returns the records as they are afterwards.
    ///
    /// # Errors
    /// See [`Error`]; of several bad patches the API names the first. After an
    /// outcome `Unknown` the batch may have been applied.
    pub async fn patch_dns_records(
        &self,
        zone: &str,
        patches: &[RecordPatch],
        permit: &Permit,
    ) -> Result<Vec<Record>, Error> {
        let request = self.client.post(["zones", zone, "dns_records", "batch"], permit);
        let result: BatchResult = self.result(request.json(&Batch { patches })).await?;
        Ok(result.patches)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_names_only_what_it_changes() {
        let patch = RecordPatch { id: "r1".into(), content: Some("x.y".into()), ttl: None, comment: None };
        assert_eq!(serde_json::to_value(patch).unwrap(), json!({"id": "r1", "content": "x.y"}));
    }

    #[test]
    fn an_answer_to_a_batch_lists_its_patches() {
        for bare in [json!({}), json!([]), json!({"posts": []})] {
            assert!(serde_json::from_value::<BatchResult>(bare).is_err());
        }
        assert!(serde_json::from_value::<BatchResult>(json!({"patches": [], "puts": []})).is_ok());
    }

    #[test]
    fn records_of_any_type_are_read() {
        let cname: Record = serde_json::from_value(json!({
            "id": "r1", "name": "a.example.com", "type": "CNAME", "content": "x.y", "ttl": 60, "proxied": false,
            "proxiable": true, "comment": null, "modified_on": "2026-01-02T03:04:05Z",
            "settings": {"flatten_cname": true}, "tags": [], "meta": {},
        }))
        .unwrap();
        assert_eq!(cname.settings.flatten_cname, Some(true));
        let srv: Record = serde_json::from_value(json!({
            "id": "r2", "name": "a.example.com", "type": "SRV", "data": {"port": 1}, "ttl": 1,
        }))
        .unwrap();
        assert_eq!((srv.content, srv.proxied, srv.modified_on), (None, false, None));
    }
}

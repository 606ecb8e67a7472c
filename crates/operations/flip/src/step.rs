//! One name: what is there, what is wanted, and the difference.

use cloudflare::{Record, RecordPatch};

use crate::host::Host;
use crate::lines::Pointing;
use crate::previous::Previous;

/// What is wanted of a name's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Where it is to point.
    pub pointing: Pointing,
    /// What its other fields are to be.
    pub fields: Fields,
}

impl From<Previous> for Wish {
    /// What a restore wants by a line of `previous`.
    fn from(line: Previous) -> Self {
        Self { pointing: line.pointing, fields: Fields::Exactly { ttl: line.ttl, comment: line.comment } }
    }
}

/// The fields beside the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fields {
    /// A flip: this TTL, and our marker in the comment.
    Short(u32),
    /// A restore: what a line of `previous` says; `None` stays as it is.
    Exactly {
        /// In seconds, 1 for automatic.
        ttl: Option<u32>,
        /// Empty for none.
        comment: Option<String>,
    },
}

/// What the authoritative servers show of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Its CNAME.
    Cname,
    /// Cloudflare's own addresses: the record is proxied.
    Proxied,
    /// The addresses behind the CNAME: at the zone's apex, for a target in the same
    /// zone, and where the record says so (Cloudflare docs, "CNAME flattening").
    Flattened,
}

impl Seen {
    /// For `record` of the zone `apex`, pointing at `target`.
    pub(crate) fn of(record: &Record, host: &Host, target: &Host, apex: &Host) -> Self {
        if record.proxied {
            Self::Proxied
        } else if host == apex || target.is_within(apex) || record.settings.flatten_cname == Some(true) {
            Self::Flattened
        } else {
            Self::Cname
        }
    }
}

/// One name of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// The name.
    pub(crate) host: Host,
    /// Where it points now.
    pub(crate) from: Host,
    /// Where it is to point.
    pub(crate) to: Host,
    /// Its record now.
    pub(crate) record: Record,
    /// What the servers show before and after.
    pub(crate) seen: (Seen, Seen),
    /// The change; nothing when all is as wanted.
    pub(crate) patch: Option<RecordPatch>,
    /// What takes the change back should the verification fail.
    pub(crate) undo: Option<RecordPatch>,
    /// The line that undoes it. For a name that needs no change it tells what the
    /// caller expected there, so that a second run can be undone like the first.
    pub(crate) previous: Option<Previous>,
}

impl Step {
    /// Whether visitors will be led elsewhere.
    pub(crate) fn moves(&self) -> bool {
        self.from != self.to
    }

    /// Whether a record of this name is as the patch wants it. A comment counts
    /// only where it is all that changes: no name is put back for a note.
    pub(crate) fn is_done(&self, record: &Record) -> bool {
        let Some(patch) = &self.patch else { return true };
        let only_comment = patch.content.is_none() && patch.ttl.is_none();
        let comment = patch.comment.as_deref().filter(|_| only_comment);
        self.leads_to(&self.to, record)
            && patch.ttl.is_none_or(|ttl| record.ttl == ttl)
            && comment.is_none_or(|comment| comment == text(record))
    }

    /// Whether a record of this name leads where it did, for as long as it did.
    pub(crate) fn is_as_before(&self, record: &Record) -> bool {
        self.leads_to(&self.from, record) && record.ttl == self.record.ttl
    }

    /// Whether nothing of this name's record has changed since the plan was made.
    pub(crate) fn is_untouched(&self, record: &Record) -> bool {
        let same_way = record.kind == self.record.kind && record.proxied == self.record.proxied;
        self.is_as_before(record) && same_way && text(record) == text(&self.record)
    }

    fn leads_to(&self, target: &Host, record: &Record) -> bool {
        let content = record.content.as_deref().and_then(|text| Host::parse(text).ok());
        record.id == self.record.id && content.as_ref() == Some(target)
    }
}

/// A record's comment; no comment and an empty one are the same.
pub(crate) fn text(record: &Record) -> &str {
    record.comment.as_deref().unwrap_or_default()
}

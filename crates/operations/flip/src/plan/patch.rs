//! What changes in one record.

use std::time::Duration;

use action::Failure;
use cloudflare::{Record, RecordPatch};

use super::{Plan, Rules};
use crate::host::Host;
use crate::marker::Marker;
use crate::step::{Fields, text};
use crate::ttl::{self, Ttl};

/// The patch of a flip. The TTL is set even where the name stays, so that a run
/// can lower it hours ahead.
pub(super) fn flip(
    host: &Host,
    record: &Record,
    to: Option<&Host>,
    wanted: u32,
    rules: &Rules<'_>,
    plan: &mut Plan,
) -> Result<Option<RecordPatch>, Failure> {
    let content = to.map(ToString::to_string);
    if record.proxied {
        if to.is_some() {
            plan.notes.push(format!(
                "{host} is proxied: Cloudflare answers for it with its own addresses, so its TTL plays no part"
            ));
        }
        return Ok(content.map(|content| RecordPatch {
            id: record.id.clone(),
            content: Some(content),
            ttl: None,
            comment: None,
        }));
    }
    let known = Ttl::of(record, wanted);
    if to.is_some() {
        check_age(host, known, wanted, rules)?;
    } else if !matches!(known, Ttl::Long(_)) {
        return Ok(None);
    }
    let since = match known {
        Ttl::ShortSince(since) => since.min(rules.now),
        Ttl::ShortNow | Ttl::Long(_) => rules.now,
    };
    let marked = Marker { ttl: wanted, since }.write_into(text(record), rules.zone.limits.comment);
    if marked.is_none() {
        plan.warnings.push(format!(
            "the comment of {host} has no room for the note since when its TTL is {wanted} s; it is left as it is, so the next flip within {} will be refused",
            humantime::format_duration(rules.min_ttl_age)
        ));
    }
    Ok(Some(RecordPatch {
        id: record.id.clone(),
        content,
        ttl: (record.ttl != wanted).then_some(wanted),
        comment: marked.filter(|marked| marked != text(record)),
    }))
}

/// Refuses a name whose TTL has not been short for long enough.
fn check_age(host: &Host, known: Ttl, wanted: u32, rules: &Rules<'_>) -> Result<(), Failure> {
    let Some(problem) = too_young(host, known, wanted, rules) else { return Ok(()) };
    let min = humantime::format_duration(rules.min_ttl_age);
    let refusal = Failure::refused(problem);
    Err(match known {
        Ttl::Long(_) => refusal
            .hint(format!("set it to {wanted} now (a run that names the target it has does it), and flip {min} later"))
            .hint("`min-ttl-age: 0s` flips at once; resolvers then keep the old target for as long as they were told"),
        _ => refusal
            .hint("every change of a record, by hand or by a restore, hides since when its TTL is what it is; wait, or")
            .hint("pass `min-ttl-age: 0s` if you know that the TTL has been short for long enough"),
    })
}

/// Says why resolvers may still keep an old answer for too long, if so.
fn too_young(host: &Host, known: Ttl, wanted: u32, rules: &Rules<'_>) -> Option<String> {
    if rules.min_ttl_age.is_zero() {
        return None;
    }
    let min = humantime::format_duration(rules.min_ttl_age);
    match (known, known.age(rules.now)) {
        (Ttl::Long(seconds), _) => Some(format!("{host} has a TTL of {seconds} s, not {wanted} s for {min}")),
        (_, Some(age)) if age < rules.min_ttl_age => Some(format!(
            "{host} is known to have a TTL of at most {wanted} s for {} only, not for {min}",
            humantime::format_duration(Duration::from_secs(age.as_secs()))
        )),
        _ => None,
    }
}

/// The patch of a restore: what a line of `previous` says, and beside it our note of the TTL while that stays true.
pub(super) fn restore(
    host: &Host,
    record: &Record,
    to: Option<&Host>,
    ttl: Option<u32>,
    comment: Option<&str>,
    rules: &Rules<'_>,
    plan: &mut Plan,
) -> Option<RecordPatch> {
    if to.is_some() && !record.proxied {
        let young = too_young(host, Ttl::of(record, rules.ttl), rules.ttl, rules);
        plan.warnings.extend(young.map(|problem| {
            format!("{problem}; restoring all the same: some resolvers keep the present target until then")
        }));
    }
    let comment = comment.map(|comment| {
        let kept = kept_note(record, ttl, comment, rules.zone.limits.comment);
        let loses_proof = kept.is_none() && Marker::find(text(record)).is_some() && Marker::find(comment).is_none();
        if loses_proof && !record.proxied {
            plan.notes.push(format!(
                "the comment of {host} will again not say since when its TTL is short; a flip within {} needs `min-ttl-age: 0s`",
                humantime::format_duration(rules.min_ttl_age)
            ));
        }
        kept.unwrap_or_else(|| comment.to_owned())
    });
    let patch = RecordPatch {
        id: record.id.clone(),
        content: to.map(ToString::to_string),
        // A proxied record takes no TTL but automatic.
        ttl: ttl.filter(|ttl| *ttl != record.ttl && !record.proxied),
        comment: comment.filter(|comment| comment != text(record)),
    };
    let changes = patch.content.is_some() || patch.ttl.is_some() || patch.comment.is_some();
    changes.then_some(patch)
}

/// `comment` with the note that the record has, which the next flip needs. Nothing where the note is not true of the
/// TTL now or of the one to come, and where the comment has a note of its own or no room.
fn kept_note(record: &Record, ttl: Option<u32>, comment: &str, limit: usize) -> Option<String> {
    let marker = Marker::find(text(record)).filter(|_| !record.proxied && Marker::find(comment).is_none())?;
    let longest = ttl::seconds(record.ttl).max(ttl::seconds(ttl.unwrap_or(record.ttl)));
    if longest <= marker.ttl { marker.write_into(comment, limit) } else { None }
}

/// What takes a patch back. Where a flip leaves the TTL as it was, its marker is kept,
/// or written if it never arrived: it goes on being true, and the next flip needs it.
pub(super) fn undo(record: &Record, patch: &RecordPatch, fields: &Fields) -> RecordPatch {
    let keeps_marker = matches!(fields, Fields::Short(_)) && patch.ttl.is_none();
    let before = || patch.comment.as_ref().map(|_| text(record).to_owned());
    RecordPatch {
        id: record.id.clone(),
        content: patch.content.as_ref().and(record.content.clone()),
        ttl: patch.ttl.map(|_| record.ttl),
        comment: if keeps_marker { patch.comment.clone() } else { before() },
    }
}

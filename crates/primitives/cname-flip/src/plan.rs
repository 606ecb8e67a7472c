//! The decision: from what is there and what is wanted to a plan, or to a refusal.
//!
//! Pure: no I/O, and the time is an argument.

use std::time::{Duration, SystemTime};

use action::Failure;
use cloudflare::{Record, RecordPatch};

use crate::host::Host;
use crate::lines::Pointing;
use crate::marker::Marker;
use crate::previous::Previous;
use crate::step::{Fields, Seen, Step, Wish, text};
use crate::ttl::Ttl;
use crate::zone::Facts;

/// What the plan must keep to.
#[derive(Clone, Debug)]
pub(crate) struct Rules<'a> {
    /// The zone.
    pub(crate) zone: &'a Facts,
    /// What names must point at now.
    pub(crate) expect: &'a [Pointing],
    /// The longest TTL that may have been told to resolvers, in seconds.
    pub(crate) ttl: u32,
    /// For how long at least; zero switches the rule off.
    pub(crate) min_ttl_age: Duration,
    /// The present.
    pub(crate) now: SystemTime,
}

/// What is to be done, name by name, and what a person should know about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// One step for each wish, in the same order.
    pub(crate) steps: Vec<Step>,
    /// Worth knowing.
    pub(crate) notes: Vec<String>,
    /// Deserves attention.
    pub(crate) warnings: Vec<String>,
}

impl Plan {
    /// The steps that change a record.
    pub(crate) fn changes(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.patch.is_some())
    }

    /// The lines that undo the plan.
    pub(crate) fn previous(&self) -> Vec<Previous> {
        self.steps.iter().filter_map(|step| step.previous.clone()).collect()
    }

    /// As a person reads it before anything happens.
    pub(crate) fn to_approve(&self) -> action::Plan {
        let mut plan = action::Plan::new();
        for (step, patch) in self.steps.iter().filter_map(|step| Some((step, step.patch.as_ref()?))) {
            let (mut now, mut then) = (step.from.to_string(), step.to.to_string());
            if let Some(ttl) = patch.ttl {
                now.push_str(&format!(", TTL {}", step.record.ttl));
                then.push_str(&format!(", TTL {ttl}"));
            }
            if let Some(comment) = &patch.comment {
                now.push_str(&format!(", comment \"{}\"", text(&step.record)));
                then.push_str(&format!(", comment \"{comment}\""));
            }
            plan.change(step.host.as_str(), now, then);
        }
        plan
    }
}

/// Refuses hosts that the zone cannot hold.
pub(crate) fn check_hosts(wishes: &[Wish], zone: &Facts) -> Result<(), Failure> {
    let outside = wishes.iter().map(|wish| &wish.pointing.host).find(|host| !host.is_within(&zone.name));
    match outside {
        None => Ok(()),
        Some(host) => Err(Failure::invalid(format!("{host} is not in the zone {}", zone.name))
            .hint("one run changes one zone; give the names of another zone to a run with its `zone-id`")),
    }
}

/// Makes the plan. `found` holds for each wish the records that bear its name.
pub(crate) fn make(wishes: &[Wish], found: &[Vec<Record>], rules: &Rules<'_>) -> Result<Plan, Failure> {
    let mut plan = Plan { steps: Vec::new(), notes: Vec::new(), warnings: Vec::new() };
    let mut refusals = Vec::new();
    for (wish, records) in wishes.iter().zip(found) {
        match step(wish, records, rules, &mut plan) {
            Ok(step) => plan.steps.push(step),
            Err(refusal) => refusals.push(refusal),
        }
    }
    if let Some(refusal) = all_in_one(refusals) {
        return Err(refusal);
    }
    let changes = plan.changes().count();
    if changes > rules.zone.limits.batch {
        return Err(Failure::refused(format!(
            "{changes} records are more than one batch may change: {} on {}",
            rules.zone.limits.batch, rules.zone.plan
        ))
        .hint("a flip in two batches could stop half way; flip fewer names at a time"));
    }
    Ok(plan)
}

fn step(wish: &Wish, records: &[Record], rules: &Rules<'_>, plan: &mut Plan) -> Result<Step, Failure> {
    let Pointing { host, target: to } = &wish.pointing;
    let record = only_cname(host, records, &rules.zone.name)?;
    let from = points_at(host, record)?;
    let expected = rules.expect.iter().find(|expect| expect.host == *host).map(|expect| &expect.target);
    if let Some(expected) = expected
        && from != *expected
        && from != *to
    {
        return Err(Failure::stale(format!("{host} points at {from}, not at {expected} as expected"))
            .hint("somebody else moved it: find out who, then run again with what it points at now"));
    }
    let to_move = (from != *to).then_some(to);
    let patch = match &wish.fields {
        Fields::Short(ttl) => flip(host, record, to_move, *ttl, rules, plan)?,
        Fields::Exactly { ttl, comment } => {
            restore(host, record, to_move, *ttl, comment.as_deref(), rules, plan)
        }
    };
    let undo = patch.as_ref().map(|patch| undo(record, patch, &wish.fields));
    let previous = match &patch {
        Some(_) => Some(Previous {
            pointing: Pointing { host: host.clone(), target: from.clone() },
            ttl: Some(record.ttl),
            comment: Some(text(record).to_owned()),
        }),
        None => expected.filter(|expected| *expected != to).map(|expected| Previous {
            pointing: Pointing { host: host.clone(), target: expected.clone() },
            ttl: None,
            comment: None,
        }),
    };
    let seen = |target: &Host| Seen::of(record, host, target, &rules.zone.name);
    Ok(Step {
        host: host.clone(),
        to: to.clone(),
        record: record.clone(),
        seen: (seen(&from), seen(to)),
        from,
        patch,
        undo,
        previous,
    })
}

/// The one CNAME of a name. Beside it only types without addresses may stand,
/// which Cloudflare allows at the apex.
fn only_cname<'r>(host: &Host, records: &'r [Record], zone: &Host) -> Result<&'r Record, Failure> {
    let named: Vec<&Record> =
        records.iter().filter(|record| Host::parse(&record.name).is_ok_and(|name| name == *host)).collect();
    let cnames: Vec<&Record> = named.iter().copied().filter(|record| record.kind == "CNAME").collect();
    let addresses = named.iter().any(|record| matches!(record.kind.as_str(), "A" | "AAAA"));
    let there = |record: &&Record| {
        format!("{} {}", record.kind, record.content.as_deref().unwrap_or("with structured data"))
    };
    let list = |records: &[&Record]| records.iter().map(there).collect::<Vec<_>>().join(", ");
    match cnames[..] {
        [cname] if !addresses => Ok(cname),
        [_, _, ..] => Err(Failure::refused(format!("{host} has {} CNAMEs: {}", cnames.len(), list(&cnames)))
            .hint("delete all but the one that serves")),
        [] if named.is_empty() => Err(Failure::refused(format!("{host} has no record in the zone {zone}"))
            .hint("create the CNAME first, with a TTL of 60; a flip only moves what is there")),
        _ => Err(Failure::refused(format!("{host} is not one CNAME but {}", list(&named)))
            .hint("a flip moves one CNAME; replace these records by one")),
    }
}

fn points_at(host: &Host, record: &Record) -> Result<Host, Failure> {
    let content = record.content.as_deref().unwrap_or_default();
    Host::parse(content).map_err(|rule| {
        Failure::unreachable(format!(
            "Cloudflare says that {host} points at `{content}`, which is no host name: {rule}"
        ))
    })
}

/// The patch of a flip. The TTL is set even where the name stays, so that a run
/// can lower it hours ahead.
fn flip(
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

/// The patch of a restore, exactly what a line of `previous` says.
fn restore(
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
    let comment = comment.filter(|comment| *comment != text(record));
    let loses_proof = |comment: &str| Marker::find(text(record)).is_some() && Marker::find(comment).is_none();
    if comment.is_some_and(loses_proof) && !record.proxied {
        plan.notes.push(format!(
            "the comment of {host} will again not say since when its TTL is short; a flip within {} needs `min-ttl-age: 0s`",
            humantime::format_duration(rules.min_ttl_age)
        ));
    }
    let patch = RecordPatch {
        id: record.id.clone(),
        content: to.map(ToString::to_string),
        // A proxied record takes no TTL but automatic.
        ttl: ttl.filter(|ttl| *ttl != record.ttl && !record.proxied),
        comment: comment.map(str::to_owned),
    };
    let changes = patch.content.is_some() || patch.ttl.is_some() || patch.comment.is_some();
    changes.then_some(patch)
}

/// What takes a patch back. Where a flip leaves the TTL as it was, its marker is kept,
/// or written if it never arrived: it goes on being true, and the next flip needs it.
fn undo(record: &Record, patch: &RecordPatch, fields: &Fields) -> RecordPatch {
    let keeps_marker = matches!(fields, Fields::Short(_)) && patch.ttl.is_none();
    let before = || patch.comment.as_ref().map(|_| text(record).to_owned());
    RecordPatch {
        id: record.id.clone(),
        content: patch.content.as_ref().and(record.content.clone()),
        ttl: patch.ttl.map(|_| record.ttl),
        comment: if keeps_marker { patch.comment.clone() } else { before() },
    }
}

/// One failure that says everything: the gravest first (a world that moved, then
/// the others in their order), each further one as a hint.
fn all_in_one(mut refusals: Vec<Failure>) -> Option<Failure> {
    let gravest =
        refusals.iter().position(|refusal| refusal.ending() == action::Ending::Stale).unwrap_or_default();
    if refusals.is_empty() {
        return None;
    }
    let mut first = refusals.remove(gravest);
    for other in &refusals {
        first = first.hint(format!("also: {}", other.message()));
    }
    let new: Vec<&String> = refusals.iter().flat_map(Failure::hints).collect();
    for hint in new {
        if !first.hints().contains(hint) {
            first = first.hint(hint.clone());
        }
    }
    Some(first.hint("no name has been moved"))
}

#[cfg(test)]
mod tests;

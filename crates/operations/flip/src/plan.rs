//! The decision: from what is there and what is wanted to a plan, or to a refusal.
//!
//! Pure: no I/O, and the time is an argument.

mod patch;

use std::time::{Duration, SystemTime};

use action::Failure;
use cloudflare::Record;

use crate::host::Host;
use crate::lines::Pointing;
use crate::previous::Previous;
use crate::step::{Fields, Seen, Step, Wish, text};
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
        Fields::Short(ttl) => patch::flip(host, record, to_move, *ttl, rules, plan)?,
        Fields::Exactly { ttl, comment } => {
            patch::restore(host, record, to_move, *ttl, comment.as_deref(), rules, plan)
        }
    };
    let undo = patch.as_ref().map(|patch| patch::undo(record, patch, &wish.fields));
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
pub(crate) fn only_cname<'r>(host: &Host, records: &'r [Record], zone: &Host) -> Result<&'r Record, Failure> {
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

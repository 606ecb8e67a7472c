//! From what was seen to the report.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::estate::{Estate, SCALED};
use crate::platform::CACHE_SPEED;
use crate::runner::{Annotation, Level};
use crate::timeline::{End, Job, LedgerRow, Mark, PublicName, Rehearsal, Run, Scaling, Span, Step, Visits};
use crate::visitors::{self, Counts};
use crate::workflow_run::{self, Conclusion};

use super::by_hand;
use super::names::{Names, colour_of};
use super::own_time::own_time;
use super::scenario::{Place, Scenario};

/// How long a bin of the visitors' counts is.
const BIN: Duration = Duration::from_millis(250);

/// Everything that was seen, for the report.
pub(super) struct Seen {
    /// The first moment.
    pub(super) start: Instant,
    /// Where the names pointed then.
    pub(super) before: Names,
    /// The runs.
    pub(super) runs: Vec<workflow_run::Run>,
    /// When names moved.
    pub(super) marks: Vec<Mark>,
    /// What visitors saw in the very last moments.
    pub(super) last: Counts,
}

/// The report, but for its objections.
pub(super) fn rehearsal(
    scenario: &Scenario,
    estate: &Estate,
    seen: &Seen,
    report: &visitors::Report,
) -> Result<Rehearsal> {
    let names = estate.cnames();
    Ok(Rehearsal {
        title: scenario.title.to_owned(),
        story: scenario.about.to_owned(),
        expected: scenario.expected.to_owned(),
        ended: ended(seen, &names, report),
        objections: Vec::new(),
        lasted: seen.start.elapsed(),
        own: seen.runs.first().and_then(own_time),
        scaled: SCALED.iter().map(scaling).collect(),
        runs: seen.runs.iter().map(|one| run(one, seen.start)).collect(),
        marks: seen.marks.clone(),
        visitors: Visits::of(report, BIN, CACHE_SPEED, Duration::ZERO),
        ledger: ledger(scenario.place, estate)?,
        names: public_names(seen, &names),
        notes: notes(estate),
        next: next(seen),
    })
}

fn ended(seen: &Seen, names: &[(String, String)], report: &visitors::Report) -> String {
    let runs: Vec<_> = seen.runs.iter().map(|run| run.conclusion.to_string()).collect();
    let names = names.iter().map(|(host, target)| {
        let label = host.split('.').next().unwrap_or(host);
        format!("{label} on {}", colour_of(target))
    });
    let names = names.collect::<Vec<_>>().join(", ");
    let subject = if runs.len() == 1 { "The run ended" } else { "The runs ended" };
    let runs = match runs.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => runs.concat(),
    };
    format!("{subject} with {runs}; {names}; {} requests failed.", report.total.failed)
}

fn scaling(scaled: &crate::estate::Scaled) -> Scaling {
    Scaling {
        name: scaled.variable.to_owned(),
        about: scaled.about.to_owned(),
        usual: Duration::from_secs(scaled.usual),
        here: Duration::from_secs(scaled.here),
    }
}

fn run(run: &workflow_run::Run, start: Instant) -> Run {
    let jobs = run.jobs.iter().map(|one| if one.attempt < run.attempt { kept(one) } else { job(one, start) });
    let tag = run.event.reference.name();
    let name = match run.attempt {
        _ if run.file == by_hand::NAME => format!("the lines in the summary of {tag}, by hand"),
        1 => format!("{} on {tag}", run.file),
        attempt => format!("{} on {tag}, attempt {attempt}", run.file),
    };
    Run { name, jobs: jobs.collect() }
}

/// A job that did not run again: its result stands.
fn kept(job: &workflow_run::Job) -> Job {
    let reason = format!("its result of attempt {} stands", job.attempt);
    Job { name: job.id.clone(), end: end(job.conclusion), reason, ..Job::default() }
}

fn job(job: &workflow_run::Job, start: Instant) -> Job {
    Job {
        name: job.id.clone(),
        end: end(job.conclusion),
        ran: job.started.map(|started| span(started, job.ended, start)),
        reason: errors(&job.annotations),
        steps: job.steps.iter().map(|one| step(one, start)).collect(),
        summary: job.summary(),
    }
}

fn step(step: &workflow_run::Step, start: Instant) -> Step {
    let ran = step.outcome != Conclusion::Skipped;
    Step {
        name: name(step),
        end: end(step.conclusion),
        ran: ran.then(|| span(step.started, step.ended, start)),
        result: step.output("result").to_owned(),
        error: errors(&step.annotations),
    }
}

/// The last part of an action's name, when the step has none of its own:
/// `version-poll`, not `Run $/actions/version-poll`.
fn name(step: &workflow_run::Step) -> String {
    match &step.uses {
        Some(uses) if step.name.ends_with(uses.as_str()) => {
            let path = uses.split('@').next().unwrap_or(uses);
            path.rsplit('/').next().unwrap_or(path).to_owned()
        }
        _ => step.name.clone(),
    }
}

fn errors(annotations: &[Annotation]) -> String {
    let errors = annotations.iter().filter(|annotation| annotation.level == Level::Error);
    errors.map(|annotation| annotation.message.as_str()).collect::<Vec<_>>().join("\n")
}

fn end(conclusion: Conclusion) -> End {
    match conclusion {
        Conclusion::Success => End::Success,
        Conclusion::Failure => End::Failure,
        Conclusion::Cancelled => End::Cancelled,
        Conclusion::Skipped => End::Skipped,
    }
}

fn span(from: Instant, to: Instant, start: Instant) -> Span {
    Span { began: from.saturating_duration_since(start), lasted: to.saturating_duration_since(from) }
}

fn ledger(place: Place, estate: &Estate) -> Result<Vec<LedgerRow>> {
    let database = match place {
        Place::Staging => &estate.staging,
        _ => &estate.production,
    };
    let rows = database.rows()?.into_iter();
    Ok(rows
        .map(|row| LedgerRow {
            generation: row.generation,
            tag: row.tag,
            sha: row.sha,
            targets: row.targets,
            state: row.state,
        })
        .collect())
}

fn public_names(seen: &Seen, now: &[(String, String)]) -> Vec<PublicName> {
    let pairs = seen.before.iter().zip(now);
    pairs
        .map(|((host, before), (_, after))| PublicName {
            host: host.clone(),
            before: before.clone(),
            after: after.clone(),
        })
        .collect()
}

fn notes(estate: &Estate) -> Vec<String> {
    let judged = match estate.judged() {
        Some(count) => format!("{count} exchanges fit the vendors' contracts."),
        None => {
            "The vendors' contracts were not at hand (GREENROOM_CONTRACTS names their folder).".to_owned()
        }
    };
    let sites = estate.pages.sites().into_iter();
    let sites = sites.map(|site| format!("{} was published on its branch {}.", site.project, site.branch));
    [judged].into_iter().chain(sites).collect()
}

/// Every hint that an error of the last run gave, once: what went wrong before it has been dealt with.
fn next(seen: &Seen) -> Vec<String> {
    let steps = seen.runs.last().into_iter().flat_map(|run| &run.jobs).flat_map(|job| &job.steps);
    let errors = steps.flat_map(|step| &step.annotations).filter(|found| found.level == Level::Error);
    let hints = errors.flat_map(|error| error.message.lines()).filter_map(|line| line.strip_prefix("hint: "));
    let mut next: Vec<String> = Vec::new();
    for hint in hints {
        if !next.iter().any(|known| known == hint) {
            next.push(hint.to_owned());
        }
    }
    next
}

//! The timeline as a Mermaid Gantt chart.

use std::fmt::Write as _;
use std::time::Duration;

use crate::visitors::Tally;

use super::{End, HostVisits, Job, Rehearsal, Span, Step};

/// The chart's source, without the fence.
pub(super) fn gantt(rehearsal: &Rehearsal) -> String {
    let mut out = String::from("gantt\n    dateFormat x\n    axisFormat %M:%S\n    todayMarker off\n");
    for run in &rehearsal.runs {
        let prefix = if rehearsal.runs.len() > 1 { format!("{}: ", run.name) } else { String::new() };
        for job in run.jobs.iter().filter(|job| job.ran.is_some()) {
            section(&mut out, &format!("{prefix}{}", job.name));
            steps(&mut out, job);
        }
    }
    if !rehearsal.marks.is_empty() {
        section(&mut out, "marks");
    }
    for mark in &rehearsal.marks {
        task(&mut out, &mark.label, "milestone", Span { began: mark.at, lasted: Duration::ZERO });
    }
    for host in &rehearsal.visitors.hosts {
        // Mermaid leaves little room for a section's name.
        section(&mut out, host.host.split('.').next().unwrap_or(&host.host));
        for (colour, span) in stretches(host, rehearsal.visitors.bin) {
            task(&mut out, colour, if colour == "failed" { "crit" } else { "active" }, span);
        }
    }
    out
}

fn steps(out: &mut String, job: &Job) {
    let ran: Vec<(&Step, Span)> = job.steps.iter().filter_map(|step| Some((step, step.ran?))).collect();
    if let (true, Some(span)) = (ran.is_empty(), job.ran) {
        task(out, &job.name, tag(job.end), span);
    }
    for (step, span) in ran {
        task(out, &step.name, tag(step.end), span);
    }
}

fn tag(end: End) -> &'static str {
    match end {
        End::Success | End::Skipped => "done",
        End::Failure | End::Cancelled => "crit",
    }
}

fn section(out: &mut String, name: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "    section {}", plain(name));
}

fn task(out: &mut String, name: &str, tag: &str, span: Span) {
    let (from, to) = (span.began.as_millis(), span.ended().as_millis());
    let _ = writeln!(out, "    {} :{tag}, {from}, {to}", plain(name));
}

/// From when to when each colour answered most of the visits, and from the first
/// failure to the last.
fn stretches(host: &HostVisits, bin: Duration) -> Vec<(&'static str, Span)> {
    let stretch = |name: &'static str, is_in: fn(&Tally) -> bool| {
        let seen = |index: &usize| is_in(&host.bins[*index]);
        let (first, last) = ((0..host.bins.len()).find(seen)?, (0..host.bins.len()).rev().find(seen)?);
        let at = |index: usize| bin * u32::try_from(index).unwrap_or(u32::MAX);
        Some((name, Span { began: at(first), lasted: at(last + 1) - at(first) }))
    };
    let all = [
        stretch("blue", |tally| tally.blue > tally.green),
        stretch("green", |tally| tally.green > tally.blue),
        stretch("failed", |tally| tally.failed > 0),
    ];
    all.into_iter().flatten().collect()
}

/// The words that begin a statement (Mermaid docs, Gantt diagrams).
const KEYWORDS: [&str; 14] = [
    "acc",
    "axis",
    "click",
    "date",
    "end",
    "excludes",
    "gantt",
    "includes",
    "inclusive",
    "section",
    "tick",
    "title",
    "today",
    "week",
];

/// A name without anything that Mermaid could take for its own: letters, digits,
/// spaces and a few signs are left.
fn plain(name: &str) -> String {
    let keep = |char: char| if char.is_alphanumeric() || "._-+()".contains(char) { char } else { ' ' };
    let kept: String = name.chars().map(keep).collect();
    let kept = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    let lower = kept.to_lowercase();
    match kept.as_str() {
        "" => "unnamed".to_owned(),
        _ if KEYWORDS.iter().any(|word| lower.starts_with(word)) => format!("- {kept}"),
        _ => kept,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_become_syntax() {
        assert_eq!(plain("x :crit, 0, 9\n%% section y; click"), "x crit 0 9 section y click");
        assert_eq!(plain("<b>`#;:"), "b");
        assert_eq!(plain("```"), "unnamed");
        assert_eq!(plain("section x"), "- section x");
    }
}

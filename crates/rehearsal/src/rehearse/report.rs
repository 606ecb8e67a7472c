//! The timeline, the visitors, and what the operator does next: on the screen
//! and as Markdown.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use action::markdown;
use anyhow::{Context as _, Result};

use crate::runner::{Conclusion, Level, Step};
use crate::visitors::{self, Tally};

use super::fault::Fault;
use super::verdict::Verdict;

/// One line of the timeline.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) step: String,
    pub(super) took: Duration,
    pub(super) ended: String,
    pub(super) seen: String,
}

impl Row {
    pub(super) fn of(number: usize, action: &str, took: Duration, step: &Step) -> Self {
        let result = step.output("result");
        let ended = match (step.conclusion, result) {
            (_, "") => "killed".to_owned(),
            (_, result) => result.to_owned(),
        };
        Self { step: format!("{number} {action}"), took, ended, seen: seen(action, step) }
    }
}

/// The one thing that a step's outputs or its error say.
fn seen(action: &str, step: &Step) -> String {
    if step.conclusion != Conclusion::Success {
        return error(step).first().cloned().unwrap_or_else(|| "it could say nothing".to_owned());
    }
    let output = |name: &str| step.output(name).to_owned();
    match action {
        "manifest-resolve" => format!("targets {}", output("targets")),
        "kv-bind" => format!("namespace {}, changed: {}", output("namespace-id"), output("changed")),
        "render-deploy" => format!("{} is {}", output("deploy-id"), output("status")),
        "version-poll" => format!("generation {} after {} looks", output("generation"), output("attempts")),
        _ => format!("changed: {}", output("changed")),
    }
}

/// The lines of a step's error annotation.
fn error(step: &Step) -> Vec<String> {
    let annotation = step.annotations.iter().find(|annotation| annotation.level == Level::Error);
    annotation.map(|found| found.message.lines().map(str::to_owned).collect()).unwrap_or_default()
}

/// Everything that is told in the end.
#[derive(Debug)]
pub(super) struct Report {
    fault: Fault,
    rows: Vec<Row>,
    hints: Vec<String>,
    tail: String,
    tail_markdown: String,
}

impl Report {
    pub(super) fn new(fault: Fault) -> Self {
        Self { fault, rows: Vec::new(), hints: Vec::new(), tail: String::new(), tail_markdown: String::new() }
    }

    /// Adds a step, and what its error says about the next one.
    pub(super) fn row(&mut self, row: Row, step: &Step) {
        self.rows.push(row);
        let hints = error(step).into_iter().filter_map(|line| Some(line.strip_prefix("hint: ")?.to_owned()));
        self.hints.extend(hints);
    }

    /// A new act begins.
    pub(super) fn act(&mut self, name: &str) {
        let row =
            Row { step: name.to_owned(), took: Duration::ZERO, ended: String::new(), seen: String::new() };
        self.rows.push(row);
    }

    /// Where the name points and where visitors are, once caches have run out.
    pub(super) fn settled(&mut self, target: &str, last: Tally) {
        self.rows.push(Row {
            step: "visitors, a TTL later".to_owned(),
            took: super::AFTER,
            ended: if last.blue > last.green { "blue" } else { "green" }.to_owned(),
            seen: format!(
                "{} on blue, {} on green in the last second; the name points at {target}",
                last.blue, last.green
            ),
        });
    }

    /// The last words.
    pub(super) fn close(&mut self, seen: &visitors::Report, judged: Option<u64>, verdict: &Verdict) {
        let total = seen.total;
        let contract = match judged {
            Some(count) => format!("{count} exchanges fit the vendors' contracts"),
            None => {
                "the vendors' contracts were not at hand (GREENROOM_CONTRACTS names their folder)".to_owned()
            }
        };
        let mut lines = vec![
            format!(
                "Visitors: {} requests; {} answered by blue, {} by green, {} failed",
                total.visits(),
                total.blue,
                total.green,
                total.failed
            ),
            format!("Contracts: {contract}"),
        ];
        for failure in seen.failures.iter().take(5) {
            lines.push(format!("Failed after {}: {}: {}", seconds(failure.at), failure.host, failure.reason));
        }
        lines.extend(verdict.objections().iter().map(|objection| format!("NOT AS PROMISED: {objection}")));
        let promised = verdict.passed().then(|| self.fault.next_step().to_owned());
        let next: Vec<_> = promised.into_iter().chain(self.hints.iter().cloned()).collect();
        self.tail = format!(
            "{}\n\nWhat the operator does next:\n  - {}\n\n{}",
            lines.join("\n"),
            next.join("\n  - "),
            verdict.words()
        );
        let items = |lines: &[String]| {
            lines.iter().map(|line| format!("- {}\n", markdown::text(line))).collect::<String>()
        };
        self.tail_markdown = format!(
            "## Visitors\n\n{}\n## What the operator does next\n\n{}\n**{}**\n",
            items(&lines),
            items(&next),
            verdict.words()
        );
    }

    /// For the screen.
    pub(super) fn text(&self) -> String {
        let width = self.rows.iter().map(|row| row.step.len()).max().unwrap_or(0);
        let mut out = format!("\nTimeline: {}\n\n", self.fault.about());
        for row in &self.rows {
            // Writing to a string cannot fail.
            let _ = match row.ended.as_str() {
                "" => writeln!(out, "  {}", row.step),
                ended => {
                    writeln!(
                        out,
                        "  {:width$}  {:>7}  {ended:<11}  {}",
                        row.step,
                        seconds(row.took),
                        row.seen
                    )
                }
            };
        }
        format!("{out}\n{}", self.tail)
    }

    /// Writes the Markdown; returns where.
    pub(super) fn save(&self, file: Option<&Path>) -> Result<PathBuf> {
        let file =
            file.map_or_else(|| default_folder().join(format!("{}.md", self.fault.name())), Path::to_owned);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&file, self.markdown()).with_context(|| format!("write {}", file.display()))?;
        Ok(file)
    }

    fn markdown(&self) -> String {
        let rows = self.rows.iter().map(|row| {
            [
                markdown::text(&row.step),
                seconds(row.took),
                markdown::text(&row.ended),
                markdown::text(&row.seen),
            ]
        });
        format!(
            "# Rehearsal: {}\n\n## Timeline\n\n{}\n{}",
            self.fault.about(),
            markdown::table(["Step", "Took", "Ended", "What was seen"], rows),
            self.tail_markdown
        )
    }
}

/// `target/rehearsal` of this workspace, or of whichever folder cargo was told.
pub(super) fn default_folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"), PathBuf::from);
    let target = target.canonicalize().unwrap_or(target);
    target.join("rehearsal")
}

/// A duration with a tenth of a second.
pub(super) fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f32())
}

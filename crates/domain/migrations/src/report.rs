//! What is found in the pending migrations, and what it comes to.

use std::collections::BTreeMap;
use std::mem;
use std::panic;
use std::thread;

use crate::judge;
use crate::marker::markers;
use crate::replay::Replay;
use crate::rule::{Level, Rule};
use crate::scripts::each_script;
use crate::source::{Lines, Migration, Position, Span};
use crate::syntax::{STACK, Script, script};

/// What is to be said of a pending set.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Verdict {
    /// Running code goes on.
    Compatible,
    /// It breaks, and a marker in each file that breaks it says that this is meant.
    Overridden,
    /// A person must look.
    NeedsReview,
    /// Running code breaks.
    Breaking,
}

impl Verdict {
    /// Its word in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::Overridden => "overridden",
            Self::NeedsReview => "needs-review",
            Self::Breaking => "breaking",
        }
    }
}

/// One thing found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// How much it matters.
    pub level: Level,
    /// The file, as the caller named it.
    pub path: String,
    /// The statement or the part of it, in bytes.
    pub span: Span,
    /// Where it begins.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
    /// What happens; a whole statement, lower case, without a full stop.
    pub message: String,
    /// The reason of the marker that covers it.
    pub covered: Option<String>,
}

/// A marker that covers something.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Override {
    /// The file.
    pub path: String,
    /// Where the marker is.
    pub start: Position,
    /// Why the break is meant.
    pub reason: String,
    /// How many findings it covers.
    pub findings: usize,
}

/// Everything found.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Report {
    /// In the order of files and places.
    pub findings: Vec<Finding>,
    /// The markers that count.
    pub overrides: Vec<Override>,
    /// How often each excluded rule would have found something.
    pub excluded: BTreeMap<Rule, usize>,
}

impl Report {
    /// What it comes to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let open = self.findings.iter().filter(|finding| finding.covered.is_none());
        match open.map(|finding| finding.level).max() {
            Some(Level::Breaking) => Verdict::Breaking,
            Some(Level::NeedsReview) => Verdict::NeedsReview,
            _ if self.overrides.is_empty() => Verdict::Compatible,
            _ => Verdict::Overridden,
        }
    }
}

/// Whether a text can be read as a migration: what does not parse is refused.
#[must_use]
pub fn parses(text: &str) -> bool {
    let read = || script(text).errors.is_empty();
    thread::scope(|scope| match thread::Builder::new().stack_size(STACK).spawn_scoped(scope, read) {
        Ok(thread) => thread.join().unwrap_or_else(|defect| panic::resume_unwind(defect)),
        Err(_) => read(),
    })
}

/// Judges pending migrations against the schema that the history makes; both in the order in which they run.
///
/// What excluded rules find is counted and not told; one that [is always on](Rule::is_always_on) is told all the same.
#[must_use]
pub fn assess(history: &[Migration<'_>], pending: &[Migration<'_>], excluded: &[Rule]) -> Report {
    thread::scope(|scope| {
        let deep = thread::Builder::new().stack_size(STACK);
        match deep.spawn_scoped(scope, || judged(history, pending, excluded)) {
            Ok(thread) => thread.join().unwrap_or_else(|defect| panic::resume_unwind(defect)),
            Err(_) => judged(history, pending, excluded),
        }
    })
}

fn judged(history: &[Migration<'_>], pending: &[Migration<'_>], excluded: &[Rule]) -> Report {
    let mut replay = Replay::new();
    let mut report = Report::default();
    each_script(history, |file, migration, script| {
        if let Some(fault) = script.errors.first() {
            let message = format!(
                "this is deployed and does not parse, so the schema before the pending files is not known: {}; \
                 write what it did in SQL that parses, under the same name: it runs no second time",
                fault.message
            );
            report.add(&File::of(migration), fault.span, Rule::ParseError, Level::Breaking, message);
        }
        replay.file(file, &script.statements);
    });
    for unread in &replay.unread {
        if let Some(migration) = history.get(unread.site.file) {
            let message = format!("this is deployed, and what it made is not known: {}", unread.message);
            report.add(&File::of(migration), unread.site.span, unread.rule, unread.level, message);
        }
    }
    replay.begin_pending();
    let mut scripts = Vec::with_capacity(pending.len());
    each_script(pending, |file, _, mut script| {
        replay.file(history.len() + file, &mem::take(&mut script.statements));
        scripts.push(script);
    });
    let (excluded, found): (Vec<_>, Vec<_>) = judge::judge(&replay)
        .into_iter()
        .partition(|found| excluded.contains(&found.rule) && !found.rule.is_always_on());
    for found in excluded {
        *report.excluded.entry(found.rule).or_default() += 1;
    }
    for (file, (migration, script)) in pending.iter().zip(&scripts).enumerate() {
        // What does not parse has words that are no statement; that it does not parse is told already.
        let is_told = |rule| rule == Rule::UnknownStatement && !script.errors.is_empty();
        let here =
            found.iter().filter(|found| found.site.file == history.len() + file && !is_told(found.rule));
        report.file(&File::of(migration), script, here);
    }
    report
}

/// A file with its lines.
struct File<'a> {
    migration: &'a Migration<'a>,
    lines: Lines<'a>,
}

impl<'a> File<'a> {
    fn of(migration: &'a Migration<'a>) -> Self {
        Self { migration, lines: Lines::of(migration.text) }
    }
}

impl Report {
    fn add(&mut self, file: &File<'_>, span: Span, rule: Rule, level: Level, message: String) {
        self.findings.push(Finding {
            rule,
            level,
            path: file.migration.path.to_owned(),
            span,
            start: file.lines.at(span.start),
            end: file.lines.at(span.end),
            message,
            covered: None,
        });
    }

    fn file<'f>(&mut self, file: &File<'_>, script: &Script, found: impl Iterator<Item = &'f judge::Found>) {
        let first = self.findings.len();
        for fault in &script.errors {
            let message = format!("this does not parse: {}", fault.message);
            self.add(file, fault.span, Rule::ParseError, Level::Breaking, message);
        }
        for found in found {
            self.add(file, found.site.span, found.rule, found.level, found.message.clone());
        }
        self.markers(file, script, first);
        if let Some(own) = self.findings.get_mut(first..) {
            own.sort_by_key(|finding| (finding.span, finding.rule));
        }
    }

    /// Lets the marker of a file cover what is found in it, and says what is wrong with markers.
    fn markers(&mut self, file: &File<'_>, script: &Script, first: usize) {
        let (markers, misses) = markers(&script.comments);
        if let Some(marker) = markers.first() {
            let mut covered = 0;
            for finding in self.findings.iter_mut().skip(first).filter(|finding| is_coverable(finding)) {
                finding.covered = Some(marker.reason.clone());
                covered += 1;
            }
            let start = file.lines.at(marker.span.start);
            if covered > 0 {
                let path = file.migration.path.to_owned();
                self.overrides.push(Override {
                    path,
                    start,
                    reason: marker.reason.clone(),
                    findings: covered,
                });
            } else {
                let message = String::from("the marker covers nothing");
                self.add(file, marker.span, Rule::MarkerUnused, Level::NeedsReview, message);
            }
        }
        for second in markers.iter().skip(1) {
            let message = String::from("the file has a marker already, which covers all of it");
            self.add(file, second.span, Rule::MarkerUnused, Level::NeedsReview, message);
        }
        for miss in misses {
            let message = format!("this looks like a marker, but {}", miss.why);
            self.add(file, miss.span, Rule::MarkerInvalid, Level::Breaking, message);
        }
    }
}

fn is_coverable(finding: &Finding) -> bool {
    finding.level > Level::Advisory && finding.rule != Rule::ParseError
}

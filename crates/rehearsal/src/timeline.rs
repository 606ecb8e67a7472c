//! What a rehearsal tells in the end: one timeline, with the visitors' colours on
//! the same axis, as text for the terminal, as Markdown, and as one page of HTML.
//!
//! Pure: from [`Rehearsal`] to text, no clock and no files. Every word in it may
//! come from a log or from a vendor, so everything is escaped; a summary is
//! Markdown that a job wrote, and its HTML is taken for text.

mod axis;
mod gantt;
mod markdown;
mod page;
mod terminal;
mod visits;

#[cfg(test)]
mod sample;

use std::time::Duration;

use crate::visitors::Tally;

pub use markdown::markdown;
pub use page::page;
pub use terminal::terminal;

/// A whole rehearsal: what was played, how it ended, and everything seen
/// meanwhile. All times are since the first moment that is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rehearsal {
    /// What was rehearsed, in a few words: `Production: api and workers`.
    pub title: String,
    /// The same in a sentence or two.
    pub story: String,
    /// The promised end, in a sentence.
    pub expected: String,
    /// The end that came, in a sentence.
    pub ended: String,
    /// What was not as promised; nothing when it passed.
    pub objections: Vec<String>,
    /// How long everything took.
    pub lasted: Duration,
    /// What of it was our own time on the critical path: without what the twins
    /// were told to take, and without polling. `None` when nobody measured it.
    pub own: Option<Duration>,
    /// The settings with other values than the runbook's.
    pub scaled: Vec<Scaling>,
    /// The runs of workflows, in the order of their beginnings.
    pub runs: Vec<Run>,
    /// What is marked across the whole timeline, such as the flip.
    pub marks: Vec<Mark>,
    /// What visitors saw.
    pub visitors: Visits,
    /// The ledger in the end, newest row first.
    pub ledger: Vec<LedgerRow>,
    /// Where the public names pointed, and point.
    pub names: Vec<PublicName>,
    /// What else is worth knowing, one sentence each.
    pub notes: Vec<String>,
    /// What the operator does next, one sentence each.
    pub next: Vec<String>,
}

impl Rehearsal {
    /// Whether it ended as promised.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.objections.is_empty()
    }

    /// The verdict in a sentence.
    #[must_use]
    pub fn verdict(&self) -> String {
        match self.objections.len() {
            0 => "It ended as promised.".to_owned(),
            1 => "One thing was not as promised.".to_owned(),
            count => format!("{count} things were not as promised."),
        }
    }
}

/// A setting that is smaller here than in production.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scaling {
    /// Its name.
    pub name: String,
    /// What it is.
    pub about: String,
    /// The usual value.
    pub usual: Duration,
    /// The value here.
    pub here: Duration,
}

impl Scaling {
    /// By how much it is smaller: `100 times shorter`.
    #[must_use]
    pub fn by(&self) -> String {
        let here = self.here.as_secs_f64();
        if here == 0.0 {
            return "left out".to_owned();
        }
        let factor = self.usual.as_secs_f64() / here;
        let digits = usize::from(factor < 10.0 && factor.fract() > 0.05);
        format!("{factor:.digits$} times shorter")
    }
}

/// One run of a workflow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// The workflow, and what started it: `deploy-prod.yml on prod-2`.
    pub name: String,
    /// Its jobs, in the order of the file.
    pub jobs: Vec<Job>,
}

/// One job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Job {
    /// Its name in the file.
    pub name: String,
    /// How it ended.
    pub end: End,
    /// When it ran; `None` when it never did.
    pub ran: Option<Span>,
    /// Why it was skipped or failed, when there is more to say.
    pub reason: String,
    /// Its steps.
    pub steps: Vec<Step>,
    /// Its summary, as Markdown; may be empty.
    pub summary: String,
}

/// One step of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Its name, or the action's.
    pub name: String,
    /// How it ended.
    pub end: End,
    /// When it ran; `None` when it was skipped.
    pub ran: Option<Span>,
    /// The word of its output `result`, if it has one.
    pub result: String,
    /// What its error annotation says, hints and all.
    pub error: String,
}

/// How a job or a step ended (GitHub docs, `conclusion`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// It succeeded.
    #[default]
    Success,
    /// It failed.
    Failure,
    /// Somebody, or its deadline, ended it.
    Cancelled,
    /// It did not run.
    Skipped,
}

impl End {
    /// GitHub's word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
        }
    }

    /// A sign of one character.
    fn sign(self) -> &'static str {
        match self {
            Self::Success => "✓",
            Self::Failure => "✕",
            Self::Cancelled => "■",
            Self::Skipped => "–",
        }
    }
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Its beginning.
    pub began: Duration,
    /// How long it was.
    pub lasted: Duration,
}

impl Span {
    /// Its end.
    #[must_use]
    pub fn ended(self) -> Duration {
        self.began + self.lasted
    }
}

/// A moment that is marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: Duration,
    /// What: `the names move to green`.
    pub label: String,
}

/// What visitors saw, by time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visits {
    /// How long one of the bins is.
    pub bin: Duration,
    /// Each public name.
    pub hosts: Vec<HostVisits>,
    /// The first requests that failed.
    pub failures: Vec<FailedVisit>,
}

impl Visits {
    /// All hosts together.
    #[must_use]
    pub fn total(&self) -> Tally {
        self.hosts.iter().fold(Tally::default(), |mut total, host| {
            total += host.total();
            total
        })
    }
}

/// The visits of one public name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostVisits {
    /// The name.
    pub host: String,
    /// One count a bin, from the first moment on.
    pub bins: Vec<Tally>,
}

impl HostVisits {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> Tally {
        self.bins.iter().fold(Tally::default(), |mut total, bin| {
            total += *bin;
            total
        })
    }
}

/// A request that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedVisit {
    /// When.
    pub at: Duration,
    /// Which public name was asked.
    pub host: String,
    /// Why it failed.
    pub reason: String,
}

/// One row of `core.deployments`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerRow {
    /// Its generation.
    pub generation: u64,
    /// The tag, empty when there was none.
    pub tag: String,
    /// The commit.
    pub sha: String,
    /// Its targets.
    pub targets: Vec<String>,
    /// How far it came: `cut over`, `allocated`, `open: intent without an end`, `rolled back`.
    pub state: String,
}

/// A public name, and where it pointed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicName {
    /// The name.
    pub host: String,
    /// Its CNAME before.
    pub before: String,
    /// Its CNAME now.
    pub after: String,
}

/// A duration for a person: `30 ms`, `4.2 s`, `95 s`, `25 min`.
fn words(duration: Duration) -> String {
    match duration.as_secs() {
        _ if duration < Duration::from_millis(100) => format!("{} ms", duration.as_millis()),
        0..60 => format!("{:.1} s", duration.as_secs_f64()),
        60..600 => format!("{} s", duration.as_secs()),
        seconds if seconds % 3600 == 0 => format!("{} h", seconds / 3600),
        seconds => format!("{} min", seconds / 60),
    }
}

/// A setting's value, without tenths where there are none: `30 s`, `25 min`.
fn setting(duration: Duration) -> String {
    let whole = duration.subsec_millis() == 0;
    match duration.as_secs() {
        seconds if seconds >= 3600 && seconds % 3600 == 0 => format!("{} h", seconds / 3600),
        seconds if seconds >= 60 && seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds if whole => format!("{seconds} s"),
        _ => words(duration),
    }
}

/// The first twelve digits of a SHA.
fn short(sha: &str) -> String {
    sha.chars().take(12).collect()
}

/// Text in which nothing moves a cursor or turns the direction of what follows
/// (Unicode Technical Report 36, bidirectional text spoofing).
fn legible(text: &str) -> String {
    let turns =
        |char| matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    let show = |char: char| match char {
        '\n' | '\t' => Some(char),
        '\r' => None,
        _ if char.is_control() || turns(char) => Some('\u{fffd}'),
        _ => Some(char),
    };
    text.chars().filter_map(show).collect()
}

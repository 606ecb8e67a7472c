//! One act of a rehearsal: what starts a run, and what is promised of it.

use anyhow::Result;

use crate::estate::Estate;
use crate::visitors::Colour;
use crate::workflow_run::{Conclusion, Service};

use super::Place;

/// One act: what happens, and what is promised of it.
pub(in super::super) struct Act {
    /// What is done.
    pub(in super::super) start: Start,
    /// The workflow that it starts.
    pub(in super::super) place: Place,
    /// The commit that is pushed.
    pub(in super::super) commit: Commit,
    /// The targets whose files change in it.
    pub(in super::super) changes: &'static [&'static str],
    /// Whether the library that api and workers share changes, too.
    pub(in super::super) library: bool,
    /// What it does to the schema.
    pub(in super::super) schema: Schema,
    /// What staging says of it when production is asked.
    pub(in super::super) marker: Marker,
    /// The tag that starts a run of production; staging has none.
    pub(in super::super) tag: &'static str,
    /// It begins when this is so; looked at again and again.
    pub(in super::super) once: fn(&Estate) -> Result<bool>,
    /// What happens to the world just before it starts.
    pub(in super::super) before: fn(&Estate, &Service) -> Result<()>,
    /// What must have become of it.
    pub(in super::super) promise: Promise,
}

/// What an act is begun with; `of` counts the acts before it, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Start {
    /// Somebody pushes, to `main` or a tag.
    Push,
    /// The operator takes *Re-run failed jobs* on the run of an earlier act.
    FailedJobs { of: usize },
    /// The operator runs, as they stand there, the lines in the summary of a job of an earlier act's run.
    Lines { of: usize, job: &'static str },
    /// Somebody starts the workflow by hand at `main`, with these inputs.
    Dispatch { inputs: &'static [(&'static str, &'static str)] },
    /// The clock starts the workflow.
    Clock,
}

/// The commit that is pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Commit {
    /// A new one on `main`.
    New,
    /// That of the act before.
    Same,
    /// The one that everything ran before the first act.
    First,
    /// A new one on a branch beside `main`.
    Beside,
}

/// What a new commit does to the schema; the api changes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Schema {
    /// Nothing.
    Same,
    /// It has so many migrations more, which staging's branch has applied.
    Grows(u32),
    /// It has one more that takes away what older code needs and says so, which staging's branch has applied.
    Contracts,
    /// It has one more that no database takes.
    Breaks,
    /// It puts that one right, and staging's branch has applied it.
    Mends,
    /// It has one more, and a commit after it, which is not deployed, another; staging's branch has applied both.
    Overtaken,
}

/// What GitHub knows of the commit from staging; production asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Marker {
    /// It passed.
    Passed,
    /// What it has by itself: nothing, unless staging was rehearsed before.
    AsItIs,
    /// Somebody else than the workflows says that it passed.
    Forged,
    /// It passed, and failed when it was deployed there again.
    Superseded,
}

/// What must be true when an act is over.
pub(in super::super) struct Promise {
    /// How the run ends.
    pub(in super::super) conclusion: Conclusion,
    /// The job that ends it, and the exit code of its failing step.
    pub(in super::super) failing: Option<(&'static str, i32)>,
    /// The jobs that must have succeeded, in this attempt or an earlier one.
    pub(in super::super) succeeding: &'static [&'static str],
    /// The jobs that were cancelled. Every job that is named nowhere is skipped.
    pub(in super::super) cancelled: &'static [&'static str],
    /// The word in the output `result` with which a job's last action ended.
    pub(in super::super) results: &'static [(&'static str, &'static str)],
    /// Where each public name ends: the target and its colour.
    pub(in super::super) colours: [(&'static str, Colour); 3],
    /// The states in production's ledger, newest generation first; of runs that are started at once only the last
    /// act's promise counts.
    pub(in super::super) ledger: &'static [&'static str],
    /// The same of staging's.
    pub(in super::super) staging: &'static [&'static str],
    /// What of its commit is published: projects and their branches, by project and branch.
    pub(in super::super) published: &'static [(&'static str, &'static str)],
    /// What an operator must read in a job's summary: the job, and a few words.
    pub(in super::super) says: &'static [(&'static str, &'static str)],
}

/// An act that only says what it has of its own: a new commit that passed staging is tagged.
pub(super) const ACT: Act = Act {
    start: Start::Push,
    place: Place::Production,
    commit: Commit::New,
    changes: &[],
    library: false,
    schema: Schema::Same,
    marker: Marker::Passed,
    tag: "",
    once: at_once,
    before: untouched,
    promise: Promise {
        conclusion: Conclusion::Success,
        failing: None,
        succeeding: &[],
        cancelled: &[],
        results: &[],
        colours: ALL_BLUE,
        ledger: &["cut over"],
        staging: &[],
        published: &[],
        says: &[],
    },
};

/// Where the names point before anything happened.
pub(super) const ALL_BLUE: [(&str, Colour); 3] =
    [("api", Colour::Blue), ("dashboard", Colour::Blue), ("operations", Colour::Blue)];

#[expect(clippy::unnecessary_wraps, reason = "others fail")]
fn at_once(_: &Estate) -> Result<bool> {
    Ok(true)
}

/// Nothing happens to the world.
#[expect(clippy::unnecessary_wraps, reason = "others fail")]
pub(super) fn untouched(_: &Estate, _: &Service) -> Result<()> {
    Ok(())
}

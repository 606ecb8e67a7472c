//! What a person sees while it runs: one line when a job ends, and its error if it
//! has one.

use std::io::{self, Write as _};
use std::sync::{Arc, Weak};

use anyhow::Result;
use async_trait::async_trait;

use crate::estate::Estate;
use crate::runner::Level;
use crate::workflow_run::{Conclusion, Hooks, Job, Moment, What};

/// Prints text as it is. A closed pipe is nobody's error.
pub(super) fn print(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

/// One line.
pub(super) fn say(line: &str) {
    print(&format!("{line}\n"));
}

/// What a scenario does at the moments of a run.
type Meddle = fn(&Estate, Moment<'_>) -> Result<()>;

/// Follows a run, and lets the scenario meddle with it.
#[derive(Debug)]
pub(super) struct Progress {
    /// Weak, so that the world can end.
    estate: Weak<Estate>,
    meddle: Meddle,
}

impl Progress {
    pub(super) fn new(estate: &Arc<Estate>, meddle: Meddle) -> Self {
        Self { estate: Arc::downgrade(estate), meddle }
    }
}

#[async_trait]
impl Hooks for Progress {
    async fn at(&self, moment: Moment<'_>) {
        let meddled = self.estate.upgrade().map(|estate| (self.meddle)(&estate, moment));
        if let Some(Err(error)) = meddled {
            say(&format!("  the scenario could not do its part: {error:#}"));
        }
        match moment.what {
            What::RunStarts => say(&format!("\n{}, run {}", moment.file, moment.run)),
            What::JobEnded { job } => ended(job),
            _ => {}
        }
    }
}

fn ended(job: &Job) {
    let Some(started) = job.started else {
        return say(&format!("  - {}: {}", job.id, job.conclusion));
    };
    let took = job.ended.duration_since(started).as_secs_f64();
    let sign = if job.conclusion == Conclusion::Success { "✓" } else { "✕" };
    say(&format!("  {sign} {}: {} after {took:.1} s", job.id, job.conclusion));
    let steps = job.steps.iter().flat_map(|step| &step.annotations);
    for annotation in steps.chain(&job.annotations).filter(|annotation| annotation.level == Level::Error) {
        for line in annotation.message.lines() {
            say(&format!("      {}", line.replace(char::is_control, " ")));
        }
    }
}

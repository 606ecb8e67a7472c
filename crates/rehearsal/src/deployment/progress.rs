//! What a person sees while it runs: one line when a job ends, and its error if it
//! has one.

use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError, Weak};

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

/// Whether one rehearsal is told while it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Voice {
    /// Job by job.
    Aloud,
    /// Others go on beside it, and it is told when it is over.
    Silent,
}

impl Voice {
    pub(super) fn say(self, line: &str) {
        if self == Self::Aloud {
            say(line);
        }
    }
}

/// What a scenario does at the moments of a run.
type Meddle = fn(&Estate, Moment<'_>) -> Result<()>;

/// Follows a run, and lets the scenario meddle with it.
#[derive(Debug)]
pub(super) struct Progress {
    /// Weak, so that the world can end.
    estate: Weak<Estate>,
    meddle: Meddle,
    voice: Voice,
    /// What the scenario could not do.
    troubles: Troubles,
}

/// What a scenario could not do in its runs, one sentence each.
pub(super) type Troubles = Arc<Mutex<Vec<String>>>;

impl Progress {
    pub(super) fn new(estate: &Arc<Estate>, meddle: Meddle, voice: Voice, troubles: &Troubles) -> Self {
        Self { estate: Arc::downgrade(estate), meddle, voice, troubles: troubles.clone() }
    }
}

#[async_trait]
impl Hooks for Progress {
    async fn at(&self, moment: Moment<'_>) {
        let meddled = self.estate.upgrade().map(|estate| (self.meddle)(&estate, moment));
        if let Some(Err(error)) = meddled {
            let trouble = format!("the scenario could not do its part: {error:#}");
            self.voice.say(&format!("  {trouble}"));
            self.troubles.lock().unwrap_or_else(PoisonError::into_inner).push(trouble);
        }
        match moment.what {
            What::RunStarts => self.voice.say(&format!("\n{}, run {}", moment.file, moment.run)),
            What::JobEnded { job } => ended(job, self.voice),
            _ => {}
        }
    }
}

fn ended(job: &Job, voice: Voice) {
    let Some(started) = job.started else {
        return voice.say(&format!("  - {}: {}", job.id, job.conclusion));
    };
    let took = job.ended.duration_since(started).as_secs_f64();
    let sign = if job.conclusion == Conclusion::Success { "✓" } else { "✕" };
    voice.say(&format!("  {sign} {}: {} after {took:.1} s", job.id, job.conclusion));
    let steps = job.steps.iter().flat_map(|step| &step.annotations);
    for annotation in steps.chain(&job.annotations).filter(|annotation| annotation.level == Level::Error) {
        for line in annotation.message.lines() {
            voice.say(&format!("      {}", line.replace(char::is_control, " ")));
        }
    }
}

//! What a person sees while it runs: one line when a job ends, and its error if it
//! has one.

use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;
use tokio::sync::watch;

use crate::estate::Estate;
use crate::runner::Level;
use crate::workflow_run::{Conclusion, Hooks, Job, Moment, What};

use super::scenario::Scenario;

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

/// How long a run stands still at most.
const STILL: Duration = Duration::from_secs(120);

/// What a scenario does at the moments of a run.
type Meddle = fn(&Estate, Moment<'_>) -> Result<()>;

/// Follows a run, and lets the scenario meddle with it.
#[derive(Debug)]
pub(super) struct Progress {
    /// Weak, so that the world can end.
    estate: Weak<Estate>,
    meddle: Meddle,
    stands_still: fn(Moment<'_>) -> bool,
    /// The workflows of which a run has ended.
    ended: watch::Sender<Vec<String>>,
    voice: Voice,
    /// What the scenario could not do.
    troubles: Troubles,
}

/// What a scenario could not do in its runs, one sentence each.
pub(super) type Troubles = Arc<Mutex<Vec<String>>>;

impl Progress {
    pub(super) fn new(estate: &Arc<Estate>, scenario: &Scenario, voice: Voice, troubles: &Troubles) -> Self {
        Self {
            estate: Arc::downgrade(estate),
            meddle: scenario.meddle,
            stands_still: scenario.stands_still,
            ended: watch::Sender::default(),
            voice,
            troubles: troubles.clone(),
        }
    }

    fn object(&self, trouble: String) {
        self.voice.say(&format!("  {trouble}"));
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner).push(trouble);
    }

    /// Waits for the end of a run of another workflow.
    async fn stand_still(&self, moment: Moment<'_>) {
        let mut ended = self.ended.subscribe();
        let another = ended.wait_for(|files| files.iter().any(|file| file != moment.file));
        if tokio::time::timeout(STILL, another).await.is_err() {
            self.object(format!("run {} stood still, and no run of another workflow ended", moment.run));
        }
    }
}

#[async_trait]
impl Hooks for Progress {
    async fn at(&self, moment: Moment<'_>) {
        let meddled = self.estate.upgrade().map(|estate| (self.meddle)(&estate, moment));
        if let Some(Err(error)) = meddled {
            self.object(format!("the scenario could not do its part: {error:#}"));
        }
        if (self.stands_still)(moment) {
            self.stand_still(moment).await;
        }
        match moment.what {
            What::RunEnded => self.ended.send_modify(|files| files.push(moment.file.to_owned())),
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

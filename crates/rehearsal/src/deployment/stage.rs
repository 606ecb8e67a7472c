//! Where the acts of a rehearsal are played, one after the other or side by side.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use crate::estate::{Estate, REPOSITORY, STAGING_SUCCESS, Source};
use crate::twins::github::ACTIONS;
use crate::workflow_run::{Handle, Reference, Run, Service};

use super::by_hand;
use super::scenario::{Act, Commit, Marker, Pace, Place, Scenario, Schema, Start};
use super::verdict::Verdict;

/// How often it is looked whether an act may begin, and how many times at most: a minute.
const LOOKS: (Duration, u32) = (Duration::from_millis(50), 1_200);

/// The repository, its workflows and the world.
pub(super) struct Stage<'s> {
    pub(super) service: &'s Service,
    pub(super) source: &'s mut Source,
    pub(super) estate: &'s Estate,
}

impl Stage<'_> {
    /// Plays all acts; gives the run of each.
    pub(super) async fn play(&mut self, scenario: &Scenario, verdict: &mut Verdict) -> Result<Vec<Run>> {
        match scenario.pace {
            Pace::InTurn => self.in_turn(scenario.acts, verdict).await,
            Pace::AtOnce => self.at_once(scenario.acts, verdict).await,
        }
    }

    /// Each act when the one before it has ended; after each the world is looked at.
    async fn in_turn(&mut self, acts: &[Act], verdict: &mut Verdict) -> Result<Vec<Run>> {
        let mut runs: Vec<Run> = Vec::new();
        for act in acts {
            let run = match self.one(act, &runs).await {
                Ok(run) => run,
                // What was not as promised before tells more than that it cannot go on.
                Err(error) if !verdict.is_clean() => {
                    verdict.object(format!("the next act could not be played: {error:#}"));
                    break;
                }
                Err(error) => return Err(error),
            };
            verdict.run(act, &run);
            verdict.after(act, &run, self.estate)?;
            runs.push(run);
            verdict.marks(self.estate, &runs);
        }
        Ok(runs)
    }

    /// Plays one act to its end.
    async fn one(&mut self, act: &Act, runs: &[Run]) -> Result<Run> {
        self.wait_for(act).await?;
        match act.start {
            Start::Push => {
                let reference = self.prepare(act, runs.last().map(|run| run.event.commit.as_str()))?;
                finish(act, self.start(&reference).await?).await
            }
            Start::FailedJobs { of } => {
                let earlier = runs.get(of).context("run an act again that has not been played")?;
                self.arrange(act, &earlier.event.commit)?;
                finish(act, self.service.rerun_failed(earlier.id)?).await
            }
            Start::Dispatch { inputs } => {
                let started = self.dispatch(act, inputs).await?;
                finish(act, started).await
            }
            Start::Clock => {
                self.arrange(act, "")?;
                finish(act, self.service.tick(act.place.file(), &main()).await?).await
            }
            Start::Lines { of, job } => {
                let earlier = runs.get(of).context("read the summary of an act that has not been played")?;
                (act.before)(self.estate, self.service).context("prepare the act")?;
                by_hand::run(earlier, job, &self.estate.settings()?).await
            }
        }
    }

    /// Every run is started before the one before it has ended; the world is looked at when all of them are over.
    async fn at_once(&mut self, acts: &[Act], verdict: &mut Verdict) -> Result<Vec<Run>> {
        let (mut handles, mut runs) = (Vec::new(), Vec::new());
        let mut commit: Option<String> = None;
        for act in acts {
            self.wait_for(act).await?;
            handles.push(match act.start {
                Start::Push => {
                    let reference = self.prepare(act, commit.as_deref())?;
                    let named = format!("{reference}^{{commit}}");
                    commit = Some(self.source.git(&["rev-parse", &named])?.trim().to_owned());
                    self.start(&reference).await?
                }
                Start::Dispatch { inputs } => self.dispatch(act, inputs).await?,
                other => bail!("only what starts a run of its own can come at once, not {other:?}"),
            });
        }
        for (act, handle) in acts.iter().zip(handles) {
            let run = finish(act, handle).await?;
            verdict.run(act, &run);
            runs.push(run);
        }
        verdict.queue(&runs);
        if let (Some(act), Some(run)) = (acts.last(), runs.last()) {
            verdict.after(act, run, self.estate)?;
        }
        verdict.marks(self.estate, &runs);
        Ok(runs)
    }

    async fn wait_for(&self, act: &Act) -> Result<()> {
        let (pause, looks) = LOOKS;
        for _ in 0..looks {
            if (act.once)(self.estate)? {
                return Ok(());
            }
            tokio::time::sleep(pause).await;
        }
        bail!("begin an act within a minute: the world never became what it waits for")
    }

    /// Somebody changes the targets and pushes; for production a tag names the commit.
    fn prepare(&mut self, act: &Act, before: Option<&str>) -> Result<Reference> {
        let commit = match act.commit {
            Commit::New => self.change(act)?,
            Commit::Same => before.context("deploy the commit of the act before the first")?.to_owned(),
            Commit::First => self.source.first().to_owned(),
            Commit::Beside => {
                self.source.git(&["checkout", "--quiet", "-b", act.tag])?;
                let commit = self.change(act)?;
                self.source.git(&["checkout", "--quiet", "main"])?;
                commit
            }
        };
        let reference = match act.place {
            Place::Staging => main(),
            _ => {
                self.source.tag(act.tag, &commit)?;
                Reference::Tag(act.tag.to_owned())
            }
        };
        self.estate.push(self.source, &commit)?;
        self.arrange(act, &commit)?;
        Ok(reference)
    }

    /// What is so just before a run: production finds what staging said of the commit.
    fn arrange(&self, act: &Act, commit: &str) -> Result<()> {
        if act.place == Place::Production {
            self.mark(act.marker, commit)?;
        }
        (act.before)(self.estate, self.service).context("prepare the act")
    }

    fn change(&mut self, act: &Act) -> Result<String> {
        let mut commit = self.source.change(act.changes)?;
        if act.library {
            commit = self.source.change_library()?;
        }
        Ok(self.change_schema(act.schema)?.unwrap_or(commit))
    }

    /// Commits migrations; staging's branch applies them, as Supabase's integration with GitHub has it.
    fn change_schema(&mut self, schema: Schema) -> Result<Option<String>> {
        let mut newest = None;
        match schema {
            Schema::Same => {}
            Schema::Grows(count) => {
                for _ in 0..count {
                    let (commit, migration) = self.source.migrate()?;
                    self.estate.schema.push(&migration)?;
                    newest = Some(commit);
                }
            }
            Schema::Overtaken => {
                newest = self.change_schema(Schema::Grows(1))?;
                self.change_schema(Schema::Grows(1))?;
            }
            Schema::Contracts => {
                let (commit, migration) = self.source.contract()?;
                self.estate.schema.push(&migration)?;
                newest = Some(commit);
            }
            Schema::Breaks => newest = Some(self.source.break_migration()?),
            Schema::Mends => {
                let (commit, migration) = self.source.mend_migration()?;
                self.estate.schema.push(&migration)?;
                newest = Some(commit);
            }
        }
        Ok(newest)
    }

    fn mark(&self, marker: Marker, commit: &str) -> Result<()> {
        let add = |state, creator| {
            self.estate.github.add_status(REPOSITORY, commit, (state, STAGING_SUCCESS), creator).map(drop)
        };
        match marker {
            Marker::Passed => add("success", ACTIONS),
            Marker::AsItIs => Ok(()),
            Marker::Forged => add("success", "mallory"),
            Marker::Superseded => add("success", ACTIONS).and_then(|()| add("failure", ACTIONS)),
        }
    }

    async fn dispatch(&self, act: &Act, inputs: &[(&str, &str)]) -> Result<Handle> {
        self.arrange(act, "")?;
        let inputs = inputs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Ok(self.service.dispatch(act.place.file(), &main(), inputs.collect()).await?)
    }

    async fn start(&self, reference: &Reference) -> Result<Handle> {
        let mut started = self.service.push(reference).await?;
        ensure!(started.len() == 1, "{} runs were started by {reference}, not one", started.len());
        Ok(started.remove(0))
    }
}

fn main() -> Reference {
    Reference::Branch("main".to_owned())
}

async fn finish(act: &Act, handle: Handle) -> Result<Run> {
    let (run, wanted) = (handle.finish().await?, act.place.file());
    ensure!(run.file == wanted, "{} was started instead of {wanted}", run.file);
    Ok(run)
}

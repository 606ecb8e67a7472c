//! The order of events: look, decide, act, and look again, until there is nothing to
//! decide.

use std::time::{Duration, Instant};

use action::{Context, Done, Failure, Permit, Plan};
use git::Repository;
use http::Outcome;
use migration_history::{Migration, Migrations, list};
use postgres::ledger::{Begun, DATABASE_URL, MergeEnd, NewSchemaMerge, SchemaMerge};
use postgres::{Database, Ledger};
use supabase::{ACCESS_TOKEN, RunId, Supabase};
use wait::{Ended, Look, Schedule};

use crate::Merged;
use crate::decision::{Asked, Delta, Next, Refusal, Versions, decide};
use crate::job::Job;
use crate::look::{Seen, Sources};
use crate::quiet::Quiet;
use crate::refusal::{self, Whose};
use crate::report::{self, Names};

/// The longest pause between two looks: a merge of a few files takes a minute or two.
const CADENCE: Duration = Duration::from_secs(5);

/// How many lines of a merge's log are shown, and how long one may be.
const LOG_LINES: usize = 40;
const LOG_LINE: usize = 500;

/// Runs the job.
pub(crate) async fn run(job: &Job, context: &Context, outputs: &mut Merged) -> Result<Done, Failure> {
    let files = files(job, context).await?;
    outputs.schema_version = files.newest().map(Migration::stem);
    context.publish(outputs)?;
    let run_id = job.run_id(context)?;
    let sources = sources(job, context, &files)?;
    let supabase = Supabase::new(context, context.secret(ACCESS_TOKEN)?)?;
    branch_of_project(job, &supabase).await?;
    let mut run = Run {
        context,
        sources,
        supabase,
        ledger: Ledger::open(context)?,
        run_id,
        until: context.clock().now() + job.timeout,
        asked: Asked::NotYet,
        merge: None,
        lost: None,
        names: Names::new(&files),
        added: Versions::new(),
    };
    let done = run.converge().await;
    let added = run.names.of(&run.added);
    outputs.applied = Some(added.join("\n"));
    let done = done?;
    report::merged(context, job, &added, outputs.schema_version.as_deref());
    Ok(done)
}

async fn files(job: &Job, context: &Context) -> Result<Migrations, Failure> {
    let repository = Repository::open(context.directory(), context.environment()).await?;
    let commit = repository.commit(job.commit.as_str()).await?.ok_or_else(|| {
        Failure::invalid(format!("input `commit`: this clone has no commit {}", job.commit))
            .hint("let `actions/checkout` take the commit, or its history (`fetch-depth: 0`)")
    })?;
    Ok(migration_files::at_commit(&repository, &commit, &job.folder).await?)
}

fn sources<'a>(job: &'a Job, context: &'a Context, files: &'a Migrations) -> Result<Sources<'a>, Failure> {
    let database = Database::new(context, &context.secret(DATABASE_URL)?)?;
    if let Some(reference) = database.dsn().supabase_project()
        && reference != job.project.as_str()
    {
        let problem =
            format!("DATABASE_URL leads to project {reference}, and `project-ref` is {}", job.project);
        return Err(Failure::invalid(problem).hint("both have to be production's"));
    }
    let supabase = Supabase::new(context, context.secret(ACCESS_TOKEN)?)?.once();
    let (database, ledger) = (database.once(), Ledger::open(context)?.once());
    Ok(Sources { job, files, supabase, database, ledger, clock: context.clock(), quiet: Quiet::default() })
}

/// Only a branch of the project can be merged into it.
async fn branch_of_project(job: &Job, supabase: &Supabase) -> Result<(), Failure> {
    let Job { project, branch, .. } = job;
    let branches = supabase.branches(project).await?;
    let known = branches.iter().map(|one| format!("{} ({})", one.reference, one.name)).collect::<Vec<_>>();
    match branches.iter().find(|one| one.reference == *branch) {
        Some(found) if found.is_default => Err(Failure::invalid(format!(
            "input `branch-ref`: {branch} ({}) stands for production itself",
            found.name
        ))
        .hint(format!("the branches of {project}: {}", list(&known)))),
        Some(_) => Ok(()),
        None => {
            Err(Failure::invalid(format!("input `branch-ref`: project {project} has no branch {branch}"))
                .hint(format!("its branches: {}", list(&known))))
        }
    }
}

struct Run<'a> {
    context: &'a Context,
    /// Asked once each time: the wait is the retry.
    sources: Sources<'a>,
    supabase: Supabase,
    ledger: Ledger,
    run_id: u64,
    until: Instant,
    asked: Asked,
    /// The merge that this run asked for, if it was told which.
    merge: Option<RunId>,
    /// Why it was not told.
    lost: Option<String>,
    names: Names,
    /// What the merges that were ended here added.
    added: Versions,
}

impl Run<'_> {
    async fn converge(&mut self) -> Result<Done, Failure> {
        let mut done = Done::Unchanged;
        loop {
            let (seen, next) = self.look().await?;
            match (next, &seen.open) {
                (Next::Done, _) => return Ok(done),
                (Next::Merge(pending), None) => self.merge(&seen, &pending).await?,
                (Next::End(applied), Some(open)) => self.end(open, &applied, MergeEnd::Clear).await?,
                (Next::Forget, Some(open)) => self.end(open, &Versions::new(), MergeEnd::Clear).await?,
                (Next::Acknowledge(gained), Some(open)) => {
                    self.end(open, &gained, MergeEnd::Acknowledged).await?;
                }
                (Next::Stop(delta), Some(open)) => return Err(self.stop(open, &delta).await),
                (Next::Refuse(Refusal::Missing(_)), _) if let Some(lost) = &self.lost => {
                    return Err(nothing_came(lost));
                }
                (Next::Refuse(Refusal::Missing(missing)), _) => {
                    return Err(self.added_nothing(missing).await);
                }
                (Next::Refuse(why), _) => return Err(refusal::failure(&why, self.sources.job, &self.names)),
                (next, open) => return Err(Failure::bug(format!("{next:?} with {open:?}"))),
            }
            done = Done::Success;
        }
    }

    /// Looks until there is something to decide.
    async fn look(&mut self) -> Result<(Seen, Next), Failure> {
        let (sources, merge, asked) = (&self.sources, self.merge.as_ref(), self.asked);
        let left = self.until.saturating_duration_since(self.context.clock().now());
        let schedule = Schedule::new(left, CADENCE).at_once();
        let looked = wait::until(self.context.clock(), schedule, "production's schema", async |_| {
            let seen = match sources.look(merge, asked).await {
                Ok(seen) => seen,
                Err(unseen) => return unseen.passing().map(Look::Fault),
            };
            Ok::<_, Failure>(match decide(&seen.world) {
                Next::Wait => Look::NotYet(waits(&seen)),
                next => Look::Done((seen, next)),
            })
        });
        match looked.await {
            Ok((seen, next)) => {
                self.names.learn(&seen);
                Ok((seen, next))
            }
            Err(Ended::Failed(failure)) => Err(failure),
            Err(Ended::TimedOut(late)) => Err(self.late(&late.to_string())),
        }
    }

    /// Writes the merge down, then asks for it, once.
    async fn merge(&mut self, seen: &Seen, pending: &Versions) -> Result<(), Failure> {
        let Job { project, branch, commit, .. } = self.sources.job;
        let mut plan = Plan::new();
        let told = list(&self.names.of(pending));
        plan.change(
            format!("schema of project {project}"),
            "without",
            format!("{told}, merged from {branch}"),
        );
        let permit = self.context.approve(&plan)?;
        let new = NewSchemaMerge {
            run_id: self.run_id,
            sha: commit.to_string(),
            before: seen.world.production.iter().cloned().collect(),
            pending: pending.iter().cloned().collect(),
        };
        let open = match self.ledger.begin_schema_merge(&permit, &new).await? {
            Begun::New(open) => open,
            // Somebody was faster; the next look sees it.
            Begun::Open(_) => return Ok(()),
        };
        self.context.leaves_behind(
            "a merge may be on its way at Supabase and goes on there; run again: it is waited for, and not asked for twice",
        );
        self.asked = Asked::Once;
        match self.supabase.merge_branch(branch, &permit).await {
            Ok(run) => {
                tracing::info!("run {run} merges {told}");
                self.merge = Some(run);
                Ok(())
            }
            Err(error) if error.outcome() == Outcome::Unknown => {
                tracing::info!("{error}; reading what became of the merge instead of asking again");
                self.lost = Some(error.to_string());
                Ok(())
            }
            Err(error) => Err(self.turned_down(&open, error, &permit).await),
        }
    }

    /// The merge certainly did not begin.
    async fn turned_down(&self, open: &SchemaMerge, error: http::Error, permit: &Permit) -> Failure {
        let ended = self.ledger.end_schema_merge(permit, open.id, &[], MergeEnd::Clear).await;
        self.context.leaves_behind("");
        let failure = Failure::from(error).hint("nothing was merged; production stays as it is");
        match ended {
            Ok(_) => failure,
            Err(error) => failure
                .hint(format!("that could not be written down ({error}); the next run finds out by itself")),
        }
    }

    async fn end(&mut self, open: &SchemaMerge, gained: &Versions, how: MergeEnd) -> Result<(), Failure> {
        let mut plan = Plan::new();
        let told = list(&self.names.of(gained));
        let state = match how {
            MergeEnd::Clear => format!("ended; applied: {told}"),
            MergeEnd::Acknowledged => format!("acknowledged; applied: {told}"),
        };
        plan.change(format!("merge of run {} in the ledger", open.run_id), "open", state);
        let permit = self.context.approve(&plan)?;
        let applied: Vec<String> = gained.iter().cloned().collect();
        self.ledger.end_schema_merge(&permit, open.id, &applied, how).await?;
        self.context.leaves_behind("");
        self.added.extend(applied);
        if !gained.is_empty()
            && let Some(run) = &self.merge
        {
            self.warn_of_failed_step(run).await;
        }
        Ok(())
    }

    /// All migrations are applied; something after them may have failed.
    async fn warn_of_failed_step(&self, run: &RunId) {
        let Job { project, branch, .. } = self.sources.job;
        if let Ok((found, _)) = self.supabase.merge_run(project, branch, run).await
            && let supabase::Outcome::Failed(step) = found.outcome()
        {
            self.context.warn(&format!(
                "the schema is merged whole, and step {step} of the merge's run {run} failed; see the runs of {project}"
            ));
        }
    }

    /// This run's merge is over, and these are still missing.
    async fn added_nothing(&self, missing: Versions) -> Failure {
        let log = self.log().await;
        report::nothing(self.context, &self.names.of(&missing), log.as_deref());
        let failure = refusal::failure(&Refusal::Missing(missing), self.sources.job, &self.names);
        match log {
            Some(_) => failure.hint("the end of the merge's own log is in the summary"),
            None => failure,
        }
    }

    async fn stop(&mut self, open: &SchemaMerge, delta: &Delta) -> Failure {
        self.context.leaves_behind("");
        let job = self.sources.job;
        let log = self.log().await;
        report::partial(self.context, job, delta, &self.names, log.as_deref());
        let whose = match self.asked {
            Asked::Once => Whose::Ours,
            Asked::NotYet => Whose::Earlier(open.run_id),
        };
        let failure = refusal::partial(delta, whose, job, &self.names);
        match self.note(open, delta).await {
            Ok(()) => failure,
            Err(problem) => failure.hint(format!("that could not be written down: {}", problem.message())),
        }
    }

    async fn note(&self, open: &SchemaMerge, delta: &Delta) -> Result<(), Failure> {
        let gained: Vec<String> = delta.gained().into_iter().collect();
        if open.applied.as_ref() == Some(&gained) {
            return Ok(());
        }
        let mut plan = Plan::new();
        let (what, told) =
            (format!("merge of run {} in the ledger", open.run_id), list(&self.names.of(&delta.gained())));
        plan.change(what, "open", format!("open; applied: {told}"));
        let permit = self.context.approve(&plan)?;
        self.ledger.note_schema_merge(&permit, open.id, &gained).await?;
        Ok(())
    }

    /// The end of the merge's own log; what a migration printed, so text and no more.
    async fn log(&self) -> Option<String> {
        let run = self.merge.as_ref()?;
        let Job { project, branch, .. } = self.sources.job;
        let (_, place) = self.supabase.merge_run(project, branch, run).await.ok()?;
        let log = self.supabase.action_run_log(&place, run).await.ok()?;
        let lines: Vec<String> = log.lines().map(|line| line.chars().take(LOG_LINE).collect()).collect();
        Some(lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")).filter(|log| !log.is_empty())
    }

    fn late(&self, seen: &str) -> Failure {
        let project = &self.sources.job.project;
        let failure = Failure::timed_out(format!("what production has is not settled: {seen}"));
        match self.asked {
            Asked::NotYet => failure.hint("this run asked for no merge"),
            Asked::Once => failure.hint("the merge goes on at Supabase; the next run waits for it and asks for none on top"),
        }
        .hint(format!(
            "a run that hangs for good is ended by hand: see https://supabase.com/dashboard/project/{project}, or PATCH \
             /v1/projects/{project}/actions/RUN/status"
        ))
    }
}

/// The answer was lost, and so, as it seems, was the question.
fn nothing_came(lost: &str) -> Failure {
    Failure::unreachable(format!("nothing came of the merge, whose answer was lost: {lost}"))
        .hint("nothing is applied, and nothing is on its way; run again")
}

fn waits(seen: &Seen) -> String {
    let has = seen.world.open.as_ref().map(|open| Delta::of(open, &seen.world.production));
    let count = has.map(|delta| (delta.applied.len(), delta.applied.len() + delta.missing.len()));
    let (applied, all) = count.unwrap_or_default();
    let told = seen.traffic.as_deref().unwrap_or("nothing shows");
    format!("{applied} of {all} migrations are in production; {told}")
}

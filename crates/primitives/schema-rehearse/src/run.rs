//! The order of events: look, make a branch, apply, count, smoke, delete.

use std::time::{Duration, Instant};

use action::{Context, Done, Failure, Permit, Plan};
use git::Repository;
use migrate::{Ahead, Options, Report};
use migration_history::{Applied, Migration, Migrations, list};
use postgres::Database;
use supabase::{ACCESS_TOKEN, Branch, Supabase};

use crate::branch::{Branches, first_look, refused_by_branch};
use crate::history::{difference, pending, rows, versions};
use crate::job::{Job, Made};
use crate::report::rehearsed;
use crate::{Mode, Rehearsed, smoke, stale};

/// Runs the job.
pub(crate) async fn run(job: &Job, context: &Context, outputs: &mut Rehearsed) -> Result<Done, Failure> {
    let name = job.branch(context)?;
    outputs.branch = Some(name.clone());
    context.publish(outputs)?;
    let supabase = Supabase::new(context, context.secret(ACCESS_TOKEN)?)?;
    let branches = Branches { job, context, supabase: &supabase, name: &name };
    match job.mode {
        Mode::CleanUp => clean_up(&branches).await,
        Mode::Rehearse => rehearse(&branches, outputs).await,
    }
}

async fn clean_up(branches: &Branches<'_>) -> Result<Done, Failure> {
    let name = branches.name;
    if branches.leftover(&branches.all().await?)?.is_none() {
        tracing::info!("there is no branch {name}");
        return Ok(Done::Unchanged);
    }
    let mut plan = Plan::new();
    plan.change(format!("branch {name}"), "left over", "deleted");
    let permit = branches.context.approve(&plan)?;
    branches.delete(&permit).await?;
    tracing::info!("branch {name} was left over, and is deleted");
    Ok(Done::Success)
}

async fn rehearse(branches: &Branches<'_>, outputs: &mut Rehearsed) -> Result<Done, Failure> {
    let Branches { job, context, supabase, name } = branches;
    let files = files(job, context).await?;
    let production = rows(supabase.history(&job.project).await?);
    let pending = pending(&files, &production)?;
    let stems: Vec<String> = pending.iter().map(|file| file.stem()).collect();
    let all = branches.all().await?;
    stale::warn(context, job, name, &all);
    let leftover = branches.leftover(&all)?;
    if stems.is_empty() && leftover.is_none() {
        tracing::info!("production has every migration of the commit");
        outputs.applied = Some(String::new());
        return Ok(Done::Unchanged);
    }
    let permit = context.approve(&plan(branches, leftover.as_ref(), &stems))?;
    if leftover.is_some() {
        tracing::info!("branch {name} was left by a run that was killed; deleting it first");
        branches.delete(&permit).await?;
    }
    if stems.is_empty() {
        outputs.applied = Some(String::new());
        return Ok(Done::Success);
    }
    let attempt = Attempt {
        branches,
        files: &files,
        production: &production,
        stems: &stems,
        until: context.clock().now() + job.timeout,
    };
    let tried = attempt.run(&permit, outputs).await;
    let deleted = branches.delete(&permit).await;
    match (tried, deleted) {
        (Ok(()), Ok(())) => {
            rehearsed(context, name, &stems, job.smoke.as_deref());
            Ok(Done::Success)
        }
        (Err(failure), Ok(())) => Err(failure.hint("the branch is deleted, and production was only read")),
        (Ok(()), Err(failure)) => Err(failure.hint("the rehearsal itself went well")),
        (Err(failure), Err(other)) => {
            let failure = failure.hint(other.message().to_owned());
            Err(other.hints().iter().fold(failure, |failure, hint| failure.hint(hint.clone())))
        }
    }
}

async fn files(job: &Job, context: &Context) -> Result<Migrations, Failure> {
    let repository = Repository::open(context.directory(), context.environment()).await?;
    let wanted = job.commit.as_ref().map_or("HEAD", |commit| commit.as_str());
    let commit = repository.commit(wanted).await?.ok_or_else(|| {
        Failure::invalid(format!("input `commit`: this clone has no commit {wanted}"))
            .hint("let `actions/checkout` take the commit, or its history (`fetch-depth: 0`)")
    })?;
    Ok(migration_files::at_commit(&repository, &commit, &job.folder).await?)
}

fn plan(branches: &Branches<'_>, leftover: Option<&Branch>, stems: &[String]) -> Plan {
    let (name, mut plan) = (branches.name, Plan::new());
    if leftover.is_some() {
        plan.change(format!("branch {name}"), "left over", "deleted");
    }
    if !stems.is_empty() {
        let smoke = if branches.job.smoke.is_some() { ", the smoke command run" } else { "" };
        let tried = format!("made, {} applied{smoke}, deleted", list(stems));
        plan.change(format!("branch {name} of {}", branches.job.project), "none", tried);
    }
    plan
}

/// What is tried on one branch.
struct Attempt<'a> {
    branches: &'a Branches<'a>,
    files: &'a Migrations,
    production: &'a [Applied],
    stems: &'a [String],
    until: Instant,
}

impl Attempt<'_> {
    async fn run(&self, permit: &Permit, outputs: &mut Rehearsed) -> Result<(), Failure> {
        let Branches { job, context, name, .. } = self.branches;
        context.leaves_behind(format!("branch {name} may be left; `mode: clean-up` deletes it"));
        let branch = self.branches.make(self.left(), permit).await?;
        job.set_made(Made::There(branch.name.clone(), branch.reference.clone()));
        tracing::info!("branch {name} is project {}", branch.reference);
        self.branches.ready(&branch, self.left()).await?;
        let address = self.branches.address(&branch, self.left()).await?;
        let database = Database::new(context, &address).map_err(Failure::from)?;
        self.begins_where_production_stands(&first_look(context, &database, self.left()).await?)?;
        let report = self.apply(&database, permit).await?;
        outputs.applied = Some(report.applied.join("\n"));
        self.count(&report, &branch).await?;
        if let Some(command) = &job.smoke {
            smoke::run(context, command, &address, job.smoke_timeout).await?;
        }
        Ok(())
    }

    fn left(&self) -> Duration {
        self.until.saturating_duration_since(self.branches.context.clock().now())
    }

    /// Else what it shows is not what production will do.
    fn begins_where_production_stands(&self, found: &[Applied]) -> Result<(), Failure> {
        match difference(&versions(self.production), found) {
            None => Ok(()),
            Some(told) => Err(Failure::stale(format!(
                "branch {} does not begin where production stands: it {told}",
                self.branches.name
            ))
            .hint("somebody may have migrated production meanwhile: run again")),
        }
    }

    async fn apply(&self, database: &Database, permit: &Permit) -> Result<Report, Failure> {
        let options = Options { ahead: Ahead::Accept, ..Options::default() };
        let clock = self.branches.context.clock();
        let applied = migrate::apply(clock, database, self.files, &options, permit).await;
        let failure = |error| match error {
            migrate::Error::Database { error, .. } | migrate::Error::Lost { error, .. } => {
                refused_by_branch(error)
            }
            error => Failure::from(error),
        };
        applied.map_err(|error| failure(error).context(format!("rehearsal on branch {}", self.branches.name)))
    }

    /// The row count grew by exactly what was pending (ADR-053 D4, step 3): as the
    /// session counted it, and as Supabase shows it.
    async fn count(&self, report: &Report, branch: &Branch) -> Result<(), Failure> {
        let shown = rows(self.branches.supabase.history(&branch.reference).await?);
        let mut wanted = versions(self.production);
        wanted.extend(
            self.files.iter().filter(|file| self.is_pending(file)).map(|file| file.version().to_string()),
        );
        let told = match difference(&wanted, &shown) {
            Some(told) => format!("its table {told}"),
            None if !report.adds_up() || report.applied != self.stems => {
                format!(
                    "its table went from {} rows to {} with {} applied",
                    report.before,
                    report.after,
                    list(&report.applied)
                )
            }
            None => return Ok(()),
        };
        Err(Failure::failed(format!(
            "branch {} did not gain exactly the {} pending migrations: {told}",
            self.branches.name,
            self.stems.len()
        ))
        .hint("a migration may itself write into supabase_migrations.schema_migrations; none should"))
    }

    fn is_pending(&self, file: &Migration) -> bool {
        self.stems.contains(&file.stem())
    }
}

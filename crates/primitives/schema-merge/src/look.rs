//! One look at everything that the decision rests on.

use action::Clock;
use migration_history::{Applied, Drift, Migrations, compare};
use postgres::ledger::SchemaMerge;
use postgres::{Database, Ledger};
use supabase::{ActionRun, HistoryRow, Outcome, ProjectRef, RunId, Supabase};
use wait::Fault;

use crate::decision::{Asked, Open, Traffic, Versions, World};
use crate::job::Job;
use crate::quiet::Quiet;
use crate::unfit;

/// How many of the newest runs are looked at; a project has few at a time.
const NEWEST: u32 = 10;

/// Whom to ask.
pub(crate) struct Sources<'a> {
    pub(crate) job: &'a Job,
    pub(crate) files: &'a Migrations,
    pub(crate) supabase: Supabase,
    pub(crate) database: Database,
    pub(crate) ledger: Ledger,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) quiet: Quiet,
}

/// What was seen.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) world: World,
    pub(crate) open: Option<SchemaMerge>,
    /// What production has, with names.
    pub(crate) production: Vec<Applied>,
    /// What the branch has, with names; not asked for while a merge is open.
    pub(crate) branch: Vec<Applied>,
    /// What is on its way, for a person.
    pub(crate) traffic: Option<String>,
}

/// Why nothing was seen.
#[derive(Debug)]
pub(crate) enum Unseen {
    Vendor(http::Error),
    Database(postgres::Error),
}

impl Unseen {
    /// A fault that may pass, or the error.
    pub(crate) fn passing(self) -> Result<Fault, action::Failure> {
        match self {
            Self::Vendor(error) if error.is_passing() => Ok(Fault::from(&error)),
            Self::Vendor(error) => Err(error.into()),
            Self::Database(error) if error.is_passing() => Ok(Fault::from(&error)),
            Self::Database(error) => Err(error.into()),
        }
    }
}

impl From<http::Error> for Unseen {
    fn from(error: http::Error) -> Self {
        Self::Vendor(error)
    }
}

impl From<postgres::Error> for Unseen {
    fn from(error: postgres::Error) -> Self {
        Self::Database(error)
    }
}

impl Sources<'_> {
    /// Looks. `run` is the merge that this run asked for, if it knows.
    ///
    /// What is on its way is asked for before production's table: a merge that ends in
    /// between has then written all that it will.
    pub(crate) async fn look(&self, run: Option<&RunId>, asked: Asked) -> Result<Seen, Unseen> {
        let open = self.ledger.open_schema_merge().await?;
        let (traffic, told) = match &open {
            Some(open) => self.traffic(open, run).await?,
            None => (Traffic::None, None),
        };
        let production = migrate::applied(&self.database).await?;
        let (project, branch) = match &open {
            // They may change at this moment, and are not needed.
            Some(_) => (Vec::new(), Vec::new()),
            None => (self.history(&self.job.project).await?, self.history(&self.job.branch).await?),
        };
        let world = World {
            files: self.files.iter().map(|file| file.version().to_string()).collect(),
            production: versions(&production),
            project: versions(&project),
            branch: versions(&branch),
            drift: drift(self.files, &production, &branch),
            unfit: unfit::among(self.files),
            open: open.as_ref().map(of_row),
            traffic,
            acknowledged: self.job.acknowledged.clone(),
            asked,
        };
        Ok(Seen { world, open, production, branch, traffic: told })
    }

    async fn history(&self, project: &ProjectRef) -> Result<Vec<Applied>, http::Error> {
        let row =
            |row: HistoryRow| Applied { version: row.version, name: row.name, statements: row.statements };
        Ok(self.supabase.history(project).await?.into_iter().map(row).collect())
    }

    async fn traffic(
        &self,
        open: &SchemaMerge,
        run: Option<&RunId>,
    ) -> Result<(Traffic, Option<String>), http::Error> {
        if let Some(run) = run
            && let Some(found) = self.of_run(run).await?
        {
            return Ok(found);
        }
        let mut may_come = None;
        for project in [&self.job.project, &self.job.branch] {
            let runs = self.supabase.action_runs(project, NEWEST).await?;
            if let Some(run) = runs.iter().find(|run| run.outcome() == Outcome::Running) {
                let at = run.current().map(|step| format!(", step {} is {}", step.name, step.status));
                let told = format!("run {} of {project} goes on{}", run.id, at.unwrap_or_default());
                return Ok((Traffic::Running, Some(told)));
            }
            // All are watched from the first look on.
            let between: Vec<&ActionRun> = runs.iter().filter(|run| self.is_between(run)).collect();
            may_come = may_come.or(between.first().map(|run| between_steps(run)));
        }
        // What it added was noted when its run was over.
        if open.applied.is_some() {
            return Ok((Traffic::None, None));
        }
        if may_come.is_some() {
            return Ok((Traffic::MayCome, may_come));
        }
        if open.since_began >= self.job.shows_within {
            return Ok((Traffic::None, None));
        }
        let told = format!("run {} may have asked for a merge a moment ago, and none shows yet", open.run_id);
        Ok((Traffic::MayCome, Some(told)))
    }

    /// What the run says that this run's merge was given; nothing while nobody knows it.
    async fn of_run(&self, run: &RunId) -> Result<Option<(Traffic, Option<String>)>, http::Error> {
        let (found, _) = match self.supabase.merge_run(&self.job.project, &self.job.branch, run).await {
            Err(http::Error::Refused { status: 404, .. }) => return Ok(None),
            other => other?,
        };
        Ok(Some(match found.outcome() {
            Outcome::Running => {
                let at = found.current().map(|step| format!("step {} is {}", step.name, step.status));
                (Traffic::Running, Some(at.unwrap_or_else(|| "it has not begun".to_owned())))
            }
            Outcome::Between if self.is_between(&found) => (Traffic::MayCome, Some(between_steps(&found))),
            Outcome::Between => {
                (Traffic::None, Some("it went no further than before its migrations".to_owned()))
            }
            Outcome::Ended => (Traffic::None, Some("it ended".to_owned())),
            Outcome::Failed(step) => (Traffic::None, Some(format!("its step {step} failed"))),
        }))
    }

    /// Whether every step that shows has ended, and the migrations may still come.
    fn is_between(&self, run: &ActionRun) -> bool {
        run.outcome() == Outcome::Between && self.quiet.lasts(run, self.clock.now()) < self.job.shows_within
    }
}

fn between_steps(run: &ActionRun) -> String {
    format!("every step that run {} shows has ended, and `migrate` is not among them yet", run.id)
}

pub(crate) fn versions(rows: &[Applied]) -> Versions {
    rows.iter().map(|row| row.version.clone()).collect()
}

fn of_row(merge: &SchemaMerge) -> Open {
    Open { before: merge.before.iter().cloned().collect(), pending: merge.pending.iter().cloned().collect() }
}

/// What speaks against the files. That a database has more than they do is judged
/// elsewhere; a branch has its own order, so only what it ran counts there.
fn drift(files: &Migrations, production: &[Applied], branch: &[Applied]) -> Vec<Drift> {
    let mut drift = compare(files, production).drift;
    drift.retain(|found| !matches!(found, Drift::WithoutFile { .. }));
    let of_branch = compare(files, branch).drift.into_iter();
    let other = of_branch.filter(|found| matches!(found, Drift::Edited { .. } | Drift::Renamed { .. }));
    for found in other {
        if !drift.contains(&found) {
            drift.push(found);
        }
    }
    drift
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(stem: &str, statement: &str) -> Applied {
        let (version, name) = stem.split_once('_').unwrap();
        let statements = Some(vec![statement.to_owned()]);
        Applied { version: version.to_owned(), name: Some(name.to_owned()), statements }
    }

    #[test]
    fn an_edit_counts_wherever_it_was_applied_and_more_rows_do_not() {
        let named = |stem: &str, text: &str| (format!("{stem}.sql"), text.to_owned());
        let (a, b, c) = ("20260101000000_a", "20260102000000_b", "20260103000000_c");
        let files = Migrations::new([named(a, "select 1"), named(b, "select 2")]).unwrap();
        let production = [row(a, "select 1"), row(c, "select 3")];
        let found = drift(&files, &production[..1], &[row(a, "select 1"), row(b, "select 2"), row(c, "x")]);
        assert_eq!(found, []);
        let edited = drift(&files, &production[..1], &[row(a, "select 1"), row(b, "select 22")]);
        assert_eq!(edited, [Drift::Edited { stem: b.into() }]);
        let twice = drift(&files, &[row(a, "select 0")], &[row(a, "select 0")]);
        assert_eq!(twice, [Drift::Edited { stem: a.into() }]);
        let inserted = drift(&files, &production, &[]);
        assert_eq!(inserted, [Drift::Inserted { stem: b.into(), head: c.into() }]);
    }
}

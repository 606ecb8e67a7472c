//! The session: lock, look, apply, count.

use std::collections::BTreeSet;
use std::time::Duration;

use action::{Clock, Permit};
use migration_history::{Applied, Migrations, Script};
use postgres::{Database, Limits, MigrationFailure, MigrationSession, Stage};
use wait::{Ended, Look, Schedule};

use crate::error::{Error, Half, Stopped};
use crate::outcome::Report;
use crate::script::{Ahead, Planned, plan, rows};

/// How patient it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The limits of every statement.
    pub limits: Limits,
    /// How long to wait for a first connection: a preview branch that slept lets some
    /// time out (Supabase docs, branching, troubleshooting).
    pub connect: Duration,
    /// How long to wait for somebody else who migrates.
    pub lock: Duration,
    /// How often a file that found a table locked is tried again, from its beginning.
    pub tries_again: u32,
    /// What to think of a database that has more than the files.
    pub ahead: Ahead,
}

impl Default for Options {
    /// A minute for a connection, five for somebody else, five repetitions, and no
    /// database that is ahead.
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            connect: Duration::from_secs(60),
            lock: Duration::from_secs(5 * 60),
            tries_again: 5,
            ahead: Ahead::Refuse,
        }
    }
}

/// The pause before a file that found a table locked is tried again: whoever queued
/// behind it gets through meanwhile.
const BREATH: Duration = Duration::from_secs(2);

/// A connection that is lost is replaced this often in all: once more than a failover
/// takes.
const SESSIONS: u32 = 3;

/// What a database has applied, by version.
///
/// # Errors
/// Any error of the database.
pub async fn applied(database: &Database) -> Result<Vec<Applied>, postgres::Error> {
    Ok(rows(database.migrations().await?))
}

/// Applies the files that a database lacks, and says what it did.
///
/// A connection that is lost is replaced, and what became of the file is read from the
/// table, after the lost session has let go of the lock.
///
/// # Errors
/// See [`Error`]; it says what is applied and what is not.
pub async fn apply(
    clock: &dyn Clock,
    database: &Database,
    files: &Migrations,
    options: &Options,
    permit: &Permit,
) -> Result<Report, Error> {
    let mut run = Run { clock, database, files, options, permit, report: Report::default(), known: None };
    for _ in 1..SESSIONS {
        match run.session().await {
            Err(Error::Lost { error, .. }) => {
                tracing::info!("{error}; connecting again to see what became of it");
            }
            other => return other.map(|()| run.report),
        }
    }
    run.session().await.map(|()| run.report)
}

struct Run<'a> {
    clock: &'a dyn Clock,
    database: &'a Database,
    files: &'a Migrations,
    options: &'a Options,
    permit: &'a Permit,
    report: Report,
    /// The versions of the last look.
    known: Option<BTreeSet<String>>,
}

impl Run<'_> {
    /// Goes as far as one connection carries.
    async fn session(&mut self) -> Result<(), Error> {
        let session = self.connect().await?;
        self.lock(&session).await?;
        session.create_history().await.map_err(|error| self.failed(error))?;
        let applied = rows(session.history().await.map_err(|error| self.failed(error))?);
        self.count(&applied);
        let pending = plan(self.files, &applied, self.options.ahead)?;
        for (index, planned) in pending.iter().enumerate() {
            let left = pending.get(index..).unwrap_or_default();
            self.one(&session, planned, left).await?;
            tracing::info!("applied {}", planned.file);
            self.report.applied.push(planned.stem.clone());
            self.known.get_or_insert_default().insert(planned.row.version.clone());
        }
        self.report.after = session.history().await.map_err(|error| self.failed(error))?.len();
        Ok(())
    }

    /// The first look is where it began; a later one tells what a lost answer did.
    fn count(&mut self, applied: &[Applied]) {
        let found: BTreeSet<String> = applied.iter().map(|row| row.version.clone()).collect();
        match &self.known {
            None => self.report.before = applied.len(),
            Some(known) => {
                let new = applied.iter().filter(|row| !known.contains(&row.version));
                self.report.applied.extend(new.map(Applied::stem));
            }
        }
        self.known = Some(found);
    }

    async fn connect(&self) -> Result<MigrationSession, Error> {
        let schedule = Schedule::new(self.options.connect, Duration::from_secs(5)).at_once();
        let look = async |_| match self.database.migrate(&self.options.limits, self.permit).await {
            Ok(session) => Ok(Look::<_, String>::Done(session)),
            Err(error) if error.is_passing() => Ok(Look::Fault((&error).into())),
            Err(error) => Err(error),
        };
        wait::until(self.clock, schedule, "the database", look).await.map_err(|ended| match ended {
            Ended::Failed(error) => self.failed(error),
            Ended::TimedOut(late) => Error::Asleep(late.to_string()),
        })
    }

    async fn lock(&self, session: &MigrationSession) -> Result<(), Error> {
        let schedule = Schedule::new(self.options.lock, Duration::from_secs(5)).at_once();
        let look = async |_| match session.try_lock().await {
            Ok(true) => Ok(Look::Done(())),
            Ok(false) => Ok(Look::NotYet("somebody else applies migrations".to_owned())),
            Err(error) => Err(error),
        };
        wait::until(self.clock, schedule, "the lock on the migrations", look).await.map_err(|ended| {
            match ended {
                Ended::Failed(error) => self.failed(error),
                Ended::TimedOut(late) => Error::Locked(late.to_string()),
            }
        })
    }

    async fn one(
        &self,
        session: &MigrationSession,
        planned: &Planned,
        left: &[Planned],
    ) -> Result<(), Error> {
        let mut again = self.options.tries_again;
        loop {
            let done = match &planned.script {
                Script::Together(_) => session.apply(&planned.row).await,
                Script::Apart(_) => session.apply_apart(&planned.row).await,
            };
            let Err(failure) = done else { return Ok(()) };
            let locked = failure.refusal.as_ref().is_some_and(postgres::Refusal::is_lock_timeout);
            // Outside a transaction something of it may be there already.
            if !locked || again == 0 || matches!(planned.script, Script::Apart(_)) {
                return Err(self.stopped(planned, left, failure));
            }
            again -= 1;
            tracing::info!("{}: a table is locked; trying again", planned.file);
            self.clock.sleep(BREATH).await;
        }
    }

    fn stopped(&self, planned: &Planned, left: &[Planned], failure: MigrationFailure) -> Error {
        if let postgres::Error::Lost { .. } = failure.error
            && matches!(planned.script, Script::Together(_))
        {
            return self.failed(failure.error);
        }
        let statements = planned.script.statements();
        let at = match failure.stage {
            Stage::Statement(index) => statements.get(index),
            Stage::Begin | Stage::Row | Stage::Commit => None,
        };
        let position = failure.refusal.as_ref().and_then(|refusal| refusal.position);
        let done = match failure.stage {
            Stage::Begin => 0,
            Stage::Statement(index) => index,
            Stage::Row | Stage::Commit => statements.len(),
        };
        let half = match &planned.script {
            Script::Together(_) => Half::Nothing,
            Script::Apart(_) => Half::Statements { done, of: statements.len() },
        };
        let stem = |planned: &Planned| planned.stem.clone();
        Error::Stopped(Box::new(Stopped {
            file: planned.file.clone(),
            line: at.map(|at| position.map_or(at.line, |position| at.line_at(position))),
            statement: at.map(migration_history::Statement::summary),
            refusal: failure.refusal,
            error: failure.error,
            half,
            applied: self.report.applied.clone(),
            left: left.iter().map(stem).collect(),
        }))
    }

    fn failed(&self, error: postgres::Error) -> Error {
        let applied = self.report.applied.clone();
        match error {
            postgres::Error::Lost { .. } => Error::Lost { applied, error },
            error => Error::Database { applied, error },
        }
    }
}

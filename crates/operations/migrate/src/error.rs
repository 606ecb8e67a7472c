//! Why migrations were not applied, and what is applied all the same.

use std::fmt;

use action::Failure;
use migration_history::{Drift, ScriptProblem, list};
use postgres::Refusal;

/// Why not every pending file was applied.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Files and database tell different stories. Nothing was applied.
    #[error("the migrations and the database tell different stories: {}", first(.0))]
    Drift(Vec<Drift>),
    /// A pending file cannot run. Nothing was applied.
    #[error("{file}: {problem}")]
    Script {
        /// The file's name.
        file: String,
        /// What is wrong with it.
        problem: ScriptProblem,
    },
    /// The server refused a statement.
    #[error(transparent)]
    Stopped(Box<Stopped>),
    /// No connection came about in time. Nothing was applied.
    #[error("the database gave no connection {0}")]
    Asleep(String),
    /// Somebody else migrates all the time. Nothing was applied.
    #[error("somebody else holds the lock on the migrations: gave up {0}")]
    Locked(String),
    /// The connection was lost again and again.
    #[error("{error}")]
    Lost {
        /// The stems of the files that are applied for certain.
        applied: Vec<String>,
        /// The last loss.
        error: postgres::Error,
    },
    /// Anything else that the database says.
    #[error("{error}")]
    Database {
        /// The stems of the files that are applied.
        applied: Vec<String>,
        /// What it says.
        error: postgres::Error,
    },
}

/// A file at which it stopped.
#[derive(Clone, Debug, PartialEq)]
pub struct Stopped {
    /// The file's name.
    pub file: String,
    /// The line in it, if it was a statement of the file.
    pub line: Option<usize>,
    /// The first words of that statement.
    pub statement: Option<String>,
    /// What the server said, if it was the server.
    pub refusal: Option<Refusal>,
    /// The same as every other error of the database.
    pub error: postgres::Error,
    /// What of the file is applied.
    pub half: Half,
    /// The stems of the files that this run applied before it.
    pub applied: Vec<String>,
    /// The stems of the files that are not applied, this one first.
    pub left: Vec<String>,
}

/// What of a file is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// Nothing: its transaction was rolled back.
    Nothing,
    /// The statements before the one that failed; no row tells of them.
    Statements {
        /// How many.
        done: usize,
        /// How many the file has.
        of: usize,
    },
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        match &self.refusal {
            Some(refusal) => write!(f, ": {} (SQLSTATE {})", refusal.message, refusal.code),
            None => write!(f, ": {}", self.error),
        }
    }
}

impl std::error::Error for Stopped {}

fn first(drift: &[Drift]) -> String {
    let rest = match drift.len() {
        0 | 1 => String::new(),
        more => format!(" (and {} more)", more - 1),
    };
    drift.first().map(|drift| format!("{drift}{rest}")).unwrap_or_default()
}

/// So many that a person reads them.
const SHOWN: usize = 10;

impl From<Error> for Failure {
    /// Maps to `stale` for drift, `refused` for a file that cannot run, `failed` for a
    /// statement that the server refuses, `timed-out` for waits, else as the database's
    /// own errors.
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Drift(drift) => {
                let hint = |failure: Self, drift: &Drift| failure.hint(format!("{drift}: {}", drift.fix()));
                drift.iter().take(SHOWN).fold(Self::stale(text), hint)
            }
            Error::Script { problem, .. } => {
                Self::refused(text).hint(problem.fix()).hint("no pending file was applied")
            }
            Error::Stopped(stopped) => stopped.failure(text),
            Error::Asleep(_) => Self::timed_out(text)
                .hint("a preview branch that slept needs a minute; see the project's health, then run again"),
            Error::Locked(_) => Self::timed_out(text).hint("wait for the other run to end, then run again"),
            Error::Lost { applied, error } | Error::Database { applied, error } => {
                let failure = Self::from(error);
                match applied.is_empty() {
                    true => failure,
                    false => failure.hint(format!(
                        "applied before it: {}; run again, it goes on after them",
                        list(&applied)
                    )),
                }
            }
        }
    }
}

impl Stopped {
    fn failure(&self, text: String) -> Failure {
        let mut failure = Failure::failed(text);
        if let Some(statement) = &self.statement {
            failure = failure.hint(format!("the statement: {statement}"));
        }
        for more in self.refusal.iter().flat_map(|refusal| [&refusal.detail, &refusal.hint]).flatten() {
            failure = failure.hint(format!("the database says: {more}"));
        }
        failure = failure.hint(self.told());
        failure = failure.hint(format!(
            "applied by this run: {}; not applied: {}",
            list(&self.applied),
            list(&self.left)
        ));
        failure.hint("correct the file, then run again: what is applied is not run a second time")
    }

    fn told(&self) -> String {
        match self.half {
            Half::Nothing => format!("nothing of {} is applied: its transaction was rolled back", self.file),
            Half::Statements { done, of } => format!(
                "at least {done} of {of} statements of {} are applied outside a transaction, and nothing records them; an index \
                 that was being built concurrently is left INVALID: drop it, or write IF NOT EXISTS where it is whole",
                self.file
            ),
        }
    }
}

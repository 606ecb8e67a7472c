//! How the twin behaves where Supabase leaves room, or where a test wants trouble.

use std::time::Duration;

/// How a branch comes into being.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Creating {
    /// How long its project is coming up.
    pub project: Duration,
    /// How long its parent's migrations are being replayed.
    pub migrations: Duration,
    /// How it ends.
    pub end: CreationEnd,
}

impl Default for Creating {
    /// A minute, ten seconds, well.
    fn default() -> Self {
        Self { project: Duration::from_secs(60), migrations: Duration::from_secs(10), end: CreationEnd::Well }
    }
}

/// How the creation of a branch ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreationEnd {
    /// As the migrations let it.
    Well,
    /// The request itself is answered with 500, and there is no branch.
    Refused,
    /// The project never comes up: `INIT_FAILED`.
    InitFailed,
    /// So many migrations are replayed, then one fails: `MIGRATIONS_FAILED`.
    MigrationsFailed(usize),
}

/// What a merge does after its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merging {
    /// How long each step takes that applies nothing.
    pub step: Duration,
    /// How long each migration takes.
    pub migration: Duration,
    /// After so many migrations it stops; `None` applies all.
    pub applies: Option<usize>,
    /// What the step says when it stopped, or when a migration failed.
    pub end: StepEnd,
    /// When its steps are shown.
    pub shows: StepsShow,
}

impl Default for Merging {
    /// Two seconds a step, one a migration, all of them, and a failure says so.
    fn default() -> Self {
        let (step, migration) = (Duration::from_secs(2), Duration::from_secs(1));
        Self { step, migration, applies: None, end: StepEnd::Dead, shows: StepsShow::FromTheStart }
    }
}

/// When `run_steps` has a step. The API reference says that it is a list of steps, and not that all of them are in it
/// from the beginning, so both happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepsShow {
    /// All at once, before they begin.
    #[default]
    FromTheStart,
    /// Each so long after it began.
    AfterTheyBegin(Duration),
    /// Those before `migrate`, and no other ever: the run went no further, and none of its steps says why.
    NoneFromMigrate,
}

/// What a step says that did not do what it should. The API has a word for a container
/// that ended and none for how it ended, so both happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepEnd {
    /// `DEAD`; the steps after it do not run.
    Dead,
    /// `EXITED`, as if all were well.
    Exited,
}

/// Whose run a merge is. The API reference does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunsOf {
    /// The parent's, which it changes.
    #[default]
    Parent,
    /// The branch's, which was asked.
    Branch,
}

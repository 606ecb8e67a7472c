//! The world, as far as a way back depends on it.

use crate::roles::{Pointing, same_host};

/// Everything that is asked of the world.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct World {
    /// The generation that is to be taken back.
    pub generation: u64,
    /// The commit of that generation.
    pub commit: String,
    /// How far it came.
    pub stage: Stage,
    /// Whether the job that announced its flip may still be at work, and so be about to move the names.
    pub flipping: bool,
    /// Where the names are that it was to move.
    pub names: Names,
    /// The newest generation beyond it that took its place, if there is one.
    pub newer: Option<u64>,
    /// The newest flip beyond it of the same names that was announced, and neither confirmed nor undone.
    pub open: Option<u64>,
    /// The generations beyond it that serve elsewhere, oldest first: of other names and targets.
    pub beside: Vec<u64>,
    /// The newest generation of all that serves, if any does; it may be this very one.
    pub serving: Option<u64>,
    /// What was cut over before it.
    pub prior: Option<Prior>,
    /// The services that served before it; none when it has no names to move.
    pub former: Vec<Former>,
    /// The migrations that are applied and that the prior commit does not know.
    pub since: Vec<Migration>,
    /// What is left to do.
    pub outbox: Work,
}

/// How far a generation came, by the ledger.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Stage {
    /// It has its number, and nothing more is recorded.
    Allocated,
    /// The flip of its names was announced, and neither finished nor undone.
    Announced,
    /// It served, verified.
    CutOver {
        /// Whether its hold still runs (ADR-053 D11).
        held: bool,
        /// Whether the former colour was made the same since.
        synced: bool,
    },
    /// Its names were put back.
    RolledBack,
}

/// Where the public names are that a generation was to move.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Names {
    /// There are none: it was published in place, or the ledger names none.
    None,
    /// All where they were before it.
    Before,
    /// All where it moved them.
    After,
    /// Some here, some there.
    Between,
    /// At least one somewhere else; which, and where, in words.
    Elsewhere(Vec<String>),
}

impl Names {
    /// Where the names of `before` (where each pointed before a generation) stand `now`,
    /// when that generation moved them to where `after` has them.
    #[must_use]
    pub fn of(before: &Pointing, now: &Pointing, after: &Pointing) -> Self {
        let mut counts = (0, 0);
        let mut elsewhere = Vec::new();
        for (host, was) in before {
            let find = |pointing: &Pointing| {
                let found = pointing.iter().find(|(name, _)| same_host(name, host));
                found.map(|(_, target)| target.clone())
            };
            match find(now) {
                Some(is) if same_host(&is, was) => counts.0 += 1,
                Some(is) if find(after).is_some_and(|moved| same_host(&is, &moved)) => counts.1 += 1,
                Some(is) => elsewhere.push(format!("{host} points at {is}")),
                None => elsewhere.push(format!("{host} has no CNAME")),
            }
        }
        match counts {
            _ if !elsewhere.is_empty() => Self::Elsewhere(elsewhere),
            (0, 0) => Self::None,
            (_, 0) => Self::Before,
            (0, _) => Self::After,
            _ => Self::Between,
        }
    }
}

/// The newest generation that was cut over before, and was not rolled back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Prior {
    /// Its number.
    pub generation: u64,
    /// Its commit.
    pub commit: String,
    /// Whether that can be deployed again.
    pub code: PriorCode,
}

impl Prior {
    /// Whether its migrations could be compared with the schema of today: that takes its commit.
    #[must_use]
    pub fn is_compared(&self) -> bool {
        self.code != PriorCode::NoCommit
    }
}

/// Whether older code can be deployed again (ADR-053 D14.5).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum PriorCode {
    /// The commit is in the repository, and every service still lists a deploy of it.
    There,
    /// Nobody gives the commit out any more.
    NoCommit,
    /// The vendor lists no deploy of it any more for these targets.
    NoDeploy(Vec<String>),
}

/// The service of one target that served before.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Former {
    /// The target.
    pub target: String,
    /// The vendor's id of the service.
    pub service: String,
    /// What has become of it.
    pub state: FormerState,
}

/// What has become of a service that served before.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum FormerState {
    /// It runs what it ran.
    AsBefore,
    /// Something is being deployed onto it.
    Deploying,
    /// It runs another commit, or none that is known.
    Runs(Option<String>),
    /// This generation was allocated for it since, with the very commit that it ran, so
    /// nobody can tell whether it is the old one.
    Overtaken(u64),
    /// It is suspended.
    Suspended,
}

/// One applied migration.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Migration {
    /// Its version, as the database has it.
    pub version: String,
    /// What it means for older code.
    pub effect: Effect,
}

/// What a migration means for older code (ADR-048 D4, ADR-053 D5).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Effect {
    /// Older code works with it.
    Expands,
    /// It took away what older code needs.
    Contracts,
    /// Nobody can say: its text is not to be had.
    Unknown,
}

/// Rows of the outbox that are not done.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Work {
    /// Those of the generation itself.
    pub own: u64,
    /// Those of all generations below it.
    pub below: u64,
}

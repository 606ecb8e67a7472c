//! Why there is no way back to tell.

use super::Symptom;
use super::closed::Closed;

/// One reason. Each names what it is about.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It is undone already.
    #[error("generation {0} was rolled back already")]
    RolledBack(u64),
    /// Another generation lies over it.
    #[error("generation {generation} is not what serves: generation {newer} was cut over since")]
    InBetween {
        /// The generation that was to be taken back.
        generation: u64,
        /// The one that serves.
        newer: u64,
    },
    /// A flip of the same names is under way over it.
    #[error(
        "the flip of generation {open}, of names that generation {generation} moved, is neither confirmed nor undone"
    )]
    Open {
        /// The generation that was to be taken back.
        generation: u64,
        /// The one that is unfinished.
        open: u64,
    },
    /// Somebody led names to a third place.
    #[error("the names of generation {generation} are neither where it moved them nor where they were: {}", names.join(", "))]
    Elsewhere {
        /// The generation.
        generation: u64,
        /// The names, with where they point.
        names: Vec<String>,
    },
    /// Announced, and for which names nobody knows.
    #[error(
        "the flip of generation {0} is unfinished, and the ledger does not say which names it was to move"
    )]
    NoNames(u64),
    /// Nothing of the generation was ever seen.
    #[error("the symptom `{}` does not fit: nobody was served by generation {generation}", symptom.word())]
    NeverSeen {
        /// The generation.
        generation: u64,
        /// The symptom.
        symptom: Symptom,
    },
    /// No migration came with it.
    #[error(
        "the symptom `migration` does not fit: generation {generation} applied no migration that generation {prior} does not know"
    )]
    NoMigration {
        /// The generation.
        generation: u64,
        /// The one before.
        prior: u64,
    },
    /// Older code cannot run on this schema.
    #[error("the code before generation {generation} does not run on the schema of today: {} took away what it needs", migrations.join(", "))]
    Contracted {
        /// The generation.
        generation: u64,
        /// The migrations.
        migrations: Vec<String>,
    },
    /// Whether older code runs on this schema is not known.
    #[error("nobody can say whether the code before generation {generation} runs on the schema of today: the text of {} is not to be had", migrations.join(", "))]
    Unjudged {
        /// The generation.
        generation: u64,
        /// The migrations.
        migrations: Vec<String>,
    },
    /// It is the first.
    #[error("nothing was cut over before generation {0}, so there is no older code to go back to")]
    NothingBefore(u64),
    /// The same commit.
    #[error("generation {prior}, which served before generation {generation}, is of the same commit")]
    SameCode {
        /// The generation.
        generation: u64,
        /// The one before.
        prior: u64,
    },
    /// Names half way, and what served before is gone.
    #[error("the names of generation {generation} stand half way and cannot go back: {}", closed.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Stuck {
        /// The generation.
        generation: u64,
        /// Why.
        closed: Vec<Closed>,
    },
}

impl Refusal {
    /// Whether going back would break what runs, whatever the state of the world: all
    /// others end when the world changes, or when another question is asked.
    #[must_use]
    pub const fn is_of_the_schema(&self) -> bool {
        matches!(self, Self::Contracted { .. } | Self::Unjudged { .. })
    }

    /// What to do instead.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::RolledBack(_) => {
                "what served before serves again; if that is the trouble, name its generation in `generation`"
            }
            Self::InBetween { .. } => {
                "take the generation that serves back first, or go forward with a fix; older ones can only be reached through it"
            }
            Self::Open { .. } => {
                "wait for its run if that is still under way, else take that generation back first; then ask again"
            }
            Self::Elsewhere { .. } => {
                "find out who moved them, and lead them to one of the two colours with cname-flip"
            }
            Self::NoNames(_) => {
                "look at the records in the zone, then record it with `cutover-record --mode rolled-back` or re-run its run"
            }
            Self::NeverSeen { symptom: Symptom::Migration, .. } => {
                "what serves is the code from before, and the schema only goes forward: write a migration that mends it"
            }
            Self::NeverSeen { .. } => {
                "nothing of it is visible, so abort it (`symptom: behaviour`); if what serves is the trouble, name its generation in `generation`"
            }
            Self::NoMigration { .. } => {
                "use `behaviour` or `data`, or name the generation that brought the migration"
            }
            Self::Contracted { .. } => {
                "go forward: a fix on today's code, or a migration that brings back what was taken away"
            }
            Self::Unjudged { .. } => {
                "check out a commit that has the files of all applied migrations, with `fetch-depth: 0`"
            }
            Self::NothingBefore(_) | Self::SameCode { .. } => "go forward: fix the code and push a new tag",
            Self::Stuck { .. } => {
                "finish the flip first: re-run the failed jobs of its run, or move all names to the new colour with cname-flip; then ask again"
            }
        }
    }
}

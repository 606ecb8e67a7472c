//! The decision tree.

use std::iter;

use super::Symptom;
use super::closed::Closed;
use super::refusal::Refusal;
use super::world::{Effect, Names, Prior, PriorCode, Stage, World};

/// The five classes of ADR-053 D14.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Class {
    /// 1: nothing of it is visible; what served before serves.
    Incomplete,
    /// 2: the names go back to what served before, which still runs.
    FlipBack,
    /// 3: the code from before is deployed again, as a new generation.
    Redeploy,
    /// 4: a migration did it; migrations only go forward, so the code goes back as in 3.
    Migration,
    /// 5: the code from before cannot be deployed again.
    Disaster,
}

impl Class {
    /// Its number in the tree.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Incomplete => 1,
            Self::FlipBack => 2,
            Self::Redeploy => 3,
            Self::Migration => 4,
            Self::Disaster => 5,
        }
    }
}

/// One thing to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// Nothing to undo: find out why it failed, and push a new tag.
    Investigate,
    /// Record the flip that did not take place as rolled back.
    Close,
    /// Stop the flip that may be about to take place, or see it end, and ask again: what is recorded as rolled back
    /// while its names are about to move would serve against the record.
    AwaitFlip,
    /// Lead the names back, and record it.
    FlipBack,
    /// Ask about this generation, which serves, if what serves is the trouble.
    AskAgain {
        /// It.
        generation: u64,
    },
    /// See that generations below have no work left: a cutover ends their hold.
    EmptyOutbox,
    /// Know that the tag takes these generations back too, which serve elsewhere: its commit is older than theirs.
    TakesAlong {
        /// Oldest first; at least one.
        generations: Vec<u64>,
    },
    /// Tag this commit, which passes every gate as a new generation.
    Tag {
        /// The commit of the generation before.
        commit: String,
    },
    /// Let the rows that the generation leaves behind be worked off by its own code.
    Drain,
    /// Mend the schema by a migration of its own; none is ever taken back.
    MigrateForward,
    /// Declare disaster recovery (ADR-040).
    DeclareDisaster {
        /// Why the older code is lost.
        lost: PriorCode,
    },
}

/// The way back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decision {
    /// Which class it is.
    pub class: Class,
    /// Why it is not class 2, which would be the fastest for this symptom.
    pub instead: Vec<Closed>,
    /// What to do, in this order; at least one.
    pub steps: Vec<Step>,
}

impl Decision {
    fn of(class: Class, steps: Vec<Step>) -> Self {
        Self { class, instead: Vec::new(), steps }
    }

    /// Whether the names are to go back.
    #[must_use]
    pub fn flips_back(&self) -> bool {
        self.steps.contains(&Step::FlipBack)
    }

    /// Whether a flip that moved nothing is to be recorded as undone.
    #[must_use]
    pub fn closes(&self) -> bool {
        self.steps.contains(&Step::Close)
    }

    /// The commit to tag, if one is to be tagged.
    #[must_use]
    pub fn commit_to_tag(&self) -> Option<&str> {
        self.steps.iter().find_map(|step| match step {
            Step::Tag { commit } => Some(commit.as_str()),
            _ => None,
        })
    }
}

/// Tells the class of `symptom` in this world, and what to do.
///
/// # Errors
/// The first [`Refusal`] that applies.
pub fn classify(world: &World, symptom: Symptom) -> Result<Decision, Refusal> {
    let generation = world.generation;
    if world.stage == Stage::RolledBack {
        return Err(Refusal::RolledBack(generation));
    }
    if let Some(newer) = world.newer {
        return Err(Refusal::InBetween { generation, newer });
    }
    if let Some(open) = world.open {
        return Err(Refusal::Open { generation, open });
    }
    if let Some(decision) = incomplete(world, symptom)? {
        return Ok(decision);
    }
    if let Names::Elsewhere(names) = &world.names {
        return Err(Refusal::Elsewhere { generation, names: names.clone() });
    }
    fits(world, symptom)?;
    runs_on_the_schema(world)?;
    let closed = Closed::reasons(world);
    if world.stage == Stage::Announced || world.names == Names::Between {
        return half_way(world, symptom, closed);
    }
    match symptom {
        Symptom::Behaviour if closed.is_empty() => Ok(Decision::of(Class::FlipBack, vec![Step::FlipBack])),
        Symptom::Behaviour => Ok(Decision { instead: closed, ..redeploy(world, Class::Redeploy)? }),
        Symptom::Data => redeploy(world, Class::Redeploy),
        Symptom::Migration => redeploy(world, Class::Migration),
    }
}

/// Class 1: none of its names has moved, and it was never cut over.
fn incomplete(world: &World, symptom: Symptom) -> Result<Option<Decision>, Refusal> {
    let step = match (world.stage, &world.names) {
        (Stage::Allocated, _) => Step::Investigate,
        (Stage::Announced, Names::Before) if world.flipping => Step::AwaitFlip,
        (Stage::Announced, Names::Before) => Step::Close,
        (Stage::Announced, Names::None) => return Err(Refusal::NoNames(world.generation)),
        _ => return Ok(None),
    };
    match symptom {
        Symptom::Behaviour => {
            // Somebody saw something: it was not this.
            let ask = world.serving.map(|generation| Step::AskAgain { generation });
            Ok(Some(Decision::of(Class::Incomplete, iter::once(step).chain(ask).collect())))
        }
        _ => Err(Refusal::NeverSeen { generation: world.generation, symptom }),
    }
}

/// Whether there is a migration that could be to blame.
fn fits(world: &World, symptom: Symptom) -> Result<(), Refusal> {
    match &world.prior {
        Some(prior) if symptom == Symptom::Migration && prior.is_compared() && world.since.is_empty() => {
            Err(Refusal::NoMigration { generation: world.generation, prior: prior.generation })
        }
        _ => Ok(()),
    }
}

/// Whether the code from before runs on the schema of today: every way back needs it.
fn runs_on_the_schema(world: &World) -> Result<(), Refusal> {
    let generation = world.generation;
    let of = |effect| -> Vec<String> {
        let with = world.since.iter().filter(|migration| migration.effect == effect);
        with.map(|migration| migration.version.clone()).collect()
    };
    match (of(Effect::Contracts), of(Effect::Unknown)) {
        (contracted, _) if !contracted.is_empty() => {
            Err(Refusal::Contracted { generation, migrations: contracted })
        }
        (_, unknown) if !unknown.is_empty() => Err(Refusal::Unjudged { generation, migrations: unknown }),
        _ => Ok(()),
    }
}

/// Names that moved without a recorded cutover, or in part: whatever the symptom, they
/// go back first. The code from before serves then, so nothing needs to be deployed.
fn half_way(world: &World, symptom: Symptom, closed: Vec<Closed>) -> Result<Decision, Refusal> {
    if !closed.is_empty() {
        return Err(Refusal::Stuck { generation: world.generation, closed });
    }
    let (class, after) = match symptom {
        Symptom::Behaviour => (Class::FlipBack, &[][..]),
        Symptom::Data => (Class::Redeploy, &[Step::Drain][..]),
        Symptom::Migration => (Class::Migration, &[Step::Drain, Step::MigrateForward][..]),
    };
    Ok(Decision::of(class, [&[Step::FlipBack], after].concat()))
}

/// Classes 3 and 4, or 5 when the code is lost.
fn redeploy(world: &World, class: Class) -> Result<Decision, Refusal> {
    let generation = world.generation;
    let Some(Prior { generation: prior, commit, code }) = &world.prior else {
        return Err(Refusal::NothingBefore(generation));
    };
    if *code != PriorCode::There {
        let lost = code.clone();
        return Ok(Decision::of(Class::Disaster, vec![Step::DeclareDisaster { lost }]));
    }
    if *commit == world.commit {
        return Err(Refusal::SameCode { generation, prior: *prior });
    }
    let mut steps = Vec::new();
    if matches!(world.stage, Stage::CutOver { held: true, synced: false }) && world.outbox.below > 0 {
        steps.push(Step::EmptyOutbox);
    }
    if !world.beside.is_empty() {
        steps.push(Step::TakesAlong { generations: world.beside.clone() });
    }
    steps.extend([Step::Tag { commit: commit.clone() }, Step::Drain]);
    if class == Class::Migration {
        steps.push(Step::MigrateForward);
    }
    Ok(Decision::of(class, steps))
}

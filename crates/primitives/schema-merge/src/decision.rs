//! What is to be done next, from what was seen. Pure: no clock, nothing asked.
//!
//! The order of the rules is the safety of it. While a merge may go on, nothing is
//! done. What a merge added is compared with what it was expected to add before
//! anything else is considered. And a run asks for one merge at most.

use std::collections::BTreeSet;

use migration_history::Drift;

use crate::unfit::Unfit;

/// Migrations by their versions.
pub(crate) type Versions = BTreeSet<String>;

/// Everything that a decision rests on.
#[derive(Clone, Debug)]
pub(crate) struct World {
    /// What the commit has.
    pub(crate) files: Versions,
    /// What production has, by its own table.
    pub(crate) production: Versions,
    /// What the project's production has as Supabase's API shows it.
    pub(crate) project: Versions,
    /// What the branch has.
    pub(crate) branch: Versions,
    /// Where files and databases tell different stories.
    pub(crate) drift: Vec<Drift>,
    /// The files of the commit, applied or not, that a merge may not be asked for.
    pub(crate) unfit: Vec<Unfit>,
    /// The merge that began and did not end.
    pub(crate) open: Option<Open>,
    /// Whether a merge is on its way.
    pub(crate) traffic: Traffic,
    /// What a person says is applied and may stay.
    pub(crate) acknowledged: Versions,
    /// Whether this run has asked for a merge.
    pub(crate) asked: Asked,
}

/// A merge that began and did not end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Open {
    /// What production had before it.
    pub(crate) before: Versions,
    /// What it was expected to add.
    pub(crate) pending: Versions,
}

/// Whether a merge is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Traffic {
    /// It runs.
    Running,
    /// It may have been asked for a moment ago and not show yet.
    MayCome,
    /// None runs.
    None,
}

/// Whether this run has asked for a merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    NotYet,
    Once,
}

/// What came of an open merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delta {
    /// What it was expected to add, and production has.
    pub(crate) applied: Versions,
    /// What it was expected to add, and production has not.
    pub(crate) missing: Versions,
    /// What nobody expected, and production has since.
    pub(crate) extra: Versions,
}

impl Delta {
    pub(crate) fn of(open: &Open, production: &Versions) -> Self {
        let new: Versions = production.difference(&open.before).cloned().collect();
        Self {
            applied: open.pending.intersection(production).cloned().collect(),
            missing: open.pending.difference(production).cloned().collect(),
            extra: new.difference(&open.pending).cloned().collect(),
        }
    }

    /// What production has gained: what a person must acknowledge, exactly.
    pub(crate) fn gained(&self) -> Versions {
        self.applied.union(&self.extra).cloned().collect()
    }
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Production has what the commit has.
    Done,
    /// Write down that these are expected, and ask for the merge.
    Merge(Versions),
    /// Look again later.
    Wait,
    /// The open merge added all: end it.
    End(Versions),
    /// The open merge added nothing and is over: end it.
    Forget,
    /// The open merge added this, and a person has acknowledged exactly that: end it.
    Acknowledge(Versions),
    /// The open merge added something else than expected.
    Stop(Delta),
    /// No.
    Refuse(Refusal),
}

/// Why no merge is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The address leads to another database than the project's.
    OtherDatabase,
    /// Files and databases tell different stories.
    Drift(Vec<Drift>),
    /// What is acknowledged is not applied.
    NotApplied(Versions),
    /// A merge would stop at the first, or apply it by halves; the versions are all that is pending.
    Unfit(Vec<Unfit>, Versions),
    /// The branch would add these, and the commit has them not.
    Ahead(Versions),
    /// The commit has these, and the branch would not add them.
    Behind(Versions),
    /// This run's merge is over, and these are still missing.
    Missing(Versions),
}

/// The next step.
pub(crate) fn decide(world: &World) -> Next {
    match &world.open {
        Some(open) => of_open(open, world),
        None => of_none(world),
    }
}

fn of_open(open: &Open, world: &World) -> Next {
    let delta = Delta::of(open, &world.production);
    let is_whole = delta.missing.is_empty() && delta.extra.is_empty();
    match world.traffic {
        Traffic::Running => return Next::Wait,
        // What it was to do is done, so nothing is to come.
        Traffic::MayCome if is_whole => {}
        Traffic::MayCome => return Next::Wait,
        Traffic::None => {}
    }
    let gained = delta.gained();
    if is_whole {
        Next::End(delta.applied)
    } else if gained.is_empty() {
        Next::Forget
    } else if gained == world.acknowledged {
        Next::Acknowledge(gained)
    } else {
        Next::Stop(delta)
    }
}

fn of_none(world: &World) -> Next {
    if world.project != world.production {
        return Next::Refuse(Refusal::OtherDatabase);
    }
    if !world.drift.is_empty() {
        return Next::Refuse(Refusal::Drift(world.drift.clone()));
    }
    let without = |these: &Versions, those: &Versions| these.difference(those).cloned().collect::<Versions>();
    let not_applied = without(&world.acknowledged, &world.production);
    if !not_applied.is_empty() {
        return Next::Refuse(Refusal::NotApplied(not_applied));
    }
    // What production has beyond the files is no drift: the tag of a rollback is older than it.
    let pending = without(&world.files, &world.production);
    if pending.is_empty() {
        return Next::Done;
    }
    if world.asked == Asked::Once {
        return Next::Refuse(Refusal::Missing(pending));
    }
    // Before the branch is looked at: it may lack the file for the same reason.
    let is_pending = |unfit: &&Unfit| pending.contains(&unfit.version);
    let unfit: Vec<_> = world.unfit.iter().filter(is_pending).cloned().collect();
    if !unfit.is_empty() {
        return Next::Refuse(Refusal::Unfit(unfit, pending));
    }
    let would_add = without(&world.branch, &world.production);
    let (ahead, behind) = (without(&would_add, &pending), without(&pending, &would_add));
    if !ahead.is_empty() {
        Next::Refuse(Refusal::Ahead(ahead))
    } else if !behind.is_empty() {
        Next::Refuse(Refusal::Behind(behind))
    } else {
        Next::Merge(pending)
    }
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;

//! From two schemas to findings: what the one takes away from code that knows the other.

mod access;
mod body;
mod check;
mod column;
mod constraint;
mod default;
mod effect;
pub(crate) mod evaluate;
mod event;
mod expression;
mod function;
mod generated;
mod key;
mod moment;
mod partition;
mod policy;
mod relation;
mod rewrite;
mod trigger;
mod types;
mod view;

use crate::catalogue::{Catalogue, Id};
use crate::replay::{Aspect, Replay, Site};
use crate::rule::{Level, Rule};

/// A finding in one of the files replayed.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Found {
    pub(crate) site: Site,
    pub(crate) rule: Rule,
    pub(crate) level: Level,
    pub(crate) message: String,
}

/// Compares the schema before the pending set with the one after it.
pub(crate) fn judge(replay: &Replay) -> Vec<Found> {
    let mut judge = Judge { replay, found: Vec::new() };
    judge.schemas();
    judge.relations();
    judge.partitions();
    judge.types();
    judge.functions();
    judge.grants();
    judge.policy_queries();
    judge.publications();
    judge.event_triggers();
    judge.bodies();
    for event in replay.all_events() {
        let found =
            Found { site: event.site, rule: event.rule, level: event.level, message: event.message.clone() };
        judge.found.push(found);
    }
    judge.found.sort();
    judge.found.dedup();
    judge.found
}

pub(crate) struct Judge<'r> {
    replay: &'r Replay,
    found: Vec<Found>,
}

impl<'r> Judge<'r> {
    fn before(&self) -> &'r Catalogue {
        &self.replay.before
    }

    fn now(&self) -> &'r Catalogue {
        &self.replay.now
    }

    fn is_old(&self, id: Id) -> bool {
        self.replay.is_old(id)
    }

    /// Adds a finding about an object, at the statement that touched it so last.
    fn find(&mut self, rule: Rule, level: Level, of: (Id, Aspect), message: String) {
        let site = self.site(of);
        self.found.push(Found { site, rule, level, message });
    }

    fn breaking(&mut self, rule: Rule, of: (Id, Aspect), message: String) {
        self.find(rule, Level::Breaking, of, message);
    }

    fn review(&mut self, rule: Rule, of: (Id, Aspect), message: String) {
        self.find(rule, Level::NeedsReview, of, message);
    }

    /// Where an object was touched; if not in this way then in any, else where the pending set ends.
    fn site(&self, (id, aspect): (Id, Aspect)) -> Site {
        let touches = &self.replay.touches;
        let any = || touches.iter().filter(|((other, _), _)| *other == id).map(|(_, site)| *site).max();
        touches.get(&(id, aspect)).copied().or_else(any).unwrap_or(self.replay.site)
    }
}

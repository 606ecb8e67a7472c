//! New partitions of old tables: rows that a default partition took go there, and find what it asks of them.

use super::Judge;
use super::check::{Given, expression};
use crate::catalogue::Relation;
use crate::name::Path;
use crate::replay::Aspect;
use crate::rule::Rule;
use crate::statement::ConstraintKind;

impl Judge<'_> {
    pub(super) fn partitions(&mut self) {
        let replay = self.replay;
        let new = |relation: &&Relation| !replay.is_old(relation.id) && !relation.takes_the_rest;
        for (path, relation) in self.now().relations.iter().filter(|(_, relation)| new(relation)) {
            let Some(parent) = relation.partition_of.as_ref() else { continue };
            // Without one, an insert of these rows failed before.
            let mut before = self.before().relations.values();
            let rest =
                before.find(|other| other.takes_the_rest && other.partition_of.as_ref() == Some(parent));
            if let Some(rest) = rest {
                self.partition(path, relation, rest);
            }
        }
    }

    fn partition(&mut self, path: &Path, new: &Relation, rest: &Relation) {
        let taken = |what: &str| format!("{path} takes rows that the default partition took, {what}");
        let given = Given::of(rest.constraints.iter().filter_map(|held| expression(&held.rule)));
        for held in &new.constraints {
            let of = (held.id, Aspect::Shape);
            let message = taken(&format!("and {} may refuse them (23514, 23503)", held.name));
            match &held.rule.kind {
                ConstraintKind::Check(sql) if held.rule.enforced && !given.implies(sql) => {
                    self.breaking(Rule::NewWriteRestriction, of, message);
                }
                ConstraintKind::Foreign(foreign) if held.rule.enforced => {
                    let known = rest.constraints.iter().any(|other| match &other.rule.kind {
                        ConstraintKind::Foreign(before) => {
                            before.columns == foreign.columns && other.target == held.target
                        }
                        _ => false,
                    });
                    if !known {
                        self.breaking(Rule::NewWriteRestriction, of, message);
                    }
                }
                _ => {}
            }
        }
        for column in new.columns.iter().filter(|column| column.not_null) {
            if rest.column(&column.name).is_some_and(|other| !other.not_null) {
                let message = taken(&format!("but no null in {} (23502)", column.name));
                self.breaking(Rule::SetNotNull, (column.id, Aspect::Null), message);
            }
        }
        let before = rest.keys();
        for key in new.keys() {
            let narrower = |old: &crate::catalogue::Key| {
                old.predicate.is_none() && old.parts.iter().all(|part| key.parts.contains(part))
            };
            if !before.iter().any(narrower) {
                let message = taken(&format!("but no two with the same {} (23505)", key.parts.join(", ")));
                self.breaking(Rule::AddUnique, (key.id, Aspect::Shape), message);
            }
        }
        let known = |name: &str| rest.triggers.iter().any(|other| other.name == name);
        for trigger in new.triggers.iter().filter(|one| one.enabled && !known(&one.name)) {
            let message = taken(&format!("and its trigger {} sees them", trigger.name));
            self.review(Rule::AddTrigger, (trigger.id, Aspect::Shape), message);
        }
    }
}

//! Triggers and rewrite rules.

use super::Judge;
use crate::catalogue::{Catalogue, Function, Relation, Trigger};
use crate::lower;
use crate::name::{Name, Path};
use crate::replay::Aspect;
use crate::rule::Rule;
use crate::statement::Action;
use crate::syntax::{self, Step};
use crate::token::line;

impl Judge<'_> {
    pub(super) fn triggers(&mut self, path: &Path, old: &Relation, new: &Relation) {
        for trigger in old.triggers.iter().filter(|trigger| trigger.enabled) {
            let again = new.triggers.iter().find(|other| self.fits(trigger, other));
            if again.is_none_or(|again| !again.enabled) {
                self.lost_trigger(path, trigger);
            }
        }
        for trigger in new.triggers.iter().filter(|trigger| trigger.enabled) {
            let known = old.triggers.iter().find(|other| self.fits(other, trigger));
            if known.is_none_or(|known| !known.enabled) {
                self.new_trigger(path, new, trigger);
            }
        }
        self.rules(path, old, new);
    }

    /// Whether a trigger is an old one again: at the same moment it runs the same function, whatever the two are called.
    fn fits(&self, old: &Trigger, new: &Trigger) -> bool {
        let function = |catalogue: &Catalogue, path: &Path| {
            catalogue.functions.get(path).and_then(|overloads| overloads.first()).cloned()
        };
        let same = match (function(self.before(), &old.function), function(self.now(), &new.function)) {
            (Some(before), Some(now)) => {
                before.id == now.id || (before.body.is_some() && text(&before) == text(&now))
            }
            _ => old.function == new.function,
        };
        same && old.definition == new.definition
    }

    fn lost_trigger(&mut self, path: &Path, trigger: &Trigger) {
        let of = (trigger.id, Aspect::Gone);
        let name = &trigger.name;
        if trigger.instead {
            self.breaking(
                Rule::DropTrigger,
                of,
                format!("{path} takes no writes without its trigger {name} (55000)"),
            );
        } else if trigger.before {
            self.breaking(
                Rule::DropTrigger,
                of,
                format!("rows of {path} are written without what the trigger {name} did to them"),
            );
        } else {
            self.review(
                Rule::DropTrigger,
                of,
                format!("writes to {path} no longer do what the trigger {name} did"),
            );
        }
    }

    fn new_trigger(&mut self, path: &Path, relation: &Relation, trigger: &Trigger) {
        // Nothing is written but by a trigger that stands in for the write.
        if trigger.instead || !self.only_feeds_what_is_new(relation, trigger) {
            let message =
                format!("writes to {path} run the trigger {}, which may change or refuse them", trigger.name);
            self.review(Rule::AddTrigger, (trigger.id, Aspect::Shape), message);
        }
    }

    /// Whether a trigger's function fills new columns or writes to new tables and does nothing else: how a schema is
    /// expanded.
    fn only_feeds_what_is_new(&self, relation: &Relation, trigger: &Trigger) -> bool {
        let overloads = self.now().functions.get(&trigger.function).map(Vec::as_slice).unwrap_or_default();
        let Some(function) = overloads.first().filter(|function| function.language == "plpgsql") else {
            return false;
        };
        let Some(text) = &function.body else { return false };
        let body = syntax::body(&text.text, text.verbatim, text.span);
        let harmless = |step: &Step| match step {
            Step::Assign { name, .. } => match name.strip_prefix("new . ") {
                Some(column) => relation.column(column).is_some_and(|column| !self.is_old(column.id)),
                None => true,
            },
            Step::Declare { .. } | Step::Evaluate { .. } => true,
            Step::Return { value } => match line(value).as_str() {
                "new" => true,
                // It is null for an insert, and an update with it changes nothing.
                "old" => {
                    !trigger.before || !["insert", "update"].iter().any(|on| trigger.definition.contains(on))
                }
                _ => !trigger.before,
            },
            Step::Run { tokens, .. } => self.writes_what_is_new(&lower::statement(tokens).action),
            Step::Raise | Step::Execute { .. } | Step::Each { .. } => false,
        };
        body.errors.is_empty() && !body.steps.is_empty() && body.steps.iter().all(harmless)
    }

    /// Whether a trigger on an old table puts rows into a table.
    pub(super) fn is_fed(&self, table: crate::catalogue::Id) -> bool {
        let old = self.now().relations.values().filter(|relation| self.is_old(relation.id));
        let triggers = old.flat_map(|relation| &relation.triggers).filter(|trigger| trigger.enabled);
        let functions = triggers.filter_map(|trigger| self.now().functions.get(&trigger.function)).flatten();
        functions.filter_map(|function| function.body.as_ref()).any(|text| {
            let body = syntax::body(&text.text, text.verbatim, text.span);
            body.steps.iter().any(|step| match step {
                Step::Run { tokens, .. } => match lower::statement(tokens).action {
                    Action::Insert { table: name, .. } => {
                        let path = self.now().relation_path(&name, &[String::from("public")]);
                        path.and_then(|path| self.now().relations.get(&path))
                            .is_some_and(|found| found.id == table)
                    }
                    _ => false,
                },
                _ => false,
            })
        })
    }

    /// Whether a trigger before inserts gives a column a value.
    pub(super) fn is_filled_by_a_trigger(&self, relation: &Relation, column: &str) -> bool {
        let inserts =
            |trigger: &&Trigger| trigger.enabled && trigger.before && trigger.definition.contains("insert");
        let target = format!("new . {column}");
        relation.triggers.iter().filter(inserts).any(|trigger| {
            let overloads =
                self.now().functions.get(&trigger.function).map(Vec::as_slice).unwrap_or_default();
            let bodies = overloads.iter().filter_map(|function| function.body.as_ref());
            bodies.into_iter().any(|text| {
                let body = syntax::body(&text.text, text.verbatim, text.span);
                body.steps.iter().any(|step| matches!(step, Step::Assign { name, .. } if *name == target))
            })
        })
    }

    fn writes_what_is_new(&self, action: &Action) -> bool {
        let new = |table: &Name| {
            let search = [String::from("public")];
            let path = self.now().relation_path(table, &search);
            path.and_then(|path| self.now().relations.get(&path))
                .is_some_and(|relation| !self.is_old(relation.id))
        };
        match action {
            Action::Insert { table, .. } | Action::Update { table, .. } | Action::Delete { table, .. } => {
                new(table)
            }
            _ => false,
        }
    }

    fn rules(&mut self, path: &Path, old: &Relation, new: &Relation) {
        for rule in new.rules.iter().filter(|rule| !old.rules.iter().any(|other| other.id == rule.id)) {
            let of = (rule.id, Aspect::Shape);
            let message = format!("the rule {} rewrites what is done to {path}", rule.name);
            if rule.instead {
                self.breaking(Rule::RewriteRule, of, message);
            } else {
                self.review(Rule::RewriteRule, of, message);
            }
        }
        for rule in old
            .rules
            .iter()
            .filter(|rule| !new.rules.iter().any(|other| other.id == rule.id || other.name == rule.name))
        {
            let message = format!("the rule {} no longer rewrites what is done to {path}", rule.name);
            if rule.instead {
                self.breaking(Rule::RewriteRule, (rule.id, Aspect::Gone), message);
            } else {
                self.review(Rule::RewriteRule, (rule.id, Aspect::Gone), message);
            }
        }
    }
}

/// What a function does, as far as its text tells.
fn text(function: &Function) -> Option<(&str, &str)> {
    function.body.as_ref().map(|body| (function.language.as_str(), body.text.as_str()))
}

//! Rewrite rules: they turn what running code says into something else.

use super::Judge;
use crate::catalogue::{Relation, Rule as Rewrite};
use crate::name::Path;
use crate::replay::Aspect;
use crate::rule::Rule;

impl Judge<'_> {
    pub(super) fn rules(&mut self, path: &Path, old: &Relation, new: &Relation) {
        let works = |relation: &Relation, wanted: &Rewrite| {
            relation.rules.iter().any(|rule| rule.enabled && rule.definition == wanted.definition)
        };
        for rule in new.rules.iter().filter(|rule| rule.enabled && !works(old, rule)) {
            let of = (rule.id, Aspect::Shape);
            let message = format!("the rule {} rewrites what is done to {path}", rule.name);
            if rule.instead && !rule.conditional {
                self.breaking(Rule::RewriteRule, of, message);
            } else {
                self.review(Rule::RewriteRule, of, message);
            }
        }
        for rule in old.rules.iter().filter(|rule| rule.enabled && !works(new, rule)) {
            // One that is there in another form is judged as a new one.
            if new.rules.iter().any(|other| other.enabled && (other.id == rule.id || other.name == rule.name))
            {
                continue;
            }
            let of = (rule.id, Aspect::Gone);
            let message = format!("the rule {} no longer rewrites what is done to {path}", rule.name);
            if rule.instead && !rule.conditional {
                self.breaking(Rule::RewriteRule, of, message);
            } else {
                self.review(Rule::RewriteRule, of, message);
            }
        }
    }
}

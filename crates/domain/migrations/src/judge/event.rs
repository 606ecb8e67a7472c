//! Event triggers: running code meets them where it makes temporary tables or refreshes views, and when it logs in.

use super::Judge;
use super::effect::read;
use crate::catalogue::{Catalogue, EventTrigger, Function};
use crate::replay::Aspect;
use crate::rule::Rule;
use crate::syntax::Step;

/// Commands that running code may well run, as event triggers call them.
const RUN: [&str; 12] = [
    "create table",
    "create table as",
    "select into",
    "create index",
    "create sequence",
    "create view",
    "alter table",
    "drop table",
    "drop index",
    "drop view",
    "drop sequence",
    "refresh materialized view",
];

impl Judge<'_> {
    pub(super) fn event_triggers(&mut self) {
        for (name, old) in self.before().event_triggers.iter().filter(|(_, old)| old.enabled) {
            if !self.now().event_triggers.values().any(|new| self.goes_on(old, new)) {
                let message = format!("changes of the schema no longer do what the event trigger {name} did");
                self.review(Rule::DropTrigger, (old.id, Aspect::Shape), message);
            }
        }
        for (name, new) in self.now().event_triggers.iter().filter(|(_, new)| new.enabled) {
            if !self
                .before()
                .event_triggers
                .values()
                .any(|old| self.goes_on(old, new) && self.is_the_same(old, new))
            {
                self.new_event_trigger(name, new);
            }
        }
    }

    /// Whether an event trigger is an old one, whatever its function does now.
    fn goes_on(&self, old: &EventTrigger, new: &EventTrigger) -> bool {
        let moment = old.event == new.event && old.tags == new.tags;
        old.enabled && new.enabled && moment && (old.id == new.id || old.function == new.function)
    }

    fn is_the_same(&self, old: &EventTrigger, new: &EventTrigger) -> bool {
        let text = |function: Option<&Function>| {
            function.and_then(|function| function.body.clone()).map(|body| body.text)
        };
        text(function(self.before(), old)) == text(function(self.now(), new))
    }

    fn new_event_trigger(&mut self, name: &str, trigger: &EventTrigger) {
        let met = trigger.tags.is_empty() || trigger.tags.iter().any(|tag| RUN.contains(&tag.as_str()));
        if trigger.event == "table_rewrite" || !met {
            return;
        }
        let of = (trigger.id, Aspect::Shape);
        let steps = function(self.now(), trigger).and_then(read).map(|body| body.steps);
        let raises = |step: &Step| matches!(step, Step::Raise { .. });
        let always = |step: &Step| matches!(step, Step::Raise { guarded: false });
        match steps {
            Some(steps) if trigger.event == "login" && steps.iter().any(always) => {
                self.breaking(Rule::AddTrigger, of, format!("the event trigger {name} refuses each login"));
            }
            // What cannot be read seldom refuses.
            Some(steps) if steps.iter().any(raises) => {
                let message =
                    format!("the event trigger {name} may refuse what running code does to its own tables");
                self.review(Rule::AddTrigger, of, message);
            }
            _ => {}
        }
    }
}

fn function<'c>(catalogue: &'c Catalogue, trigger: &EventTrigger) -> Option<&'c Function> {
    catalogue.functions.get(&trigger.function)?.first()
}

//! Triggers: those that are lost, those that are new, and those whose function does something else now.

use super::Judge;
use super::effect::{Effect, read, refusal};
use super::moment::Moment;
use crate::catalogue::{Catalogue, Function, Relation, Trigger};
use crate::lower;
use crate::name::Path;
use crate::replay::Aspect;
use crate::rule::Rule;
use crate::statement::Action;
use crate::syntax::{self, Step, flat};
use crate::token::line;

impl Judge<'_> {
    pub(super) fn triggers(&mut self, path: &Path, old: &Relation, new: &Relation) {
        let mut known = Vec::new();
        for trigger in old.triggers.iter().filter(|trigger| trigger.enabled) {
            match self.trigger_again(trigger, new) {
                Some(again) => {
                    known.push(again.id);
                    self.whole_rows(path, new, again);
                    self.again(path, (old, trigger), (new, again));
                }
                None => self.lost_trigger(path, trigger),
            }
        }
        for trigger in new.triggers.iter().filter(|trigger| trigger.enabled && !known.contains(&trigger.id)) {
            self.new_trigger(path, old, new, trigger);
        }
        self.order(path, old, new);
        self.unchecked(path, old, new);
        self.rules(path, old, new);
    }

    /// The trigger that an old one is now: at the same moment it runs the same function, whatever the two are called;
    /// or it has its place, by its name or at its moment.
    fn trigger_again<'t>(&self, old: &Trigger, new: &'t Relation) -> Option<&'t Trigger> {
        let mut enabled = new.triggers.iter().filter(|trigger| trigger.enabled);
        let same = |other: &&Trigger| self.fits(old, other);
        let named = |other: &&Trigger| other.id == old.id || other.name == old.name;
        enabled.clone().find(same).or_else(|| enabled.find(named))
    }

    /// Whether a trigger is an old one again.
    fn fits(&self, old: &Trigger, new: &Trigger) -> bool {
        let same = match (function(self.before(), old), function(self.now(), new)) {
            (Some(before), Some(now)) => before.id == now.id || is_same(before, now),
            _ => old.function == new.function,
        };
        same && (old.definition == new.definition || Moment::of(new).covers(&Moment::of(old)))
    }

    /// Judges a trigger that was there before: when it fires, and what it does then.
    fn again(&mut self, path: &Path, (old, was): (&Relation, &Trigger), (new, is): (&Relation, &Trigger)) {
        let moved = was.definition != is.definition && {
            let (before, after) = (Moment::of(was), Moment::of(is));
            if !after.covers(&before) {
                self.lost_trigger(path, was);
            }
            !before.covers(&after)
        };
        if moved {
            self.new_trigger(path, old, new, is);
            return;
        }
        let (Some(before), Some(now)) = (function(self.before(), was), function(self.now(), is)) else {
            if was.function != is.function {
                self.lost_trigger(path, was);
                self.new_trigger(path, old, new, is);
            }
            return;
        };
        let untouched = before.id == now.id && !self.replay.touches.contains_key(&(now.id, Aspect::Shape));
        if !untouched && !is_same(before, now) {
            self.other_body(path, (old, new), is, (before, now));
        }
    }

    /// Judges the body that a trigger's function has now by the one that it had.
    fn other_body(
        &mut self,
        path: &Path,
        (old, new): (&Relation, &Relation),
        trigger: &Trigger,
        (before, now): (&Function, &Function),
    ) {
        let moment = Moment::of(trigger);
        let of = (if before.id == now.id { now.id } else { trigger.id }, Aspect::Shape);
        let message = format!("writes to {path} run another body of the trigger {}", trigger.name);
        let (Some(was), Some(is)) = (read(before), read(now)) else {
            self.review(Rule::AddTrigger, of, message);
            return;
        };
        if let Some(why) = refusal(&is.steps, &moment).filter(|_| refusal(&was.steps, &moment).is_none()) {
            let refused = format!("writes to {path} fail or vanish: the trigger {} {why}", trigger.name);
            if moment.is_certain() {
                self.breaking(Rule::AddTrigger, of, refused);
            } else {
                self.review(Rule::AddTrigger, of, refused);
            }
        }
        let (kept, gone) = compared(&was.steps, &is.steps);
        let fills = |step: &&Step| matches!(step, Step::Assign { name, guarded: false, .. } if name.starts_with("new . "));
        let unfilled = gone.iter().filter(|step| moment.before && fills(step)).find_map(|step| match step {
            Step::Assign { name, .. } => {
                let still =
                    |other: &&Step| matches!(other, Step::Assign { name: known, .. } if known == name);
                flat(&is.steps).all(|other| !still(&other)).then(|| name.replace("new . ", ""))
            }
            _ => None,
        });
        if let Some(column) = unfilled {
            let text = format!("the trigger {} of {path} no longer fills {column}", trigger.name);
            self.breaking(Rule::DropTrigger, of, text);
        }
        let fired = self.fired(path, old, new, &moment, now);
        let new = |step: &Step| !kept.contains(&text(step));
        if !gone.is_empty() || may_leave_out(&is.steps, &new) || !self.is_harmless(fired, &is, &new) {
            self.review(Rule::AddTrigger, of, message);
        }
    }

    fn lost_trigger(&mut self, path: &Path, trigger: &Trigger) {
        let of = (trigger.id, Aspect::Gone);
        let name = &trigger.name;
        let steps = function(self.before(), trigger).and_then(read).map(|body| body.steps);
        let writes = |step: &Step| match step {
            Step::Assign { name, .. } => name.starts_with("new . "),
            Step::Run { .. } | Step::Execute { .. } | Step::Other | Step::Each { .. } => true,
            Step::Return { value, .. } => line(value) == "null",
            _ => false,
        };
        let changes = steps.as_ref().is_none_or(|steps| flat(steps).any(writes));
        if trigger.instead {
            self.breaking(
                Rule::DropTrigger,
                of,
                format!("{path} takes no writes without its trigger {name} (55000)"),
            );
        } else if trigger.before && changes {
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

    fn new_trigger(&mut self, path: &Path, old: &Relation, new: &Relation, trigger: &Trigger) {
        let of = (trigger.id, Aspect::Shape);
        let name = &trigger.name;
        match self.effect(path, old, new, trigger) {
            Effect::None => {}
            Effect::Doubtful => {
                let message =
                    format!("writes to {path} run the trigger {name}, which may change or refuse them");
                self.review(Rule::AddTrigger, of, message);
            }
            Effect::Refused(why) => {
                let message = format!("writes to {path} fail or vanish: the trigger {name} {why}");
                self.breaking(Rule::AddTrigger, of, message);
            }
        }
    }

    /// Foreign keys work by triggers of their own, which `disable trigger all` switches off on both of their tables.
    fn unchecked(&mut self, path: &Path, old: &Relation, new: &Relation) {
        if !new.unchecked || old.unchecked {
            return;
        }
        let target =
            |relation: &Relation| relation.constraints.iter().any(|held| held.target.as_ref() == Some(path));
        let own = new.constraints.iter().any(|held| held.target.is_some());
        if own || self.now().relations.values().any(target) {
            let message = format!("the foreign keys of {path} are switched off: nothing refuses or cascades");
            self.review(Rule::DropForeignKey, (new.id, Aspect::Access), message);
        }
    }

    /// Triggers of one moment fire in the order of their names: one with another name may see the row before others
    /// that saw it first.
    fn order(&mut self, path: &Path, old: &Relation, new: &Relation) {
        if old.triggers.len() < 2 {
            return;
        }
        let acts = |trigger: &&Trigger| trigger.enabled && trigger.before;
        let mut before: Vec<&Trigger> = old.triggers.iter().filter(acts).collect();
        before.sort_by(|one, other| one.name.cmp(&other.name));
        let kept: Vec<&Trigger> =
            before.iter().filter_map(|trigger| self.trigger_again(trigger, new)).collect();
        let meet = |one: &Trigger, other: &Trigger| {
            let (one, other) = (Moment::of(one), Moment::of(other));
            one.row == other.row && one.events.iter().any(|(event, _)| other.is_on(event))
        };
        let turned = kept.iter().enumerate().find(|(at, one)| {
            let mut later = kept.iter().skip(at + 1);
            later.any(|other| one.name > other.name && meet(one, other))
        });
        if let Some((_, trigger)) = turned {
            let message =
                format!("the trigger {} of {path} fires after others that it came before", trigger.name);
            self.review(Rule::AddTrigger, (trigger.id, Aspect::Shape), message);
        }
    }

    /// Whether a trigger on an old table puts rows into a table.
    pub(super) fn is_fed(&self, table: crate::catalogue::Id) -> bool {
        let old = self.now().relations.values().filter(|relation| self.is_old(relation.id));
        let triggers = old.flat_map(|relation| &relation.triggers).filter(|trigger| trigger.enabled);
        let functions = triggers.filter_map(|trigger| self.now().functions.get(&trigger.function)).flatten();
        functions.filter_map(|function| function.body.as_ref()).any(|text| {
            let body = syntax::body(&text.text, text.verbatim, text.span);
            flat(&body.steps).any(|step| match step {
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
                flat(&body.steps).any(|step| matches!(step, Step::Assign { name, .. } if *name == target))
            })
        })
    }
}

/// The function that a trigger runs: it takes no arguments, so that there is one of its name.
fn function<'c>(catalogue: &'c Catalogue, trigger: &Trigger) -> Option<&'c Function> {
    catalogue.functions.get(&trigger.function)?.first()
}

/// Whether two functions do the same, as far as their texts tell.
fn is_same(one: &Function, other: &Function) -> bool {
    let (Some(before), Some(after)) = (&one.body, &other.body) else { return false };
    let words = |text: &str| line(&syntax::words(text));
    one.language == other.language && (before.text == after.text || words(&before.text) == words(&after.text))
}

/// A step, as a text.
fn text(step: &Step) -> String {
    match step {
        Step::Run { tokens, guarded } => format!("run {guarded} {}", line(tokens)),
        Step::Execute { query, guarded } => format!("execute {guarded} {}", line(query)),
        Step::Assign { name, value, guarded } => format!("{name} := {guarded} {}", line(value)),
        Step::Declare { name, ty, value } => format!("declare {name} {} {}", line(ty), line(value)),
        Step::Each { name, values, .. } => format!("each {name} {}", line(values)),
        Step::Evaluate { tokens } => format!("evaluate {}", line(tokens)),
        Step::Return { value, guarded } => format!("return {guarded} {}", line(value)),
        Step::Raise { guarded } => format!("raise {guarded}"),
        Step::Caught { steps } => steps.iter().map(text).collect::<Vec<_>>().join("; "),
        Step::Other => String::from("other"),
    }
}

/// Whether new steps decide if old ones run: they return before them, or ask a question before what runs on an answer.
fn may_leave_out(steps: &[Step], new: &dyn Fn(&Step) -> bool) -> bool {
    let mut asked = false;
    for step in steps {
        let returns = |step: &Step| matches!(step, Step::Return { .. });
        match step {
            step if new(step) && flat(std::slice::from_ref(step)).any(returns) => return true,
            Step::Evaluate { .. } => asked |= new(step),
            Step::Run { guarded: true, .. }
            | Step::Execute { guarded: true, .. }
            | Step::Assign { guarded: true, .. }
            | Step::Return { guarded: true, .. }
                if asked && !new(step) =>
            {
                return true;
            }
            _ => {}
        }
    }
    false
}

/// The steps that are in both bodies in one order, as texts, and those that only the first has.
fn compared<'s>(before: &'s [Step], after: &[Step]) -> (Vec<String>, Vec<&'s Step>) {
    let mut rest = after.iter().map(text);
    let (mut kept, mut gone) = (Vec::new(), Vec::new());
    for step in before {
        let wanted = text(step);
        let mut ahead = rest.clone();
        if ahead.any(|other| other == wanted) {
            rest = ahead;
            kept.push(wanted);
        } else {
            gone.push(step);
        }
    }
    (kept, gone)
}

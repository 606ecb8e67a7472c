//! Functions: their signatures, their overloads, the rights they run with.

mod calls;
mod names;

use super::Judge;
use super::effect;
use super::types::Change;
use crate::catalogue::Function;
use crate::name::Path;
use crate::replay::Aspect;
use crate::rule::Rule;
use crate::syntax::{self, Step};
use crate::token::Token;
use crate::types::TypeName;

impl Judge<'_> {
    pub(super) fn functions(&mut self) {
        for (path, overloads) in &self.before().functions {
            for old in overloads {
                if !serves_triggers(old) {
                    self.function(path, old);
                } else if let Some(new) = self.now().function(path, Some(&old.inputs())) {
                    self.rights(path, old, new);
                    self.stability(path, old, new);
                }
            }
            self.new_overloads(path, overloads);
        }
    }

    fn function(&mut self, path: &Path, old: &Function) {
        let now = self.now().functions.get(path).map(Vec::as_slice).unwrap_or_default();
        if let Some(new) = now.iter().find(|new| new.inputs() == old.inputs() || new.id == old.id) {
            self.changed(path, old, new);
            return;
        }
        let of = (old.id, Aspect::Gone);
        if let Some(new) =
            now.iter().find(|new| !self.is_old(new.id) && self.stands_in(old, new) != Change::Breaking)
        {
            if self.stands_in(old, new) == Change::Doubtful {
                let message = format!(
                    "{} is {} now: calls find it, drivers may not",
                    old.signature(path),
                    new.signature(path)
                );
                self.review(Rule::FunctionSignature, of, message);
            }
            self.calls(path, old, new);
            self.rights(path, old, new);
            return;
        }
        let signature = old.signature(path);
        if now.is_empty() {
            self.breaking(Rule::DropFunction, of, format!("the function {signature} goes (42883)"));
        } else {
            self.breaking(
                Rule::FunctionSignature,
                of,
                format!("the function {signature} takes other arguments (42883)"),
            );
        }
    }

    /// Whether calls of the one find the other: the same arguments, and defaults for what is more.
    fn stands_in(&self, old: &Function, new: &Function) -> Change {
        let mut verdict = self.result(old, new);
        let mut after = new.input_parameters();
        for before in old.input_parameters() {
            let Some(parameter) = after.next() else { return Change::Breaking };
            let renamed = before.name.is_some() && before.name != parameter.name;
            let withdrawn = before.default && !parameter.default;
            if renamed || withdrawn || before.variadic != parameter.variadic {
                return Change::Breaking;
            }
            // PostgreSQL drops the modifiers of parameters (docs, `CREATE FUNCTION`, notes).
            match self.type_change(&before.ty.bare(), &parameter.ty.bare()) {
                Change::None => {}
                Change::Doubtful if verdict == Change::None => verdict = Change::Doubtful,
                other => return if other == Change::Breaking { other } else { verdict },
            }
        }
        if after.all(|parameter| parameter.default) { verdict } else { Change::Breaking }
    }

    fn result(&self, old: &Function, new: &Function) -> Change {
        let bare = |ty: &TypeName| ty.bare();
        let returns = match (&old.returns, &new.returns) {
            (Some(from), Some(to)) => self.type_change(&bare(from), &bare(to)),
            (None, None) => Change::None,
            _ => Change::Breaking,
        };
        if returns == Change::Breaking || old.set_of != new.set_of || old.procedure != new.procedure {
            return Change::Breaking;
        }
        let outputs = self.outputs(old, new);
        if outputs == Change::None { returns } else { outputs }
    }

    /// What the outputs of a function have become, each by its name and type.
    fn outputs(&self, old: &Function, new: &Function) -> Change {
        let (before, after) = (old.outputs(), new.outputs());
        if after.len() < before.len()
            || (after.len() > before.len() && !(old.returns_table && new.returns_table))
        {
            return Change::Breaking;
        }
        let mut verdict = if after.len() == before.len() { Change::None } else { Change::Doubtful };
        for ((before, from), (after, to)) in before.iter().zip(&after) {
            match self.type_change(&from.bare(), &to.bare()) {
                _ if before != after => return Change::Breaking,
                Change::Breaking => return Change::Breaking,
                Change::Doubtful => verdict = Change::Doubtful,
                Change::None => {}
            }
        }
        verdict
    }

    fn changed(&mut self, path: &Path, old: &Function, new: &Function) {
        let of = (old.id, if old.id == new.id { Aspect::Shape } else { Aspect::Gone });
        let signature = old.signature(path);
        match self.stands_in(old, new) {
            Change::Breaking => {
                let message =
                    format!("the function {signature} has other names, defaults or results (42883, 42703)");
                self.breaking(Rule::FunctionSignature, of, message);
            }
            Change::Doubtful => self.review(
                Rule::FunctionSignature,
                of,
                format!("the function {signature} returns other types, or more, than before"),
            ),
            Change::None => {}
        }
        let fails =
            |function: &Function| effect::read(function).is_some_and(|body| always_raises(&body.steps));
        if self.replay.touches.contains_key(&(new.id, Aspect::Shape)) && fails(new) && !fails(old) {
            let message = format!("each call of the function {signature} fails now (P0001)");
            self.breaking(Rule::DropFunction, of, message);
        }
        self.calls(path, old, new);
        self.rights(path, old, new);
    }

    fn rights(&mut self, path: &Path, old: &Function, new: &Function) {
        if old.definer != new.definer {
            let whose = if new.definer { "its owner" } else { "who calls it" };
            let message = format!("{} runs with the rights of {whose} now (42501)", old.signature(path));
            self.review(Rule::FunctionSecurity, (new.id, Aspect::Shape), message);
        }
        if new.search_path.is_some() && old.search_path != new.search_path {
            self.search_path(path, new);
        }
    }

    /// A function that names things without their schema finds them along its own search path only.
    fn search_path(&mut self, path: &Path, function: &Function) {
        let schemas = function.search_path.as_deref().unwrap_or_default();
        let Some(body) = function.body.as_ref().filter(|_| !function.bound) else { return };
        let tokens = syntax::words(&body.text);
        let lost = reads(&tokens).into_iter().find(|name| {
            let searched =
                schemas.iter().any(|schema| self.now().relations.contains_key(&Path::new(schema, name)));
            !searched && self.now().relations.keys().any(|path| path.name == *name)
        });
        if let Some(name) = lost {
            let message = format!(
                "{} no longer finds {name}, which it names without a schema (42P01)",
                function.signature(path)
            );
            self.review(Rule::FunctionSecurity, (function.id, Aspect::Shape), message);
        }
    }

    /// A new function beside an old one of its name may take its calls, or make them ambiguous.
    fn new_overloads(&mut self, path: &Path, before: &[Function]) {
        let now = self.now().functions.get(path).map(Vec::as_slice).unwrap_or_default();
        let old_now: Vec<&Function> = now
            .iter()
            .filter(|function| before.iter().any(|old| old.inputs() == function.inputs()))
            .collect();
        let replay = self.replay;
        for new in now.iter().filter(|function| !replay.is_old(function.id)) {
            if old_now.iter().any(|old| old.id == new.id) {
                continue;
            }
            for old in &old_now {
                self.overload(path, old, new);
            }
        }
    }

    fn overload(&mut self, path: &Path, old: &Function, new: &Function) {
        let (before, after) = (old.inputs(), new.inputs());
        let of = (new.id, Aspect::Shape);
        let shared: Vec<usize> =
            arities(old).filter(|count| arities(new).any(|other| other == *count)).collect();
        // Calls that fit one by its defaults and the other with or without its own fit both (42725; seen on 15 to 18).
        let ambiguous = shared.iter().find(|count| before.get(..**count) == after.get(..**count));
        if let Some(count) = ambiguous {
            let message = format!("calls of {path} with {count} arguments fit two functions (42725)");
            self.breaking(Rule::FunctionOverload, of, message);
        } else if !shared.is_empty() {
            let message = format!(
                "{} stands beside {}: calls may find either, or be ambiguous (42725, PGRST203)",
                new.signature(path),
                old.signature(path)
            );
            self.review(Rule::FunctionOverload, of, message);
        }
    }
}

/// How many arguments a call may give.
fn arities(function: &Function) -> std::ops::RangeInclusive<usize> {
    let all = function.input_parameters().count();
    let needed = function.input_parameters().filter(|parameter| !parameter.default).count();
    needed..=all
}

/// The relations that a text names without a schema.
fn reads(tokens: &[Token]) -> Vec<String> {
    let named = |at: usize| -> Option<String> {
        let name = tokens.get(at + 1)?.name()?;
        let qualified = tokens.get(at + 2).is_some_and(|token| token.is(".") || token.is("("));
        let verb = ["from", "join", "into", "update"]
            .iter()
            .any(|word| tokens.get(at).is_some_and(|token| token.is(word)));
        (verb && !qualified).then(|| name.to_owned())
    };
    (0..tokens.len()).filter_map(named).collect()
}

/// Whether a body does nothing but raise an error, on whatever it is called with.
fn always_raises(steps: &[Step]) -> bool {
    let first = steps.iter().find(|step| match step {
        Step::Raise { guarded } => !guarded,
        Step::Return { .. } | Step::Caught { .. } => true,
        _ => false,
    });
    matches!(first, Some(Step::Raise { .. }))
}

/// Functions for triggers are called by triggers alone.
fn serves_triggers(function: &Function) -> bool {
    function.returns.as_ref().is_some_and(|ty| matches!(ty.name.as_str(), "trigger" | "event_trigger"))
}

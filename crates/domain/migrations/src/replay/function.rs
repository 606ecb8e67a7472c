//! Functions.

use super::{Aspect, Replay};
use crate::catalogue::{Column, Function, Holder, Id};
use crate::name::Path;
use crate::rule::{Level, Rule};
use crate::statement::{
    ConstraintKind, CreateFunction, FunctionChange, FunctionTarget, Generated, Parameter,
};
use crate::token::Token;
use crate::types::TypeName;

impl Replay {
    pub(super) fn create_function(&mut self, create: &CreateFunction) {
        let path = self.place(&create.name);
        self.comes_back(&path, "");
        let id = self.id();
        let function = self.declared(create, id);
        let inputs = function.inputs();
        let overloads = self.now.functions.entry(path.clone()).or_default();
        let Some(at) = overloads.iter().position(|known| known.inputs() == inputs) else {
            overloads.push(function);
            self.begin(Holder::Function(id), &path.schema);
            self.touch(id, Aspect::Shape);
            return;
        };
        let Some(known) = overloads.get_mut(at) else { return };
        let function = Function { id: known.id, ..function };
        let reason =
            if create.or_replace { refusal(known, &function) } else { Some("it exists already (42723)") };
        let signature = known.signature(&path);
        if reason.is_none() || self.guarded {
            let id = known.id;
            *known = function;
            self.touch(id, Aspect::Shape);
        }
        if let Some(reason) = reason {
            self.refused(format!("{signature}: {reason}"));
        }
    }

    fn declared(&self, create: &CreateFunction, id: crate::catalogue::Id) -> Function {
        let parameters = create.parameters.iter();
        let parameters =
            parameters.map(|parameter| Parameter { ty: self.resolved(&parameter.ty), ..parameter.clone() });
        Function {
            id,
            parameters: parameters.collect(),
            returns: create.returns.as_ref().map(|ty| self.resolved(ty)),
            set_of: create.set_of,
            returns_table: create.returns_table,
            definer: create.definer,
            search_path: create.search_path.clone(),
            language: create.language.clone(),
            body: create.body.clone(),
            bound: create.bound,
            procedure: create.procedure,
            strict: create.strict,
            stable: create.stable,
        }
    }

    pub(super) fn found(&self, target: &FunctionTarget) -> Option<(Path, usize)> {
        let path = self.now.function_path(&target.name, &self.search)?;
        let inputs: Option<Vec<TypeName>> =
            target.parameters.as_ref().map(|types| types.iter().map(|ty| self.resolved(ty)).collect());
        let id = self.now.function(&path, inputs.as_deref())?.id;
        let at = self.now.functions.get(&path)?.iter().position(|function| function.id == id)?;
        Some((path, at))
    }

    pub(super) fn drop_functions(&mut self, targets: &[FunctionTarget], if_exists: bool, cascade: bool) {
        for target in targets {
            self.drop_function(target, if_exists, cascade);
        }
    }

    fn drop_function(&mut self, target: &FunctionTarget, if_exists: bool, cascade: bool) {
        let Some((path, at)) = self.found(target) else {
            let path = self.place(&target.name);
            if !if_exists || !self.knows(&path.schema) {
                let text = format!("the function {path} goes; the history does not show it");
                self.lost_unseen(path, "", if_exists, Rule::DropFunction, text);
            }
            return;
        };
        let Some(overloads) = self.now.functions.get_mut(&path) else { return };
        let function = overloads.remove(at);
        let last = overloads.is_empty();
        if last {
            self.now.functions.remove(&path);
        }
        self.touch(function.id, Aspect::Gone);
        // Which of several overloads is called is not known here.
        if last && cascade {
            self.cascade_from_function(&path);
        } else if last && self.is_held(&path) {
            self.refused(format!("{path} is in use and does not go without `cascade` (2BP01)"));
        }
    }

    /// What `cascade` takes with a function: triggers, policies, columns, constraints, indexes and views that call it,
    /// and the defaults of columns.
    fn cascade_from_function(&mut self, path: &Path) {
        let mut gone = Vec::new();
        let mut emptied = Vec::new();
        let calls = |sql: &[Token]| calls(sql, &path.name);
        for relation in self.now.relations.values_mut() {
            gone.extend(take_all(&mut relation.triggers, |trigger| trigger.function == *path, |one| one.id));
            gone.extend(take_all(
                &mut relation.indexes,
                |index| index.expressions().any(|sql| calls(sql)),
                |one| one.id,
            ));
            gone.extend(take_all(&mut relation.policies, |policy| policy.calls(&path.name), |one| one.id));
            gone.extend(take_all(
                &mut relation.constraints,
                |held| matches!(&held.rule.kind, ConstraintKind::Check(sql) if calls(sql)),
                |one| one.id,
            ));
            let worked_out =
                |column: &Column| matches!(&column.generated, Some(Generated::Expression(sql)) if calls(sql));
            gone.extend(take_all(&mut relation.columns, worked_out, |one| one.id));
            for column in
                relation.columns.iter_mut().filter(|column| column.default.as_deref().is_some_and(calls))
            {
                column.default = None;
                emptied.push(column.id);
            }
        }
        gone.into_iter().for_each(|id| self.touch(id, Aspect::Gone));
        emptied.into_iter().for_each(|id| self.touch(id, Aspect::Default));
        self.drop_callers(&path.name);
    }

    /// Says that a function does not go without `cascade`, when something calls it.
    fn is_held(&self, path: &Path) -> bool {
        let calls = |sql: &[Token]| calls(sql, &path.name);
        self.now.relations.values().any(|relation| {
            relation.triggers.iter().any(|trigger| trigger.function == *path)
                || relation.policies.iter().any(|policy| policy.calls(&path.name))
                || relation.columns.iter().any(|column| column.default.as_deref().is_some_and(calls))
        })
    }

    pub(super) fn alter_function(&mut self, target: &FunctionTarget, change: &FunctionChange) {
        let Some((path, at)) = self.found(target) else {
            self.alter_unseen_function(target, change);
            return;
        };
        let place = match change {
            FunctionChange::Rename { to } => Path::new(&path.schema, to),
            FunctionChange::Schema { to } => path.in_schema(to),
            FunctionChange::Options(_) | FunctionChange::Owner { .. } => path.clone(),
        };
        let Some(overloads) = self.now.functions.get_mut(&path) else { return };
        let mut function = overloads.remove(at);
        if overloads.is_empty() {
            self.now.functions.remove(&path);
        }
        if let FunctionChange::Options(options) = change {
            function.definer = options.definer.unwrap_or(function.definer);
            function.search_path = options.search_path.clone().or(function.search_path);
            function.strict = options.strict.unwrap_or(function.strict);
            function.stable = options.stable.unwrap_or(function.stable);
        }
        let id = function.id;
        if let FunctionChange::Owner { to } = change
            && function.definer
            && self.is_old(id)
            && !super::access::is_superuser(to)
        {
            let text = format!("{} runs with the rights of {to} now (42501)", function.signature(&path));
            self.event(Rule::FunctionSecurity, Level::NeedsReview, text);
        }
        self.now.functions.entry(place.clone()).or_default().push(function);
        if place == path {
            self.touch(id, Aspect::Shape);
            return;
        }
        for trigger in self.now.relations.values_mut().flat_map(|relation| &mut relation.triggers) {
            if trigger.function == path {
                trigger.function = place.clone();
            }
        }
        self.touch(id, Aspect::Name);
        self.touch(id, Aspect::Gone);
    }

    /// Of a function that the history does not show, what it was is not known, nor what its body does.
    fn alter_unseen_function(&mut self, target: &FunctionTarget, change: &FunctionChange) {
        let path = self.place(&target.name);
        match change {
            FunctionChange::Owner { .. } => {}
            FunctionChange::Options(options) if options.definer.is_none() => {
                if options.strict == Some(true) || options.stable == Some(true) {
                    let text =
                        format!("the function {path} may no longer write, or is null where an argument is");
                    self.event(Rule::FunctionBody, Level::NeedsReview, text);
                }
            }
            _ => {
                let text = format!("the function {path} gets another name or other rights");
                self.event(Rule::FunctionSignature, Level::Breaking, text);
            }
        }
    }
}

/// Whether an expression calls a function of a name.
fn calls(sql: &[Token], name: &str) -> bool {
    sql.windows(2).any(|pair| matches!(pair, [called, open] if called.name() == Some(name) && open.is("(")))
}

/// Takes what fits out of a list, and tells their ids.
fn take_all<T>(all: &mut Vec<T>, fits: impl Fn(&T) -> bool, id: impl Fn(&T) -> Id) -> Vec<Id> {
    let gone = all.iter().filter(|one| fits(one)).map(id).collect();
    all.retain(|one| !fits(one));
    gone
}

/// Why PostgreSQL does not replace a function by another (docs, `CREATE FUNCTION`, notes; all 42P13).
fn refusal(known: &Function, new: &Function) -> Option<&'static str> {
    if known.procedure != new.procedure {
        return Some("a function cannot replace a procedure, nor a procedure a function (42809)");
    }
    if known.language == "internal" || known.procedure {
        return None;
    }
    if known.returns != new.returns || known.set_of != new.set_of || known.outputs() != new.outputs() {
        return Some("`create or replace` cannot change what a function returns (42P13)");
    }
    for (old, new) in known.input_parameters().zip(new.input_parameters()) {
        if old.name.is_some() && old.name != new.name {
            return Some("`create or replace` cannot rename a parameter (42P13)");
        }
        if old.default && !new.default {
            return Some("`create or replace` cannot take a default from a parameter (42P13)");
        }
    }
    None
}

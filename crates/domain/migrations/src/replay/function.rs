//! Functions.

use super::{Aspect, Replay};
use crate::catalogue::{Function, Holder};
use crate::name::Path;
use crate::rule::{Level, Rule};
use crate::statement::{CreateFunction, FunctionChange, FunctionTarget, Parameter};
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
            language: create.language.clone(),
            body: create.body.clone(),
            procedure: create.procedure,
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
        if overloads.is_empty() {
            self.now.functions.remove(&path);
        }
        self.touch(function.id, Aspect::Gone);
        if cascade {
            self.cascade_from_function(&path);
        }
    }

    /// What `cascade` takes with a function: triggers, and defaults that call it.
    fn cascade_from_function(&mut self, path: &Path) {
        let mut gone = Vec::new();
        let mut emptied = Vec::new();
        for relation in self.now.relations.values_mut() {
            gone.extend(
                relation
                    .triggers
                    .iter()
                    .filter(|trigger| trigger.function == *path)
                    .map(|trigger| trigger.id),
            );
            relation.triggers.retain(|trigger| trigger.function != *path);
            for column in &mut relation.columns {
                if column
                    .default
                    .as_ref()
                    .is_some_and(|default| crate::catalogue::mentions(default, &path.name))
                {
                    column.default = None;
                    emptied.push(column.id);
                }
            }
        }
        gone.into_iter().for_each(|id| self.touch(id, Aspect::Gone));
        emptied.into_iter().for_each(|id| self.touch(id, Aspect::Default));
    }

    pub(super) fn alter_function(&mut self, target: &FunctionTarget, change: &FunctionChange) {
        let Some((path, at)) = self.found(target) else {
            if !matches!(change, FunctionChange::Options { definer: None }) {
                let path = self.place(&target.name);
                self.event(
                    Rule::FunctionSignature,
                    Level::Breaking,
                    format!("the function {path} gets another name or other rights"),
                );
            }
            return;
        };
        let place = match change {
            FunctionChange::Rename { to } => Path::new(&path.schema, to),
            FunctionChange::Schema { to } => path.in_schema(to),
            FunctionChange::Options { .. } => path.clone(),
        };
        let Some(overloads) = self.now.functions.get_mut(&path) else { return };
        let mut function = overloads.remove(at);
        if overloads.is_empty() {
            self.now.functions.remove(&path);
        }
        if let FunctionChange::Options { definer: Some(definer) } = change {
            function.definer = *definer;
        }
        let id = function.id;
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

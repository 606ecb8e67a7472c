//! New defaults of old columns: what running code leaves out gets another value, which may be refused.

use super::Judge;
use super::check::expression;
use super::effect;
use super::evaluate::{self, Value};
use crate::catalogue::{Column, Function, Holder, Relation};
use crate::cursor::Cursor;
use crate::lower;
use crate::name::Path;
use crate::replay::Aspect;
use crate::rule::Rule;
use crate::statement::ConstraintKind;
use crate::syntax::{self, Body, Step};
use crate::token::{Kind, Token, line, split_commas};
use crate::types::Moment;

impl Judge<'_> {
    /// Judges the default of a column that was there before.
    pub(super) fn new_default(&mut self, path: &Path, relation: &Relation, old: &Column, new: &Column) {
        let Some(default) = &new.default else { return };
        if old.default.as_ref().is_some_and(|before| line(before) == line(default)) {
            return;
        }
        self.other_sequence(path, old, new, default);
        // Who must give a value never asks for the default.
        if old.fills_itself() || !old.not_null {
            self.called_default(path, relation, new, Rule::DropDefault);
        }
        let value = evaluate::value(default, &|_| Value::Unknown);
        if matches!(value, Value::Null | Value::Unknown | Value::Something) {
            return;
        }
        self.refused_default(path, relation, new, &value);
        self.pointing_default(path, relation, new);
    }

    /// A default that calls a function which may fail, may not be called, or gives nothing to a column that needs it.
    pub(super) fn called_default(&mut self, path: &Path, relation: &Relation, column: &Column, null: Rule) {
        let Some(sql) = column.default.as_ref().filter(|_| column.generated.is_none()) else { return };
        let of = (column.id, Aspect::Default);
        let what = format!("the default of {path}.{}", column.name);
        if asks_for_a_setting(sql) {
            let message = format!("{what} reads a setting that may not be there (42704)");
            self.review(Rule::NewWriteRestriction, of, message);
        }
        let search = [String::from("public")];
        let own = lower::calls(sql).into_iter().filter_map(|name| {
            let path = self.now().function_path(&name, &search)?;
            self.now().functions.get(&path)?.first()
        });
        for function in own.collect::<Vec<_>>() {
            if may_raise(function) {
                let message = format!("{what} calls a function that may fail (P0001, 42704)");
                self.review(Rule::NewWriteRestriction, of, message);
            }
            if !self.may_be_called(relation, function) {
                let message = format!("{what} calls a function that who writes may not call (42501)");
                self.review(Rule::NewWriteRestriction, of, message);
            }
            let alone = matches!(sql.as_slice(), [.., close] if close.is(")"))
                && !sql.first().is_some_and(|first| first.is("coalesce"));
            if column.not_null && alone && may_give_null(function) {
                let message = format!("{what} may be null, and the column takes none (23502)");
                self.review(null, of, message);
            }
        }
    }

    /// Whether all who may insert, as far as migrations tell, may call a function.
    fn may_be_called(&self, relation: &Relation, function: &Function) -> bool {
        let (grants, holder) = (&self.now().grants, Holder::Function(function.id));
        let table = Holder::Relation(relation.id);
        let mut writers = grants.all().filter(|(of, _, privilege, _)| *of == table && *privilege == "insert");
        let anybody = || grants.all().any(|(of, _, privilege, _)| of == holder && privilege == "execute");
        anybody() && writers.all(|(_, role, _, _)| grants.has(holder, role, "execute", None))
    }

    fn refused_default(&mut self, path: &Path, relation: &Relation, column: &Column, value: &Value) {
        let of = (column.id, Aspect::Default);
        let name = &column.name;
        let given = |other: &str| if other == name { value.clone() } else { Value::Unknown };
        let checks = relation.constraints.iter().filter(|held| expression(&held.rule).is_some());
        for held in checks {
            let refuses =
                expression(&held.rule).is_some_and(|sql| evaluate::value(sql, &given) == Value::Bool(false));
            if refuses {
                let message = format!("{} refuses the new default of {path}.{name} (23514)", held.name);
                self.breaking(Rule::NewWriteRestriction, of, message);
            }
        }
        let domains = column.ty.as_ref().map(|ty| self.now().domains(ty)).unwrap_or_default();
        let of_value = |word: &str| if word == "value" { value.clone() } else { Value::Unknown };
        let mut checks =
            domains.iter().flat_map(|domain| &domain.checks).filter_map(|(_, check)| expression(check));
        if checks.any(|sql| evaluate::value(sql, &of_value) == Value::Bool(false)) {
            let message = format!("the domain of {path}.{name} refuses its new default (23514)");
            self.breaking(Rule::NewWriteRestriction, of, message);
        }
        let alone = |parts: &[String]| parts.iter().all(|part| part == name);
        if relation.keys().iter().any(|key| key.predicate.is_none() && alone(&key.parts)) {
            let message = format!(
                "{path}.{name} is unique, and all who leave it out get one and the same default (23505)"
            );
            self.breaking(Rule::AddUnique, of, message);
        }
        // One that is refused where it is declared fails the migration, and is told there.
        let misfit = column.ty.as_ref().zip(column.default.as_deref()).and_then(|(ty, default)| {
            let found = self.now().misfit(ty, default)?;
            (found.moment == Moment::WorkedOut).then_some((ty, found.code))
        });
        if let Some((ty, code)) = misfit {
            let message = format!("the new default of {path}.{name} does not fit in {ty} ({code})");
            self.breaking(Rule::NewWriteRestriction, of, message);
        }
    }

    fn pointing_default(&mut self, path: &Path, relation: &Relation, column: &Column) {
        let points = relation.constraints.iter().any(|held| match &held.rule.kind {
            ConstraintKind::Foreign(foreign) => foreign.columns.contains(&column.name),
            _ => false,
        });
        if points {
            let message = format!(
                "every insert that leaves {path}.{} out points to the row of its new default (23503)",
                column.name
            );
            self.review(Rule::NewWriteRestriction, (column.id, Aspect::Default), message);
        }
    }

    /// Numbers from another sequence may be in use.
    fn other_sequence(&mut self, path: &Path, old: &Column, new: &Column, default: &[Token]) {
        let counted = |sql: &[Token]| sql.first().is_some_and(|token| token.is("nextval"));
        let own = format!("{}_{}_seq", path.name, new.name);
        let literal = default.iter().find(|token| token.kind == Kind::Text);
        let same = literal.is_some_and(|token| token.text.trim_matches('"').rsplit('.').next() == Some(&own));
        let serial = old.default.as_ref().is_some_and(|before| line(before) == "nextval ( serial )");
        let before = old.default.as_ref().is_some_and(|before| counted(before)) || old.generated.is_some();
        if before && counted(default) && !(serial && same) {
            let message =
                format!("{path}.{} counts with another sequence: its values may be in use (23505)", new.name);
            self.review(Rule::AlterSequence, (new.id, Aspect::Default), message);
        }
    }
}

/// Whether it calls `current_setting` for a setting of an application's own, and not with `true` for what is missing.
fn asks_for_a_setting(sql: &[Token]) -> bool {
    let call = |at: usize| -> Option<&[Token]> {
        sql.get(at).filter(|token| token.is("current_setting"))?;
        Cursor::new(sql.get(at + 1..)?).brackets()
    };
    (0..sql.len()).filter_map(call).any(|inner| match split_commas(inner).as_slice() {
        [[name]] if name.kind == Kind::Text => name.text.contains('.'),
        [_] => true,
        [_, missing] => line(missing) == "false",
        _ => false,
    })
}

fn words(function: &Function) -> Vec<Token> {
    let told = ["sql", "plpgsql"].contains(&function.language.as_str());
    function.body.as_ref().filter(|_| told).map(|body| syntax::words(&body.text)).unwrap_or_default()
}

/// Whether a function raises an error of its own, or reads a setting that may not be there.
fn may_raise(function: &Function) -> bool {
    let raises = |body: Body| syntax::flat(&body.steps).any(|step| matches!(step, Step::Raise { .. }));
    asks_for_a_setting(&words(function)) || effect::read(function).is_some_and(raises)
}

/// Whether a function may return null, as far as its text tells.
fn may_give_null(function: &Function) -> bool {
    if function.language == "sql" {
        let words = words(function);
        let sure = words
            .get(1)
            .is_some_and(|word| ["coalesce", "count", "exists"].iter().any(|known| word.is(known)));
        return !sure && doubtful(&words);
    }
    let Some(body) = effect::read(function) else { return false };
    let steps: Vec<&Step> = syntax::flat(&body.steps).collect();
    // A variable that nothing is assigned to is null, or what a query found, if it found anything.
    let of_variable = |name: &str| {
        let mut given = steps.iter().filter_map(|step| match step {
            Step::Assign { name: other, value, .. } | Step::Declare { name: other, value, .. } => {
                (other == name && !value.is_empty()).then_some(value)
            }
            _ => None,
        });
        let declared =
            steps.iter().any(|step| matches!(step, Step::Declare { name: other, .. } if other == name));
        let first = given.next();
        declared && first.is_none_or(|value| doubtful(value) || given.any(|value| doubtful(value)))
    };
    steps.iter().any(|step| match step {
        Step::Return { value, .. } => match value.as_slice() {
            [variable] if variable.name().is_some() => {
                variable.is("null") || variable.name().is_some_and(of_variable)
            }
            value => doubtful(value),
        },
        _ => false,
    })
}

/// Whether an expression finds what may not be there.
fn doubtful(sql: &[Token]) -> bool {
    let words = ["null", "from", "nullif", "current_setting", "auth"];
    let caught = sql.first().is_some_and(|first| first.is("coalesce"));
    !caught && sql.iter().any(|token| words.iter().any(|word| token.is(word)))
}

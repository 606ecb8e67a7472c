//! New defaults of old columns: what running code leaves out gets another value, which may be refused.

use super::Judge;
use super::check::expression;
use super::evaluate::{self, Value};
use crate::catalogue::{Column, Relation};
use crate::name::Path;
use crate::replay::Aspect;
use crate::rule::Rule;
use crate::statement::ConstraintKind;
use crate::token::{Kind, Token, line};
use crate::types::Moment;

impl Judge<'_> {
    /// Judges the default of a column that was there before.
    pub(super) fn new_default(&mut self, path: &Path, relation: &Relation, old: &Column, new: &Column) {
        let Some(default) = &new.default else { return };
        if old.default.as_ref().is_some_and(|before| line(before) == line(default)) {
            return;
        }
        self.other_sequence(path, old, new, default);
        let value = evaluate::value(default, &|_| Value::Unknown);
        if matches!(value, Value::Null | Value::Unknown | Value::Something) {
            return;
        }
        self.refused_default(path, relation, new, &value);
        self.pointing_default(path, relation, new);
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

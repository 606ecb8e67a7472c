//! Columns of a table that is still there.

use super::Judge;
use super::check::expression;
use super::evaluate::{self, Value};
use super::types::Change;
use crate::catalogue::{Column, Relation};
use crate::name::Path;
use crate::replay::Aspect;
use crate::rule::Rule;
use crate::statement::Generated;
use crate::token::{Kind, Token, line};

impl Judge<'_> {
    pub(super) fn columns(&mut self, path: &Path, old: &Relation, new: &Relation) {
        for column in &old.columns {
            match new.columns.iter().find(|other| other.id == column.id) {
                Some(other) => {
                    self.column(path, column, other);
                    self.nullability(path, old, column, other);
                    self.new_default(path, new, column, other);
                }
                None => self.lost(path, column, new),
            }
        }
        let replay = self.replay;
        for column in new.columns.iter().filter(|column| !replay.is_old(column.id)) {
            self.added(path, old, new, column);
        }
    }

    fn lost(&mut self, path: &Path, column: &Column, new: &Relation) {
        let name = &column.name;
        let message = match new.column(name) {
            Some(_) => format!("{path}.{name} is dropped and made anew: its values are gone"),
            None => format!("the column {path}.{name} goes (42703)"),
        };
        self.breaking(Rule::DropColumn, (column.id, Aspect::Gone), message);
    }

    fn added(&mut self, path: &Path, old: &Relation, relation: &Relation, column: &Column) {
        if let Some(Generated::Expression(sql)) = &column.generated {
            self.made_of_others(path, old, relation, column, sql);
        }
        self.called_default(path, relation, column, Rule::AddRequiredColumn);
        let value = left_out(column);
        if self.refused_by_its_domain(path, column) || !column.not_null {
            return;
        }
        if value != Value::Null {
            if column.default.as_deref().is_some_and(may_be_null) {
                let message = format!(
                    "{path}.{} is new and not null, and its default may be null (23502)",
                    column.name
                );
                self.review(Rule::AddRequiredColumn, (column.id, Aspect::Null), message);
            }
            return;
        }
        if self.is_filled_by_a_trigger(relation, &column.name) {
            let message = format!("{path}.{} is new and not null, and only a trigger fills it", column.name);
            self.review(Rule::AddRequiredColumn, (column.id, Aspect::Null), message);
            return;
        }
        let name = &column.name;
        let message = format!(
            "{path}.{name} is new, not null and has no default: inserts that do not know it fail (23502)"
        );
        let defaulted = self.replay.touches.get(&(column.id, Aspect::Default));
        let made = self.replay.touches.get(&(column.id, Aspect::Shape));
        if defaulted > made {
            self.breaking(Rule::DropDefault, (column.id, Aspect::Default), message);
        } else {
            self.breaking(Rule::AddRequiredColumn, (column.id, Aspect::Null), message);
        }
    }

    /// Whether the domain of a new column, as it is in the end, refuses what inserts that leave the column out give it.
    fn refused_by_its_domain(&mut self, path: &Path, column: &Column) -> bool {
        let domains = column.ty.as_ref().map(|ty| self.now().domains(ty)).unwrap_or_default();
        let Some(outermost) = domains.first() else { return false };
        let value = match (&column.default, &outermost.default) {
            (None, Some(default)) => evaluate::value(default, &|_| Value::Unknown),
            _ => left_out(column),
        };
        let name = &column.name;
        if domains.iter().any(|domain| domain.not_null) && value == Value::Null {
            let message = format!("{path}.{name} is new, and its domain takes no null: inserts fail (23502)");
            self.breaking(Rule::AddRequiredColumn, (column.id, Aspect::Null), message);
            return true;
        }
        let given = |word: &str| if word == "value" { value.clone() } else { Value::Unknown };
        let mut checks =
            domains.iter().flat_map(|domain| &domain.checks).filter_map(|(_, check)| expression(check));
        let refused = checks.any(|sql| evaluate::value(sql, &given) == Value::Bool(false));
        if refused {
            let message =
                format!("{path}.{name} is new, and its domain refuses what it is by default (23514)");
            self.breaking(Rule::NewWriteRestriction, (column.id, Aspect::Shape), message);
        }
        refused
    }

    fn column(&mut self, path: &Path, old: &Column, new: &Column) {
        let name = &old.name;
        if old.name != new.name {
            let message = format!("the column {path}.{name} is called {} now (42703)", new.name);
            self.breaking(Rule::RenameColumn, (old.id, Aspect::Name), message);
        }
        self.column_type(path, old, new);
        self.value(path, old, new);
    }

    fn nullability(&mut self, path: &Path, relation: &Relation, old: &Column, new: &Column) {
        let (of, name) = ((old.id, Aspect::Null), &old.name);
        if new.not_null && !old.not_null && !refuses_null(relation, name) {
            self.breaking(Rule::SetNotNull, of, format!("{path}.{name} takes no null any more (23502)"));
        }
        if old.not_null && !new.not_null {
            self.review(
                Rule::DropNotNull,
                of,
                format!("{path}.{name} may be null now: code that reads it may not expect that"),
            );
        }
    }

    fn column_type(&mut self, path: &Path, old: &Column, new: &Column) {
        let (Some(from), Some(to)) = (&old.ty, &new.ty) else { return };
        let of = (old.id, Aspect::Type);
        let name = &old.name;
        match self.type_change(from, to) {
            Change::Breaking => {
                self.breaking(
                    Rule::TypeIncompatible,
                    of,
                    format!("{path}.{name} turns from {from} into {to}"),
                );
            }
            Change::Doubtful => {
                let message = format!(
                    "{path}.{name} turns from {from} into {to}: SQL goes on, drivers and cached plans may not"
                );
                self.review(Rule::TypeIncompatible, of, message);
            }
            Change::None if old.collation != new.collation => {
                self.review(
                    Rule::TypeIncompatible,
                    of,
                    format!("{path}.{name} sorts and compares by another collation"),
                );
            }
            Change::None => {}
        }
    }

    /// What a column is given when an insert leaves it out.
    fn value(&mut self, path: &Path, old: &Column, new: &Column) {
        let of = (old.id, Aspect::Default);
        let name = &old.name;
        match (&old.generated, &new.generated) {
            (None | Some(Generated::IdentityByDefault), Some(Generated::IdentityAlways)) => {
                self.breaking(
                    Rule::Identity,
                    of,
                    format!("{path}.{name} is always generated now: a value for it is refused (428C9)"),
                );
            }
            (
                None | Some(Generated::IdentityAlways | Generated::IdentityByDefault),
                Some(Generated::Expression(_)),
            ) => {
                self.breaking(
                    Rule::Identity,
                    of,
                    format!("{path}.{name} is an expression now: a value for it is refused (428C9)"),
                );
            }
            (Some(Generated::Expression(before)), Some(Generated::Expression(after)))
                if line(before) != line(after) =>
            {
                self.review(Rule::Identity, of, format!("{path}.{name} is worked out in another way"));
            }
            _ if left_out(old) != Value::Null && left_out(new) == Value::Null => {
                self.lost_default(path, old, new)
            }
            _ => {}
        }
    }

    fn lost_default(&mut self, path: &Path, old: &Column, new: &Column) {
        let of = (old.id, Aspect::Default);
        let name = &old.name;
        if new.not_null {
            let message =
                format!("{path}.{name} has no default any more: inserts that leave it out fail (23502)");
            self.breaking(Rule::DropDefault, of, message);
        } else {
            self.review(
                Rule::DropDefault,
                of,
                format!("{path}.{name} has no default any more: inserts that leave it out make it null"),
            );
        }
    }
}

/// What a column is in a row that is inserted without it.
fn left_out(column: &Column) -> Value {
    match (&column.generated, &column.default) {
        (Some(_), _) => Value::Something,
        (None, None) => Value::Null,
        (None, Some(default)) => evaluate::value(default, &|_| Value::Unknown),
    }
}

/// Whether a default depends on the session, or on a comparison that is not known here.
fn may_be_null(default: &[Token]) -> bool {
    let asks = |tokens: &[Token]| match tokens {
        // One of PostgreSQL's own is always there.
        [setting, _, name, ..] if setting.is("current_setting") => {
            name.kind != Kind::Text || name.text.contains('.')
        }
        [first, ..] => ["current_setting", "auth", "nullif"].iter().any(|word| first.is(word)),
        [] => false,
    };
    (0..default.len()).filter_map(|at| default.get(at..)).any(asks)
}

/// Whether a check refuses a null in a column, validated or not: both hold for what is written.
fn refuses_null(relation: &Relation, name: &str) -> bool {
    let given = |other: &str| if other == name { Value::Null } else { Value::Unknown };
    let mut checks = relation.constraints.iter().filter_map(|held| expression(&held.rule));
    checks.any(|sql| evaluate::value(sql, &given) == Value::Bool(false))
}

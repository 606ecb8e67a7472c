//! New columns that are worked out from others: what running code writes into the old ones decides whether they stand.

use super::Judge;
use super::evaluate::{self, Value};
use crate::catalogue::{Column, Relation, mentions};
use crate::name::Path;
use crate::replay::Aspect;
use crate::rule::Rule;
use crate::statement::Generated;
use crate::token::{Kind, Token};

impl Judge<'_> {
    /// Judges a new column that is worked out.
    pub(super) fn made_of_others(
        &mut self,
        path: &Path,
        old: &Relation,
        new: &Relation,
        column: &Column,
        sql: &[Token],
    ) {
        if !self.is_made_of_old(new, column) {
            return;
        }
        let name = &column.name;
        if column.not_null {
            let message =
                format!("{path}.{name} is not null and worked out from columns that may be null (23502)");
            match self.when_null(old, new, sql) {
                Some(Value::Null) => {
                    self.breaking(Rule::AddRequiredColumn, (column.id, Aspect::Null), message)
                }
                Some(Value::Unknown) => {
                    self.review(Rule::AddRequiredColumn, (column.id, Aspect::Null), message);
                }
                _ => {}
            }
        }
        if may_fail(sql) {
            let message =
                format!("{path}.{name} is worked out by a cast or a division that may fail (22P02, 22012)");
            self.review(Rule::NewWriteRestriction, (column.id, Aspect::Shape), message);
        }
    }

    /// Whether a column is worked out from one that was there before.
    pub(super) fn is_made_of_old(&self, relation: &Relation, column: &Column) -> bool {
        let Some(Generated::Expression(sql)) = &column.generated else { return false };
        relation.columns.iter().any(|other| self.is_old(other.id) && mentions(sql, &other.name))
    }

    /// What a worked out column is in the rows that running code writes.
    pub(super) fn worked_out(&self, old: &Relation, new: &Relation, sql: &[Token]) -> Value {
        let value = evaluate::value(sql, &|name| self.input(old, new, name));
        match value {
            Value::Unknown if self.when_null(old, new, sql).is_none() => Value::Something,
            value => value,
        }
    }

    /// What an expression comes to where its columns that may be null are, each alone or all of them: the worst of
    /// it. `None` where nothing in it may be null.
    fn when_null(&self, old: &Relation, new: &Relation, sql: &[Token]) -> Option<Value> {
        let maybe = |column: &&Column| {
            mentions(sql, &column.name)
                && matches!(self.input(old, new, &column.name), Value::Unknown | Value::Null)
        };
        let nullable: Vec<&str> =
            new.columns.iter().filter(maybe).map(|column| column.name.as_str()).collect();
        let with = |nulls: &[&str]| {
            evaluate::value(sql, &|name| {
                if nulls.contains(&name) { Value::Null } else { self.input(old, new, name) }
            })
        };
        let alone = nullable.iter().map(|name| with(&[name]));
        let found: Vec<Value> = alone.chain((!nullable.is_empty()).then(|| with(&nullable))).collect();
        let opaque = sql.iter().any(|token| token.is("nullif")) || self.calls_own_functions(sql);
        [Value::Null, Value::Unknown]
            .into_iter()
            .find(|worst| found.contains(worst))
            .or_else(|| opaque.then_some(Value::Unknown))
    }

    /// A worked out column is made of plain ones alone (PostgreSQL docs, generated columns).
    fn input(&self, old: &Relation, new: &Relation, name: &str) -> Value {
        match new.column(name).map(|column| &column.generated) {
            Some(Some(Generated::Expression(_))) => Value::Unknown,
            _ => self.written(old, new, name),
        }
    }
}

/// Whether an expression casts to what does not take every text, or divides by what may be zero.
fn may_fail(sql: &[Token]) -> bool {
    let divides = |pair: &[Token]| {
        let [operator, by] = pair else { return false };
        let zero = by.text.parse::<f64>().is_ok_and(|number| number == 0.0);
        (operator.is("/") || operator.is("%")) && (by.kind != Kind::Number || zero)
    };
    let casts = |pair: &[Token]| {
        let [operator, to] = pair else { return false };
        (operator.is("::") || operator.is("as")) && !to.is("text")
    };
    // What is cast to a text first is no column: `'x'::regconfig`.
    let constant = |triple: &[Token]| matches!(triple, [from, _, _] if from.kind == Kind::Text);
    sql.windows(2).any(divides)
        || sql.windows(3).any(|triple| !constant(triple) && triple.get(1..).is_some_and(casts))
}
